import { allow, arnOf } from "../../contracts/iam.ts";
import { invoke, notify, retryCall } from "../calls.ts";
import { catchAll, expression as e, plain, type Steps, task } from "../states.ts";
import { modelPackage, packet } from "./package.ts";
import { onFailure, predictions, type SubmissionRefs } from "./refs.ts";

/** Figures, verdict, and the entry in the registry that holds both. */
export function judgeSteps(refs: SubmissionRefs): Steps {
  const packages = arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`);
  const group = arnOf(refs, "sagemaker", `model-package-group/${refs.modelPackageGroup}`);
  return {
    Evaluate: invoke({
      function: refs.functions.evaluate,
      partition: refs.partition,
      payload: {
        submissionId: e("$submission.submissionId"),
        featuresUri: e("$staged.featuresUri"),
        labelsUri: e("$staged.labelsUri"),
        predictionsPrefix: e(`${predictions(refs)} & '/'`),
        datasetVersion: e("$staged.lineage.datasetVersion"),
        artifactDigest: e("$staged.lineage.artifactDigest"),
      },
      assign: { evaluation: e("$states.result.Payload") },
      catch: [catchAll(onFailure)],
      next: "Gate",
    }),
    Gate: invoke({
      function: refs.functions.gate,
      partition: refs.partition,
      payload: { evaluation: e("$evaluation"), modelPackageGroupName: refs.modelPackageGroup },
      assign: { verdict: e("$states.result.Payload") },
      catch: [catchAll(onFailure)],
      next: "RegisterPackage",
    }),
    RegisterPackage: task({
      integration: "aws-sdk:sagemaker:createModelPackage",
      partition: refs.partition,
      arguments: modelPackage(refs),
      assign: { modelPackageArn: e("$states.result.ModelPackageArn"), packet: packet(refs) },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll(onFailure)],
      next: "GatePassed",
      grants: [
        allow("RegisterUndecided", "sagemaker:CreateModelPackage", [packages, group], {
          // Whoever registers can never approve.
          StringEquals: { "sagemaker:ModelApprovalStatus": ["PendingManualApproval", "Rejected"] },
        }),
      ],
    }),
    GatePassed: plain({
      Type: "Choice",
      Choices: [{ Condition: e("$verdict.passed"), Next: "RequestApproval" }],
      Default: "NotifyRejected",
    }),
    NotifyRejected: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a model was stopped by the gate`,
      message: e("$modelPackageArn & ' was rejected by the gate: ' & $join($verdict.reasons, ' ')"),
      next: "Rejected",
    }),
    Rejected: plain({
      Type: "Succeed",
      Output: { modelPackageArn: e("$modelPackageArn"), decision: "Rejected", reasons: e("$verdict.reasons") },
    }),
  };
}
