import { allow, type Statement } from "../../contracts/iam.ts";
import { type RecordLineageRefs, grants as recordGrants } from "../record-lineage/grants.ts";

/** What ReconcileLineage may do: what the recorder may, and list; lists have no resource type (AWS service authorization reference). */
export function grants(refs: RecordLineageRefs): Statement[] {
  return [
    ...recordGrants(refs),
    allow(
      "ListSubjects",
      [
        "sagemaker:ListTrainingJobs",
        "sagemaker:ListProcessingJobs",
        "sagemaker:ListTransformJobs",
        "sagemaker:ListModelPackages",
        "sagemaker:ListEndpoints",
      ],
      "*",
    ),
  ];
}
