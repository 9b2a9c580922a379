/** Events about the world's subjects. */

/** An event about a subject, as EventBridge hands it over. */
export function eventOf(arn: string): object {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  if (arn.includes(":training-job/"))
    return {
      "detail-type": "SageMaker Training Job State Change",
      detail: { TrainingJobName: name, TrainingJobArn: arn, TrainingJobStatus: "?" },
    };
  if (arn.includes(":transform-job/"))
    return {
      "detail-type": "SageMaker Transform Job State Change",
      detail: { TransformJobName: name, TransformJobArn: arn },
    };
  if (arn.includes(":model-package/"))
    return { "detail-type": "SageMaker Model Package State Change", detail: { ModelPackageArn: arn } };
  return {
    "detail-type": "SageMaker Endpoint State Change",
    detail: { EndpointName: name, EndpointArn: arn, EndpointStatus: "IN_SERVICE" },
  };
}
