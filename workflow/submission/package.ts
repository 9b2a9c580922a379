import { lineageKeys, packageKeys } from "../../contracts/lineage.ts";
import { expression as e } from "../states.ts";
import { modelCard } from "./model-card.ts";
import { executionMark, type SubmissionRefs } from "./refs.ts";

/** JSONata that makes a text fit for metadata: letters, digits and _.:/=+-@ only, 1 to 256 (botocore sagemaker, CustomerMetadataValue). */
function metadata(text: string): string {
  return `$substring($replace(${text}, /[^a-zA-Z0-9 _.:\\/=+@-]/, '-'), 0, 256)`;
}

/** The registry entry: status, what it serves with, what was measured, and where all of it comes from. */
export function modelPackage(refs: SubmissionRefs): Record<string, unknown> {
  const standardError = "$lookup($evaluation.intervals, $verdict.metric).standardError";
  return {
    ModelPackageGroupName: refs.modelPackageGroup,
    ModelPackageDescription: e(
      `'Submission ' & $staged.submissionId & ' of ' & $staged.lineage.trainingJob & '${executionMark}' & $states.context.Execution.Name`,
    ),
    // The same submission is the same version, however often the call is made.
    ClientToken: e("$clientToken"),
    ModelApprovalStatus: e("$verdict.passed ? 'PendingManualApproval' : 'Rejected'"),
    InferenceSpecification: {
      Containers: e("[$staged.containers.{'Image': image, 'ModelDataUrl': artifactUri, 'Environment': environment}]"),
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
    ...(refs.modelCard ? { ModelCard: modelCard(refs) } : {}),
    CustomerMetadataProperties: {
      [lineageKeys.datasetVersion]: e("$staged.lineage.datasetVersion"),
      [lineageKeys.run]: e("$staged.lineage.run"),
      [lineageKeys.trainingJob]: e("$staged.lineage.trainingJob"),
      [lineageKeys.artifactDigest]: e("$staged.lineage.artifactDigest"),
      [packageKeys.autoMlJob]: e("$staged.autoMlJob"),
      // Of a pipeline, the first container's; the others stand in the inference specification.
      [packageKeys.artifactUri]: e("$staged.containers[0].artifactUri"),
      [packageKeys.artifactVersionId]: e("$staged.containers[0].artifactVersionId"),
      [packageKeys.submission]: e("$staged.submissionId"),
      [packageKeys.execution]: e("$states.context.Execution.Name"),
      [packageKeys.submittedBy]: e("$staged.submittedBy"),
      [packageKeys.note]: e(`$staged.note = '' ? '-' : ${metadata("$staged.note")}`),
      [packageKeys.testDatasetVersion]: e("$staged.testDatasetVersion"),
      [packageKeys.evaluationDigest]: e("$evaluation.evaluationDigest"),
      [packageKeys.metricName]: e("$verdict.metric"),
      [packageKeys.metricValue]: e("$string($verdict.candidate)"),
      [packageKeys.metricStandardError]: e(`$exists(${standardError}) ? $string(${standardError}) : '-'`),
      [packageKeys.sampleSize]: e("$string($evaluation.sampleSize)"),
      [packageKeys.gate]: e("$verdict.passed ? 'passed' : 'failed'"),
      [packageKeys.gateVerdict]: e("$verdict.recordDigest"),
      [packageKeys.gateReasons]: e(`$verdict.passed ? '-' : ${metadata("$join($verdict.reasons, ' ')")}`),
    },
  };
}

/** What the approver is shown (contracts/submission.ts, ApprovalPacket). */
export function packet(refs: SubmissionRefs): Record<string, unknown> {
  return {
    submissionId: e("$staged.submissionId"),
    stage: refs.stage,
    modelPackageArn: e("$modelPackageArn"),
    submittedBy: e("$staged.submittedBy"),
    note: e("$staged.note"),
    lineage: e("$staged.lineage"),
    datasetVersion: e("$staged.lineage.datasetVersion"),
    testDatasetVersion: e("$staged.testDatasetVersion"),
    containers: e(
      "[$staged.containers.{'image': image, 'artifactUri': artifactUri, 'artifactDigest': artifactDigest}]",
    ),
    evaluation: e("$evaluation"),
    verdict: e("$verdict"),
    serving: refs.serving,
  };
}
