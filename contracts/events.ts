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
export const EndpointEvent = z.object({
  "detail-type": z.literal("SageMaker Endpoint State Change"),
  detail: loose({ EndpointName: z.string(), EndpointArn: z.string(), EndpointStatus: z.string() }),
});
/** The events that the lineage recorder reads. */
export const SageMakerEvent = z.discriminatedUnion("detail-type", [ModelPackageEvent, TrainingJobEvent, EndpointEvent]);
export type SageMakerEvent = z.infer<typeof SageMakerEvent>;
export const sagemakerDetailTypes = SageMakerEvent.options.map((option) => option.shape["detail-type"].value);
