import { invoke } from "../calls.ts";
import { catchAll, expression as e, type Steps } from "../states.ts";
import { onFailure, predictions, type SubmissionRefs } from "./refs.ts";

/** Figures and verdict. */
export function judgeSteps(refs: SubmissionRefs): Steps {
  return {
    Evaluate: invoke({
      function: refs.functions.evaluate,
      partition: refs.partition,
      payload: {
        submissionId: e("$staged.submissionId"),
        featuresUri: e("$staged.featuresUri"),
        labelsUri: e("$staged.labelsUri"),
        predictionsPrefix: e(`${predictions(refs)} & '/'`),
        testDatasetVersion: e("$staged.testDatasetVersion"),
        artifactDigest: e("$staged.lineage.artifactDigest"),
      },
      assign: { evaluation: e("$states.result.Payload") },
      catch: [catchAll(onFailure)],
      next: "Gate",
    }),
    Gate: invoke({
      function: refs.functions.gate,
      partition: refs.partition,
      payload: {
        evaluation: e("$evaluation"),
        modelPackageGroupName: refs.modelPackageGroup,
        gate: e("$staged.gate"),
      },
      assign: { verdict: e("$states.result.Payload") },
      catch: [catchAll(onFailure)],
      next: "RegisterPackage",
    }),
  };
}
