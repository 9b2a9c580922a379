import { lineageKeys, packageKeys } from "../../contracts/lineage.ts";
import { expression as e } from "../states.ts";
import type { SubmissionRefs } from "./refs.ts";

/** The registry entry: status, what it serves with, what was measured, and where all of it comes from. */
export function modelPackage(refs: SubmissionRefs): Record<string, unknown> {
  return {
    ModelPackageGroupName: refs.modelPackageGroup,
    ModelPackageDescription: e("'Submission ' & $submission.submissionId & ' of ' & $staged.lineage.trainingJob"),
    // The same submission is the same version, however often the call is made.
    ClientToken: e("$submission.submissionId"),
    ModelApprovalStatus: e("$verdict.passed ? 'PendingManualApproval' : 'Rejected'"),
    InferenceSpecification: {
      Containers: [
        {
          Image: e("$staged.image"),
          ModelDataUrl: e("$staged.artifactUri"),
          Environment: e("$submission.environment"),
        },
      ],
      SupportedContentTypes: ["text/csv"],
      SupportedResponseMIMETypes: ["text/csv"],
      SupportedTransformInstanceTypes: [refs.instanceType],
      SupportedRealtimeInferenceInstanceTypes: [refs.instanceType],
    },
    ModelMetrics: {
      ModelQuality: {
        Statistics: {
          ContentType: "application/json",
          S3Uri: e("$evaluation.evaluationUri"),
          ContentDigest: e("$evaluation.evaluationDigest"),
        },
      },
    },
    CustomerMetadataProperties: {
      [lineageKeys.datasetVersion]: e("$staged.lineage.datasetVersion"),
      [lineageKeys.run]: e("$staged.lineage.run"),
      [lineageKeys.trainingJob]: e("$staged.lineage.trainingJob"),
      [lineageKeys.artifactDigest]: e("$staged.lineage.artifactDigest"),
      [packageKeys.artifactUri]: e("$staged.artifactUri"),
      [packageKeys.artifactVersionId]: e("$staged.artifactVersionId"),
      [packageKeys.submission]: e("$submission.submissionId"),
      [packageKeys.submittedBy]: e("$submission.submittedBy"),
      [packageKeys.evaluationDigest]: e("$evaluation.evaluationDigest"),
      [packageKeys.metricName]: e("$verdict.metric"),
      [packageKeys.metricValue]: e("$string($verdict.candidate)"),
      [packageKeys.sampleSize]: e("$string($evaluation.sampleSize)"),
      [packageKeys.gate]: e("$verdict.passed ? 'passed' : 'failed'"),
      // Metadata takes letters, digits and _.:/=+-@ only, at most 256 (botocore sagemaker, CustomerMetadataValue).
      [packageKeys.gateReasons]: e(
        "$verdict.passed ? '-' : $substring($replace($join($verdict.reasons, ' '), /[^a-zA-Z0-9 _.:\\/=+@-]/, '-'), 0, 256)",
      ),
    },
  };
}

/** What the approver is shown (contracts/submission.ts, ApprovalPacket); keys in order, so that its text is canonical. */
export function packet(refs: SubmissionRefs): Record<string, unknown> {
  return {
    datasetVersion: e("$staged.lineage.datasetVersion"),
    evaluation: e("$evaluation"),
    lineage: e("$staged.lineage"),
    modelPackageArn: e("$states.result.ModelPackageArn"),
    stage: refs.stage,
    submissionId: e("$submission.submissionId"),
    submittedBy: e("$submission.submittedBy"),
    verdict: e("$verdict"),
  };
}
