/** What every part of the estate needs: where it is, what it is called, and which record it serves. */
export type Variant = "compliant" | "violating";

export const account = "111122223333";
export const region = "us-east-1";
export const stage = "prod";

export const endpointName = `guarded-${stage}-churn`;

/** The package that is pinned, and what the registry records of it: where the model comes from. */
export const modelPackage = `arn:aws:sagemaker:${region}:${account}:model-package/churn/3`;

/** What every resource is tagged with; the pack's setting `tagPrefix` changes what these keys begin with. */
export const tags = (component: string): Record<string, string> => ({
  "frugal:stage": stage,
  "frugal:project": "guarded",
  "frugal:owner": "ml-platform",
  "frugal:component": component,
});

/** The tags of whatever serves a model: true copies of what its package records. */
export const lineage: Readonly<Record<string, string>> = {
  "frugal:dataset-version": `churn@sha256:${"cd".repeat(32)}`,
  "frugal:run": "run-2026-11-01",
  "frugal:training-job": "churn-train-7",
  "frugal:artifact-digest": `sha256:${"ab".repeat(32)}`,
  "frugal:model-package": modelPackage,
};

export const roleArn = (name: string): string => `arn:aws:iam::${account}:role/${name}`;

/** Kept elsewhere in the account: the key of the stage, where failed events wait, and who is told. */
export const key = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
export const failedEvents = `arn:aws:sqs:${region}:${account}:guarded-${stage}-failed-events`;
export const notices = `arn:aws:sns:${region}:${account}:guarded-${stage}-notices`;
/** What no role of the stage may go beyond; `boundaries` of the pack names it. */
export const boundary = `arn:aws:iam::${account}:policy/frugal-${stage}-boundary`;

/** Where the functions write what they do. */
export const logGroup = `/aws/lambda/guarded-${stage}`;
