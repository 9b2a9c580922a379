import assert from "node:assert/strict";
import rule from "../../../policies/encryption/volumes-encrypted.ts";
import { broken, compliant, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const LIMIT = "a key of the stage's own";
const DEV = { config: { volumeKey: "optional" } };
const KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";
const missing = (check: string, path: string, shown: string) =>
  `volumes-encrypted/${check}: ${path} is ${shown}, must be ${LIMIT}. Name the stage's key.`;
const waits = (path: string, limit = LIMIT) =>
  `volumes-encrypted/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;

/** Each key: whose it is, its check, where it stands. */
const keys: readonly (readonly [Provider, string, "volume" | "output", string])[] = [
  ["native", "notebook", "volume", "kmsKeyId"],
  ["classic", "notebook", "volume", "kmsKeyId"],
  ["native", "domain", "volume", "kmsKeyId"],
  ["classic", "domain", "volume", "kmsKeyId"],
  ["native", "instanceConfig", "volume", "kmsKeyId"],
  ["classic", "instanceConfig", "volume", "kmsKeyArn"],
  ["native", "instanceConfig", "output", "dataCaptureConfig.kmsKeyId"],
  ["classic", "instanceConfig", "output", "dataCaptureConfig.kmsKeyId"],
  ["native", "job", "volume", "processingResources.clusterConfig.volumeKmsKeyId"],
  ["native", "job", "output", "processingOutputConfig.kmsKeyId"],
  ["classic", "job", "volume", "resourceConfig.volumeKmsKeyId"],
  ["classic", "job", "output", "outputDataConfig.kmsKeyId"],
  ["classic", "tuning", "volume", "trainingJobDefinition.resourceConfig.volumeKmsKeyId"],
  ["classic", "tuning", "output", "trainingJobDefinition.outputDataConfig.kmsKeyId"],
  ["classic", "tuningSeveral", "volume", "trainingJobDefinitions[0].resourceConfig.volumeKmsKeyId"],
  ["classic", "tuningSeveral", "output", "trainingJobDefinitions[0].outputDataConfig.kmsKeyId"],
  ...(["native", "classic"] as const).flatMap((provider) => [
    [
      provider,
      "monitoringSchedule",
      "volume",
      `${SCHEDULED}.monitoringResources.clusterConfig.volumeKmsKeyId`,
    ] as const,
    [provider, "monitoringSchedule", "output", `${SCHEDULED}.monitoringOutputConfig.kmsKeyId`] as const,
    [provider, "dataQualityJobDefinition", "volume", "jobResources.clusterConfig.volumeKmsKeyId"] as const,
    [provider, "dataQualityJobDefinition", "output", "dataQualityJobOutputConfig.kmsKeyId"] as const,
  ]),
  ...["modelQuality", "modelBias", "modelExplainability"].flatMap((kind) => [
    ["native", `${kind}JobDefinition`, "volume", "jobResources.clusterConfig.volumeKmsKeyId"] as const,
    ["native", `${kind}JobDefinition`, "output", `${kind}JobOutputConfig.kmsKeyId`] as const,
  ]),
];

describe("volumes-encrypted", () => {
  for (const [provider, family, check, path] of keys) {
    it(`${provider} ${family}: ${path}`, async () => {
      const good = compliant(provider, family);
      for (const [value, shown] of [
        [undefined, "absent"],
        ["", "empty"],
        ["alias/aws/sagemaker", '"alias/aws/sagemaker"'],
        [true, "true"],
      ] as const) {
        violates(await analyze(rule, broken(good, path, value)), missing(check, path, shown));
        violates(await analyze(rule, broken(good, path, value), DEV));
      }
      violates(await analyze(rule, broken(good, path, "alias/frugal-prod")));
      notes(await analyze(rule, broken(good, path, UNKNOWN)), waits(path));
    });
  }

  for (const [provider, family, block] of [
    ["native", "instanceConfig", "dataCaptureConfig"],
    ["classic", "instanceConfig", "dataCaptureConfig"],
    ["native", "job", "processingOutputConfig"],
    ["native", "dataQualityJobDefinition", "dataQualityJobOutputConfig"],
  ] as const) {
    it(`${provider} ${family}: without ${block} nothing is written`, async () => {
      violates(await analyze(rule, broken(compliant(provider, family), block, undefined)));
      notes(await analyze(rule, broken(compliant(provider, family), block, UNKNOWN)), waits(block));
    });
  }

  for (const provider of ["native", "classic"] as const) {
    const machines = compliant(provider, "instanceConfig");
    const serverless = compliant(provider, "endpointConfig");
    const key = provider === "native" ? "kmsKeyId" : "kmsKeyArn";
    const typed = (resource: Resource, ...types: unknown[]) =>
      broken(
        broken(resource, "shadowProductionVariants", undefined),
        "productionVariants",
        types.map((instanceType, i) => ({ variantName: `v${i}`, modelName: "m", instanceType })),
      );

    it(`${provider}: an endpoint configuration with instances has a key, a serverless one has no volume`, async () => {
      violates(await analyze(rule, serverless));
      const none = broken(machines, key, undefined);
      violates(await analyze(rule, typed(none, "ml.m5.large")), missing("volume", key, "absent"));
      violates(await analyze(rule, typed(none, undefined)));
      // Machines that encrypt their own storage need none, and may have one.
      violates(await analyze(rule, typed(none, "ml.g5.xlarge", "ml.m5d.large")));
      violates(await analyze(rule, typed(machines, "ml.g5.xlarge")));
      violates(await analyze(rule, typed(none, "ml.g5.xlarge", "ml.m5.large")), missing("volume", key, "absent"));
      // A shadow alone is an instance too.
      violates(
        await analyze(rule, broken(none, "productionVariants", serverless.props.productionVariants)),
        missing("volume", key, "absent"),
      );
      notes(
        await analyze(rule, typed(none, UNKNOWN)),
        waits("productionVariants[0].instanceType", `known, as there is no ${key}`),
      );
      notes(
        await analyze(rule, typed(none, "ml.g5.xlarge", UNKNOWN)),
        waits("productionVariants[1].instanceType", `known, as there is no ${key}`),
      );
      violates(await analyze(rule, typed(machines, UNKNOWN)));
      notes(await analyze(rule, typed(broken(machines, key, UNKNOWN), UNKNOWN)), waits(key));
      violates(await analyze(rule, typed(none, "ml.m5.large", UNKNOWN)), missing("volume", key, "absent"));
    });

    it(`${provider}: what is captured and what an asynchronous endpoint answers`, async () => {
      const capture = "dataCaptureConfig.enableCapture";
      const open = broken(machines, "dataCaptureConfig.kmsKeyId", undefined);
      violates(await analyze(rule, broken(open, capture, false)));
      for (const value of [undefined, UNKNOWN]) {
        violates(
          await analyze(rule, broken(open, capture, value)),
          missing("output", "dataCaptureConfig.kmsKeyId", "absent"),
        );
      }
      const path = "asyncInferenceConfig.outputConfig.kmsKeyId";
      const answering = (outputConfig: unknown) => broken(machines, "asyncInferenceConfig", { outputConfig });
      violates(await analyze(rule, answering({ kmsKeyId: KEY })));
      violates(await analyze(rule, answering({})), missing("output", path, "absent"));
      violates(await analyze(rule, answering({}), DEV));
      notes(await analyze(rule, answering({ kmsKeyId: UNKNOWN })), waits(path));
    });
  }

  it("native: instance pools", async () => {
    const pooled = broken(broken(compliant("native", "endpointConfig"), "kmsKeyId", undefined), "productionVariants", [
      { variantName: "v", instancePools: [{ instanceType: "ml.m5.large", modelNameOverride: "m" }] },
    ]);
    violates(await analyze(rule, pooled), missing("volume", "kmsKeyId", "absent"));
  });

  it("a job names no key for machines that encrypt their own storage: AWS refuses it", async () => {
    for (const [provider, family, type, key] of [
      [
        "native",
        "job",
        "processingResources.clusterConfig.instanceType",
        "processingResources.clusterConfig.volumeKmsKeyId",
      ],
      ["classic", "job", "resourceConfig.instanceType", "resourceConfig.volumeKmsKeyId"],
      [
        "classic",
        "tuning",
        "trainingJobDefinition.resourceConfig.instanceType",
        "trainingJobDefinition.resourceConfig.volumeKmsKeyId",
      ],
      [
        "classic",
        "tuningSeveral",
        "trainingJobDefinitions[0].resourceConfig.instanceType",
        "trainingJobDefinitions[0].resourceConfig.volumeKmsKeyId",
      ],
    ] as const) {
      const local = broken(compliant(provider, family), type, "ml.g5.xlarge");
      const text = `volumes-encrypted/refused: ${key} is "${KEY}", must be absent beside "ml.g5.xlarge". Leave it out: these instances encrypt their storage themselves.`;
      violates(await analyze(rule, local), text);
      violates(await analyze(rule, local, DEV), text);
      violates(await analyze(rule, broken(local, key, undefined)));
      notes(await analyze(rule, broken(local, key, UNKNOWN)), waits(key, 'absent beside "ml.g5.xlarge"'));
    }
    // Monitoring is not refused it.
    const monitor = compliant("native", "dataQualityJobDefinition");
    violates(await analyze(rule, broken(monitor, "jobResources.clusterConfig.instanceType", "ml.g5.xlarge")));
  });

  it("classic: groups of machines, and definitions that cannot be seen", async () => {
    const job = compliant("classic", "job");
    const grouped = broken(broken(job, "resourceConfig.instanceType", undefined), "resourceConfig.instanceGroups", [
      { instanceType: "ml.m5.large", instanceCount: 1 },
    ]);
    violates(await analyze(rule, grouped));
    const path = "resourceConfig.volumeKmsKeyId";
    violates(await analyze(rule, broken(grouped, path, undefined)), missing("volume", path, "absent"));
    violates(await analyze(rule, broken(broken(grouped, path, undefined), "resourceConfig.instanceGroups", [])));
    const several = compliant("classic", "tuningSeveral");
    notes(
      await analyze(rule, broken(several, "trainingJobDefinitions[0]", UNKNOWN)),
      waits("trainingJobDefinitions[0]"),
    );
    const [text] = await analyze(rule, broken(several, "trainingJobDefinitions", "x"));
    assert.equal(text?.text, missing("volume", "trainingJobDefinitions", '"x"'));
    violates(await analyze(rule, broken(several, "trainingJobDefinitions", "x"), DEV));
  });
});
