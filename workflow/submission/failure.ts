import { allow, arnOf } from "../../contracts/iam.ts";
import { notify, retryBriefly, retryCall } from "../calls.ts";
import { catchAll, expression as e, goOn, plain, type Step, type Steps, task } from "../states.ts";
import { prefix, type SubmissionRefs } from "./refs.ts";

/** What the test made is removed by name, whether it came to exist or not; then the first failure is told. */
export function failureSteps(refs: SubmissionRefs): Steps {
  return {
    StopBatchTest: task({
      integration: "aws-sdk:sagemaker:stopTransformJob",
      partition: refs.partition,
      comment: "A job that never was or has ended cannot be stopped; that is what was wanted.",
      arguments: { TransformJobName: e("$batchTest") },
      timeoutSeconds: 60,
      retry: retryBriefly(),
      catch: [goOn("RemoveTestModel")],
      next: "RemoveTestModel",
      grants: [
        allow(
          "StopBatchTest",
          "sagemaker:StopTransformJob",
          arnOf(refs, "sagemaker", `transform-job/${prefix(refs)}-*`),
        ),
      ],
    }),
    RemoveTestModel: deleteTestModel(refs, { next: "NotifyFailure" }),
    NotifyFailure: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a submission failed`,
      message: e(
        "'Submission ' & $submission.submissionId & ' of training job ' & $submission.trainingJobName & ' failed: ' & " +
          "$failure.Error & ': ' & $failure.Cause",
      ),
      next: "Failed",
    }),
    Failed: plain({ Type: "Fail", Error: e("$failure.Error"), Cause: e("$failure.Cause") }),
  };
}

/** Deletes the test model; where `onFailure` is not given, a model that cannot be deleted stops nothing. */
export function deleteTestModel(refs: SubmissionRefs, way: { next: string; onFailure?: string }): Step {
  return task({
    integration: "aws-sdk:sagemaker:deleteModel",
    partition: refs.partition,
    arguments: { ModelName: e("$testModel") },
    timeoutSeconds: 60,
    retry: way.onFailure ? retryCall() : retryBriefly(),
    catch: [way.onFailure ? catchAll(way.onFailure) : goOn(way.next)],
    next: way.next,
    grants: [
      allow("DeleteTestModel", "sagemaker:DeleteModel", arnOf(refs, "sagemaker", `model/${prefix(refs)}-test-*`)),
    ],
  });
}
