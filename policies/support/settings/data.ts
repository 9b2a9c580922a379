/** Settings of the data rules. */
import { choice, texts, whole } from "./shapes.ts";

export const dataSettings = {
  evidenceLockDays: whole(
    "Days for which Object Lock must keep evidence; 0: Object Lock is not demanded.",
    // Not demanded: it can be turned on only when a bucket is made, and SageMaker writes to buckets of evidence too.
    0,
    0,
    36_500,
  ),
  bucketKey: choice(
    "Whether buckets are encrypted under a key of the stage's own (demand), or may be under AWS's, which costs nothing (optional).",
    "demand",
    "optional",
  ),
  versionedBuckets: texts("Buckets outside this program that are known to keep versions.", []),
} as const;
