/** What a stage can be set to: every configuration key with its limits and default. Texts follow "<key> …". */
import * as z from "zod";
import { metricNames, problems } from "../../contracts/evaluation.ts";
import { DatasetExpectations } from "../../contracts/expectations.ts";
import { modelPackageArnPattern, tagAlphabet } from "../../contracts/lineage.ts";

/** A stack's name stands in every physical name; 16 characters leave room in the tightest one, the bucket's 63. */
export const stagePattern = /^[a-z0-9](?:-?[a-z0-9]){0,15}$/;

/** Retention days that CloudWatch Logs knows (botocore logs 2014-03-28, Days). */
export const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** The name part of a dataset version, as long as a key and a tag have room for. */
const datasetNamePattern = /^(?=.{1,63}$)[a-z0-9](?:-?[a-z0-9])*$/;
/** Characters of a standard SSM parameter's value (botocore ssm, PutParameter: 4 KB). */
const MOST_EXPECTATIONS = 4096;

const text = (pattern: RegExp, most: number, error: string) =>
  z.string({ error }).max(most, { error }).regex(pattern, { error });
const whole = (least: number, most: number, what = "a whole number of") => {
  const error = `must be ${what} ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const between = (least: number, most: number) => {
  const error = `must be ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};
const number = (least = Number.NEGATIVE_INFINITY) => {
  const error = least === 0 ? "must be a number, 0 or more" : "must be a number";
  return z.number({ error }).min(least, { error });
};
const flag = () => z.boolean({ error: "must be true or false" });
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });
const group = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, { error: `must be a group of keys: ${Object.keys(shape).join(", ")}` });

const emailPattern = /^[^\s@<>"',;]+@[^\s@<>"',;]+\.[^\s@<>"',;]{2,}$/;
const email = () => text(emailPattern, 254, "must be an e-mail address");
const instanceType = () => text(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 64, "must be an instance type such as ml.m5.large");

/** How a model comes to be served. */
export const flows = ["artefact", "commit", "none"] as const;
export type Flow = (typeof flows)[number];

export const configSchema = group({
  /** Who answers for the stage; stands in every resource's tag frugal:owner. */
  owner: text(tagAlphabet, 256, "must be a name of 1 to 256 letters, digits, spaces and _.:/=+-@").min(1, {
    error: "must name who answers for the stage",
  }),
  /** What the model is called; stands in the names of its package group and endpoint. @default breast-cancer */
  modelName: text(
    /^[a-z0-9](?:-?[a-z0-9])*$/,
    38,
    "must be 1 to 38 lower-case letters, digits and inner hyphens",
  ).default("breast-cancer"),
  /** Whether buckets, tables and the registry are kept from deletion. @default false */
  protect: flag().default(false),
  /** What kind of answer the model gives, and how its test is read. */
  evaluation: group({
    /** @default binary */
    problem: oneOf(problems).default("binary"),
    /** Binary: a row counts as positive from this probability on. @default 0.5 */
    threshold: between(0, 1).default(0.5),
    /** Of every interval, the gate's included. @default 0.95 */
    confidence: between(0.5, 0.999).default(0.95),
    /** Columns of test/slices.csv or test/features.csv whose values are looked at apart. At most 10. @default [] */
    sliceColumns: z
      .array(text(/^[^,"\r\n]+$/, 128, "must be a column's name"), { error: "must be a list of columns" })
      .max(10, { error: "must name at most 10 columns" })
      .default([]),
  }).prefault({}),
  /** What a candidate must reach before a person is asked. */
  gate: group({
    /** The measure that decides; one that evaluation.problem has. @default rocAuc */
    metric: oneOf(metricNames).default("rocAuc"),
    /** The least value of a measure where more is better, the greatest where less is. @default 0.9, for rocAuc only */
    bound: number().default(0.9),
    /**
     * By how much a candidate must beat the champion, in the measure's unit: the lower end of the difference's interval
     * must reach it. Negative: how much worse is tolerated, beyond chance. @default 0
     */
    minimumGain: number().default(0),
    /** Fewer rows of test data than this decide nothing. @default 100 */
    minimumSamples: whole(1, 1_000_000_000).default(100),
    /** Parts of the test rows, by the columns in evaluation.sliceColumns. */
    slices: group({
      /** How much worse than the champion a slice may be, in the measure's unit, beyond chance. @default 0.05 */
      maximumRegression: number(0).default(0.05),
      /** Slices with fewer rows judge nothing. @default 30 */
      minimumSamples: whole(1, 1_000_000_000).default(30),
    }).prefault({}),
  }).prefault({}),
  /** Who is asked, by whom, and for how long. */
  approval: group({
    /** The people who may approve, one message each; at most 20. */
    approvers: z
      .array(email(), { error: "must be a list of e-mail addresses" })
      .min(1, { error: "must name at least one address" })
      .max(20, { error: "must name at most 20 addresses" }),
    /** The address that the messages come from; Amazon SES asks its owner to confirm it. */
    sender: email(),
    /** Hours until a request that nobody answered counts as rejected; 1 to 8,760. @default 168 (seven days) */
    expiryHours: whole(1, 8760).default(168),
    /** How many must approve; one rejection decides at once. At most as many as there are approvers. @default 1 */
    required: whole(1, 20).default(1),
    /**
     * Hours before the expiry at which whoever has not answered is asked again; 0: nobody is. @default a quarter of
     * expiryHours, whole hours
     */
    remindHours: whole(0, 8759).optional(),
    /** Whether the one who submitted may also approve. @default false */
    submitterMayApprove: flag().default(false),
    /**
     * How many may open the approval page at once, reserved from the account's pool; 0 reserves nothing, for a new account
     * whose whole pool is 10. @default 5
     */
    pageConcurrency: whole(0, 100).default(5),
  }),
  /** The batch transform job that tests a candidate. */
  batchTest: group({
    /** @default ml.m5.large */
    instanceType: instanceType().default("ml.m5.large"),
    /** Minutes until the job is stopped; a transform job has no limit of its own. @default 30 */
    timeoutMinutes: whole(5, 1440).default(30),
  }).prefault({}),
  /** What a data scientist may train with. */
  training: group({
    /** @default ml.m5.large */
    instanceTypes: z
      .array(instanceType(), { error: "must be a list of instance types" })
      .min(1, { error: "must name at least one instance type" })
      .max(20, { error: "must name at most 20 instance types" })
      .default(["ml.m5.large"]),
    /** The longest run; 1 minute to 28 days (botocore sagemaker, MaxRuntimeInSeconds). @default 60 */
    maxRuntimeMinutes: whole(1, 40_320).default(60),
    /** Whether jobs use spare capacity unless a request says otherwise: cheaper, and may be interrupted. @default true */
    spot: flag().default(true),
    /** Minutes that a job may wait for spare capacity, on top of its run; 0 to 28 days. @default 60 */
    spotWaitMinutes: whole(0, 40_320).default(60),
  }).prefault({}),
  /** Interactive work: a role in which people start jobs of their own from notebooks, within limits and traced. */
  sandbox: group({
    /** @default false */
    enabled: flag().default(false),
    /**
     * Users or roles that may take the role; empty: whoever this account's own IAM policies let. At most 50 ARNs.
     * @default []
     */
    principals: z
      .array(
        text(
          /^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[\w+=,.@/-]+$/,
          2048,
          "must be the ARN of a user or role, arn:aws:iam::ACCOUNT:role/NAME",
        ),
        { error: "must be a list of ARNs" },
      )
      .max(50, { error: "must name at most 50 ARNs" })
      .default([]),
    /** For training and processing jobs. @default ml.t3.medium, ml.m5.large */
    instanceTypes: z
      .array(instanceType(), { error: "must be a list of instance types" })
      .min(1, { error: "must name at least one instance type" })
      .max(20, { error: "must name at most 20 instance types" })
      .default(["ml.t3.medium", "ml.m5.large"]),
    /** The longest run of one job; 1 minute to 5 days (processing jobs' limit). @default 60 */
    maxRuntimeMinutes: whole(1, 7200).default(60),
    /** AutoML jobs, whose machines and time IAM cannot bound. @default false */
    autoMl: flag().default(false),
  }).prefault({}),
  /** How published datasets are kept. */
  data: group({
    /**
     * Days that S3 itself keeps each published object from deletion (Object Lock); 0 to 36,500. Set it when the stage is
     * made: CloudFormation replaces a bucket to turn it on, and a bucket with objects is not replaced. @default 0
     */
    objectLockDays: whole(0, 36_500).default(0),
    /** governance: who may bypass it can delete; compliance: nobody can, whatever happens. @default governance */
    objectLockMode: oneOf(["governance", "compliance"]).default("governance"),
  }).prefault({}),
  /** What is expected of a dataset before it is published, by its name; see contracts/expectations.ts. */
  datasets: z
    .record(z.string(), DatasetExpectations, { error: "must be a group of datasets by their names" })
    .superRefine((datasets, context) => {
      for (const [name, expectations] of Object.entries(datasets)) {
        const { length } = JSON.stringify(expectations);
        if (!datasetNamePattern.test(name)) {
          context.addIssue({
            code: "custom",
            path: [name],
            message: "must have a dataset's name: lower-case letters, digits and single inner hyphens, at most 63",
          });
        } else if (length > MOST_EXPECTATIONS) {
          context.addIssue({
            code: "custom",
            path: [name],
            message: `must be at most ${MOST_EXPECTATIONS} characters as JSON, which an SSM parameter takes; it has ${length}: use "*" for columns that are alike, and SQL tests for the rest`,
          });
        }
      }
    })
    .default({}),
  /** The serverless endpoint. */
  serving: group({
    /** Memory in MB: 1,024 to 6,144 in steps of 1,024 (botocore sagemaker, ServerlessMemorySizeInMB). @default 2048 */
    memoryMb: z
      .int({ error: "must be 1024 to 6144 in steps of 1024" })
      .min(1024, { error: "must be 1024 to 6144 in steps of 1024" })
      .max(6144, { error: "must be 1024 to 6144 in steps of 1024" })
      .multipleOf(1024, { error: "must be 1024 to 6144 in steps of 1024" })
      .default(2048),
    /** Requests at once, 1 to 200; a new account may have 10 for all its endpoints together. @default 2 */
    maxConcurrency: whole(1, 200).default(2),
  }).prefault({}),
  /** What is kept of a model besides its package. */
  registry: group({
    /** Whether each package carries a model card, which follows the package's status. @default false */
    modelCard: flag().default(false),
  }).prefault({}),
  /** How a model comes to be served. */
  deployment: group({
    /**
     * artefact: the approval rolls out; commit: a reviewed commit names the package; none: models are registered and
     * approved, and nothing is served here, as for batch use and for pipelines, which no serverless endpoint takes.
     * @default artefact
     */
    flow: oneOf(flows).default("artefact"),
    /** The package that flow commit serves, written out; absent means that nothing is served yet. */
    modelPackageArn: text(
      modelPackageArnPattern,
      256,
      "must be a package version's ARN, arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/N",
    ).optional(),
  }).prefault({}),
  /** Days that logs are kept. @default 30 */
  logRetentionDays: z
    .literal([...retentionDays], { error: `must be a retention that CloudWatch knows (${retentionDays.join(", ")})` })
    .default(30),
  /** A KMS key of the stage's own, for its buckets, its notices and the logs of its decisions. */
  encryption: group({
    /** 1 USD a month; without it AWS's keys encrypt. @default false */
    key: flag().default(false),
  }).prefault({}),
  /** What the stage may cost before somebody is told; told, not stopped. */
  budget: group({
    /** USD a month, 1 to 1,000,000. @default 5 */
    limitUsdPerMonth: whole(1, 1_000_000, "a whole number of USD,").default(5),
    /** Who is told; at most 10. @default the first of approval.approvers */
    emails: z
      .array(email(), { error: "must be a list of e-mail addresses" })
      .max(10, { error: "must name at most 10 addresses" })
      .default([]),
    /**
     * account: all of its costs. stage: those tagged with it, once frugal:stage is activated as a cost allocation tag (AWS
     * Billing); before that such a budget sees nothing. @default account
     */
    scope: oneOf(["account", "stage"]).default("account"),
  }).prefault({}),
  /** Who is told when something fails. */
  alarms: group({
    /** Address for notices and alarms; its owner must confirm the subscription. Absent: nobody is mailed. */
    email: email().optional(),
  }).prefault({}),
});

/** What a stage's file says, with the defaults that stand alone. */
export type GivenSettings = Readonly<z.output<typeof configSchema>>;

/** A stage's settings, complete, without what the stack itself says (its name and region). */
export type StageSettings = Omit<GivenSettings, "approval"> & {
  readonly approval: Readonly<GivenSettings["approval"] & { remindHours: number }>;
};

/** Fills in the defaults that follow from other values. */
export function completeSettings(given: GivenSettings): StageSettings {
  const { approval } = given;
  return {
    ...given,
    approval: { ...approval, remindHours: approval.remindHours ?? Math.floor(approval.expiryHours / 4) },
  };
}
