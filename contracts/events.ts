/**
 * SageMaker's events on EventBridge, read leniently: types are loose, one change may send several events, metadata-only
 * updates send one as well, and delivery is best effort. So an event is only a hint; the truth is read by Describe.
 */
import * as z from "zod";

const loose = z.looseObject;

export const ModelPackageEvent = z.object({
  "detail-type": z.literal("SageMaker Model Package State Change"),
  detail: loose({
    ModelPackageArn: z.string(),
    ModelPackageGroupName: z.string().nullish(),
    ModelApprovalStatus: z.string().nullish(),
  }),
});
export const TrainingJobEvent = z.object({
  "detail-type": z.literal("SageMaker Training Job State Change"),
  detail: loose({ TrainingJobName: z.string(), TrainingJobArn: z.string(), TrainingJobStatus: z.string() }),
});
export const ProcessingJobEvent = z.object({
  "detail-type": z.literal("SageMaker Processing Job State Change"),
  detail: loose({ ProcessingJobName: z.string(), ProcessingJobArn: z.string() }),
});
export const TransformJobEvent = z.object({
  "detail-type": z.literal("SageMaker Transform Job State Change"),
  detail: loose({ TransformJobName: z.string(), TransformJobArn: z.string() }),
});
export const EndpointEvent = z.object({
  "detail-type": z.literal("SageMaker Endpoint State Change"),
  detail: loose({ EndpointName: z.string(), EndpointArn: z.string(), EndpointStatus: z.string() }),
});
/** The events that the lineage recorder reads. */
export const SageMakerEvent = z.discriminatedUnion("detail-type", [
  ModelPackageEvent,
  TrainingJobEvent,
  ProcessingJobEvent,
  TransformJobEvent,
  EndpointEvent,
]);
export type SageMakerEvent = z.infer<typeof SageMakerEvent>;
export const sagemakerDetailTypes = SageMakerEvent.options.map((option) => option.shape["detail-type"].value);

/** The ARN of what an event is about; all else that the event says may be old. */
export function subjectOf(event: SageMakerEvent): string {
  switch (event["detail-type"]) {
    case "SageMaker Model Package State Change":
      return event.detail.ModelPackageArn;
    case "SageMaker Training Job State Change":
      return event.detail.TrainingJobArn;
    case "SageMaker Processing Job State Change":
      return event.detail.ProcessingJobArn;
    case "SageMaker Transform Job State Change":
      return event.detail.TransformJobArn;
    case "SageMaker Endpoint State Change":
      return event.detail.EndpointArn;
  }
}
