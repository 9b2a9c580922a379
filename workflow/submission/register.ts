import { allow, arnOf } from "../../contracts/iam.ts";
import { packageKeys } from "../../contracts/lineage.ts";
import { withoutAnswer } from "../../contracts/tasks.ts";
import { notify, retryCall } from "../calls.ts";
import { catchAll, expression as e, plain, type Steps, task } from "../states.ts";
import { modelPackage, packet } from "./package.ts";
import { onFailure, type SubmissionRefs } from "./refs.ts";

/**
 * The entry in the registry. One submission is one package, whoever starts it and how often: the client token is the
 * submission's. Whose package it is, its metadata tell, so that an execution never asks for or withdraws another one's.
 */
export function registerSteps(refs: SubmissionRefs): Steps {
  const packages = arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`);
  const group = arnOf(refs, "sagemaker", `model-package-group/${refs.modelPackageGroup}`);
  const properties = "$registered.CustomerMetadataProperties";
  const endedAlone = withoutAnswer.map((by) => `'${by}'`).join(", ");
  return {
    RegisterPackage: task({
      integration: "aws-sdk:sagemaker:createModelPackage",
      partition: refs.partition,
      arguments: modelPackage(refs),
      assign: { modelPackageArn: e("$states.result.ModelPackageArn") },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll(onFailure)],
      next: "LookAtPackage",
      grants: [
        allow("RegisterUndecided", "sagemaker:CreateModelPackage", [packages, group], {
          // Whoever registers can never approve.
          StringEquals: { "sagemaker:ModelApprovalStatus": ["PendingManualApproval", "Rejected"] },
        }),
      ],
    }),
    LookAtPackage: task({
      integration: "aws-sdk:sagemaker:describeModelPackage",
      partition: refs.partition,
      arguments: { ModelPackageName: e("$modelPackageArn") },
      assign: {
        registered: e(
          "{'ModelApprovalStatus': $states.result.ModelApprovalStatus, " +
            "'CustomerMetadataProperties': $states.result.CustomerMetadataProperties}",
        ),
      },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll(onFailure)],
      next: "WhosePackage",
      grants: [allow("LookAtPackage", "sagemaker:DescribeModelPackage", packages)],
    }),
    WhosePackage: plain({
      Type: "Choice",
      Choices: [
        {
          Condition: e(`$lookup(${properties}, '${packageKeys.execution}') = $states.context.Execution.Name`),
          Next: "MakePacket",
        },
        {
          // It ended before anybody decided, and now somebody submits the same once more: that is a new package.
          Condition: e(
            `$registered.ModelApprovalStatus = 'Rejected' and $lookup(${properties}, '${packageKeys.approvedBy}') in [${endedAlone}]`,
          ),
          Next: "RegisterAnew",
        },
      ],
      Default: "SubmittedBefore",
    }),
    RegisterAnew: plain({
      Type: "Pass",
      Comment: "The next token follows from the package that ended, so that all who come here at once agree on it.",
      Assign: { clientToken: e("$staged.submissionId & '-' & $substring($hash($modelPackageArn, 'SHA-256'), 0, 8)") },
      Next: "RegisterPackage",
    }),
    SubmittedBefore: plain({
      Type: "Succeed",
      Comment: "Another execution of the same submission made the package, and asks for it.",
      Output: {
        submissionId: e("$staged.submissionId"),
        modelPackageArn: e("$modelPackageArn"),
        decision: e("$registered.ModelApprovalStatus"),
        submittedBefore: true,
      },
    }),
    MakePacket: plain({
      Type: "Pass",
      Assign: {
        packet: packet(refs),
        pending: e("$verdict.passed"),
        expiresAt: e(`$fromMillis($millis() + ${refs.expiryHours * 3_600_000})`),
      },
      Next: "GatePassed",
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
      message: e(
        "$modelPackageArn & ', submitted by ' & $staged.submittedBy & ', was rejected by the gate: ' & $join($verdict.reasons, ' ') & " +
          "'\\n\\nNobody was asked. The package keeps the reasons; another model or, where the reasons are wrong, another gate is the way on.'",
      ),
      next: "Rejected",
    }),
    Rejected: plain({
      Type: "Succeed",
      Output: {
        submissionId: e("$staged.submissionId"),
        modelPackageArn: e("$modelPackageArn"),
        decision: "Rejected",
        decidedBy: "gate",
        reasons: e("$verdict.reasons"),
      },
    }),
  };
}
