import { expression as e } from "../states.ts";
import type { SubmissionRefs } from "./refs.ts";

/**
 * A package's model card. Its schema is smaller than a free model card's, and takes no key that it does not know (AWS: View
 * and Update the Details of a Model Version, model package model card schema 0.1.0; texts of an overview or a location at
 * most 1,024 characters, observations 2,096, a metric's value a number). Its status follows the decision.
 */
export function modelCard(refs: SubmissionRefs): Record<string, unknown> {
  const content = `{
    "model_overview": {"model_creator": $staged.submittedBy, "model_artifact": [$staged.containers.artifactUri]},
    "intended_uses": {"purpose_of_model": "Model ${refs.modelName} of stage ${refs.stage}", "risk_rating": "Unknown"},
    "training_details": {
      "training_observations": "Run " & $staged.lineage.run,
      "training_job_details": {
        "training_arn": $staged.trainingJobArn,
        "training_datasets": [$staged.lineage.datasetVersion],
        "training_environment": {"container_image": [$staged.containers.image]}
      }
    },
    "evaluation_details": [{
      "name": "Batch test",
      "evaluation_observation": $verdict.passed ? "The gate passed." : $substring($join($verdict.reasons, " "), 0, 2096),
      "datasets": [$staged.testDatasetVersion],
      "metadata": {"sample size": $string($evaluation.sampleSize), "evaluation": $evaluation.evaluationUri, "evaluation digest": $evaluation.evaluationDigest},
      "metric_groups": [{
        "name": "Metrics",
        "metric_data": [$each($evaluation.metrics, function($value, $name) {{"name": $name, "type": "number", "value": $value}})]
      }]
    }],
    "additional_information": {
      "caveats_and_recommendations": $substring($join($append([], $verdict.cautions), " "), 0, 2048),
      "custom_details": {
        "submission": $staged.submissionId,
        "note": $substring($staged.note, 0, 1024),
        "artifact digest": $staged.lineage.artifactDigest
      }
    }
  }`;
  return {
    ModelCardContent: e(`$string(${content.replace(/\n\s*/g, " ")})`),
    ModelCardStatus: e("$verdict.passed ? 'PendingReview' : 'Archived'"),
  };
}
