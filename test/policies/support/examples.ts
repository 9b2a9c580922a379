/**
 * One example of each rule for RULES.md: a compliant resource with one thing wrong, and what the rule really says of it.
 * `node test/policies/support/examples.ts` writes `policies/examples.json`; a test holds that file against the rules.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../../policies/index.ts";
import type { Rule } from "../../../policies/support/rule.ts";
import { startRun } from "../../../policies/support/run.ts";
import { allCompliant, broken, compliant, FIXTURES_CONFIG, type Provider } from "./fixtures.ts";
import { analyze, analyzeStack, type Finding, type Resource } from "./harness.ts";
import { against, answered, double, PACKAGE_ARN, RECORDED } from "./registry.ts";

export const FILE = join(import.meta.dirname, "..", "..", "..", "policies", "examples.json");

/** As RULES.md shows it. */
export interface Shown {
  /** Which resource, and what is wrong with it, as Markdown. */
  readonly of: string;
  /** The finding. */
  readonly says: string;
}

/** So that an example says tomorrow what it says today. */
const TODAY = "2026-11-23";

interface Example {
  /** @default "native" */
  readonly provider?: Provider;
  /** The fixture that is changed. */
  readonly family: string;
  /** Absent: nothing is changed, and `when` says what is wrong. */
  readonly path?: string;
  /** Undefined leaves it out. */
  readonly value?: unknown;
  readonly when?: string;
  /** Of the other fixtures, those that are there; absent: all. */
  readonly beside?: readonly string[];
  readonly config?: Record<string, unknown>;
  /** What the registry says otherwise. */
  readonly recorded?: Partial<typeof RECORDED>;
}

const PATH_MODEL = {
  image: "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:latest",
  modelDataUrl: "s3://churn/latest/model.tar.gz",
};
const grant = (action: string) => ({ Effect: "Allow", Action: action, Resource: "*" });
const STATEMENT = "policies[0].policyDocument.Statement[0]";

const EXAMPLES: Readonly<Record<string, Example>> = {
  "lineage-tags-present": { family: "model", path: "tags" },
  "lineage-tags-true": { family: "model", path: "tags[1].value", value: "run-2026-10-04" },
  "artifact-digest-matches": { family: "model", path: "tags[3].value", value: "sha256:1111" },
  "model-data-content-addressed": { family: "model", path: "primaryContainer", value: PATH_MODEL },
  "model-from-package": { family: "model", path: "primaryContainer", value: PATH_MODEL },
  "endpoint-serves-package": { family: "endpoint", path: "endpointConfigName", value: "churn-by-hand", beside: [] },
  "package-approved": {
    family: "model",
    when: "of a package that waits for approval",
    recorded: { approvalStatus: "PendingManualApproval" },
  },
  "approval-evidence": {
    family: "model",
    when: "of a package that was approved in the console",
    recorded: { lastModifiedBy: "arn:aws:sts::111122223333:assumed-role/Admin/ada" },
  },
  "package-not-approved-in-code": { family: "package", path: "modelApprovalStatus", value: "Approved" },
  "package-group-closed": {
    family: "packageGroup",
    path: "modelPackageGroupPolicy.Statement[0].Principal",
    value: "*",
  },
  "approved-event-filtered": { family: "eventRule", path: "eventPattern.detail" },
  "bucket-versioned": { family: "bucket", path: "versioningConfiguration.status", value: "Suspended" },
  "bucket-tls-only": { family: "bucket", when: "without a bucket policy", beside: [] },
  "bucket-encrypted": { family: "bucket", path: "bucketEncryption.serverSideEncryptionConfiguration" },
  "bucket-not-public": { family: "bucket", path: "publicAccessBlockConfiguration.blockPublicPolicy", value: false },
  "bucket-retained": { provider: "classic", family: "bucket", path: "forceDestroy", value: true },
  "volumes-encrypted": { family: "instanceConfig", path: "kmsKeyId" },
  "notebook-hardened": { family: "notebook", path: "rootAccess", value: "Enabled" },
  "workload-isolated": { family: "isolatedModel", path: "enableNetworkIsolation", value: false, beside: [] },
  "messages-encrypted": { family: "topic", path: "kmsMasterKeyId" },
  "kms-key-rotates": { family: "key", path: "enableKeyRotation" },
  "api-guarded": { family: "route", path: "authorizationType", value: "NONE" },
  "iam-no-wildcard": { family: "role", path: `${STATEMENT}.Action`, value: "s3:*" },
  "iam-pass-role-conditioned": { family: "role", path: STATEMENT, value: grant("iam:PassRole") },
  "iam-permissions-boundary": { family: "role", path: "permissionsBoundary" },
  "iam-trust-conditioned": { family: "role", path: "assumeRolePolicyDocument.Statement[0].Principal", value: "*" },
  "iam-duties-separated": { family: "role", path: STATEMENT, value: grant("sagemaker:UpdateModelPackage") },
  "stage-monthly-bill": {
    family: "notebook",
    when: "in a stage that may cost 10 US dollars a month",
    beside: [],
    config: { limitUsdPerMonth: 10, idleUsdPerMonth: 10 },
  },
  "no-unpriced-hourly": { family: "notebook", path: "instanceType", value: "ml.p5.48xlarge", beside: [] },
  "budget-present": { family: "notebook", when: "in a stage without a budget", beside: [] },
  "serverless-capped": {
    family: "endpointConfig",
    path: "productionVariants[0].serverlessConfig.memorySizeInMb",
    value: 6144,
  },
  "instance-type-allowed": {
    family: "instanceConfig",
    path: "productionVariants[0].instanceType",
    value: "ml.p4d.24xlarge",
  },
  "job-runtime-bounded": { family: "job", path: "stoppingCondition" },
  "async-scales-to-zero": {
    family: "instanceConfig",
    path: "asyncInferenceConfig",
    value: { outputConfig: { s3OutputPath: "s3://churn/answers" } },
  },
  "idle-shutdown": { family: "notebook", path: "lifecycleConfigName" },
  "log-group-retained": { family: "logGroup", path: "retentionInDays" },
  "endpoint-update-guarded": { family: "liveEndpoint", path: "deploymentConfig" },
  "alarm-acts": { family: "compositeAlarm", path: "actionsEnabled", value: false },
  "state-machine-observable": { family: "stateMachine", path: "loggingConfiguration" },
  "endpoint-captured": { family: "instanceConfig", path: "dataCaptureConfig" },
  "drift-monitor-present": { family: "endpoint", when: "that nothing watches", beside: ["endpointConfig", "model"] },
  "variants-sound": { family: "endpointConfig", path: "productionVariants[0].initialVariantWeight", value: -1 },
  "function-bounded": { family: "function", path: "timeout" },
  "tasks-guarded": { family: "stateMachine", path: "definition.States.Register.TimeoutSeconds" },
  "function-no-secrets": {
    family: "function",
    path: "environment.variables",
    value: { DB_PASSWORD: "correct-horse-battery" },
  },
  "state-protected": { family: "table", path: "deletionProtectionEnabled", value: false },
  "stage-tags-and-names": { family: "bucket", path: "tags" },
  "region-allowed": { provider: "classic", family: "bucket", path: "region", value: "ap-south-2" },
  "nothing-deprecated": { family: "function", path: "runtime", value: "nodejs16.x" },
  "pack-settings-valid": {
    family: "bucket",
    when: "in stack prod, judged with the configuration of stage dev",
    config: { stage: "dev" },
  },
};

/** What each rule says of its example now, by rule. */
export async function shownExamples(): Promise<Record<string, Shown>> {
  const shown: Record<string, Shown> = {};
  for (const rule of rules) {
    const { id } = rule.meta;
    const example = EXAMPLES[id] ?? assert.fail(`${id} has no example: give it one in ${import.meta.filename}`);
    const { provider = "native", family, path, value, when } = example;
    const good = compliant(provider, family);
    const resource = path === undefined ? good : broken(good, path, value);
    const says = (await findings(rule, example, resource)).find(({ text }) => isOwn(id, text))?.text;
    assert.ok(says, `${id} has nothing to say of its example (${family} ${path ?? when})`);
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    const change = value === undefined ? `without \`${path}\`` : `with \`${path}\` = \`${text}\``;
    shown[id] = { of: `\`${resource.type}\` ${when ?? change}`, says };
  }
  return shown;
}

/** Not what every rule has, and not that AWS could not be asked. */
const isOwn = (id: string, text: string): boolean =>
  text.startsWith(`${id}/`) && !/^[^/]+\/(?:waits|crash|offline|not-found|denied):/.test(text);

async function findings(rule: Rule, example: Example, resource: Resource): Promise<Finding[]> {
  const { provider = "native", family, beside, config = FIXTURES_CONFIG[rule.meta.id] ?? {}, recorded } = example;
  const registry = double({ packages: { [PACKAGE_ARN]: answered({ ...RECORDED, ...recorded }) } });
  const name = compliant(provider, family).name;
  const others = beside?.map((one) => compliant(provider, one)) ?? allCompliant(provider);
  const stack = [...others.filter((one) => one.name !== name), resource];
  startRun({ today: TODAY });
  try {
    return await against(registry, async () => [
      ...(await analyze(rule, resource, { config })),
      ...(await analyzeStack(rule, stack, { config })),
    ]);
  } finally {
    startRun();
  }
}

if (import.meta.main) writeFileSync(FILE, `${JSON.stringify(await shownExamples(), null, 2)}\n`);
