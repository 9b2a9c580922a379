/** Settings of the data rules. */
import { texts, whole } from "./shapes.ts";

export const dataSettings = {
  evidenceLockDays: whole(
    "Days for which Object Lock must keep evidence; 0: Object Lock is not demanded.",
    // Not demanded: it can be turned on only when a bucket is made, and SageMaker writes to buckets of evidence too.
    0,
    0,
    36_500,
  ),
  versionedBuckets: texts("Buckets outside this program that are known to keep versions.", []),
} as const;
