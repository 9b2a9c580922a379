import assert from "node:assert/strict";
import rule from "../../../policies/data/bucket-versioned.ts";
import { broken, compliant } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const STATUS = "versioningConfiguration.status";
const LATER = "It is judged at update, before the resource is touched.";
const AGAIN = "It is judged again when the update has made it known.";
const NONE =
  "bucket-versioned/none: bucket is without versioning, must be enabled by a BucketVersioning. Declare one for this bucket with status Enabled.";
const LIMIT = "in a bucket declared here or listed in versionedBuckets";
const outside = (path: string, value: string) =>
  `bucket-versioned/model-data: ${path} is ${value}, must be ${LIMIT}. Declare the bucket here, or list it once it is known to keep versions.`;

const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";
const CAPTURED = "batchTransformInput.dataCapturedDestinationS3Uri";

/** Puts a value at a path, with whatever is missing on the way. */
const planted =
  (resource: Resource, path: string) =>
  (value: unknown): Resource => {
    const copy = structuredClone(resource);
    const keys = path.split(/\.|(?=\[)/);
    let at: Record<string, unknown> = copy.props;
    for (const [i, key] of keys.entries()) {
      const plain = key.replace(/^\[|\]$/g, "");
      if (i === keys.length - 1) at[plain] = value;
      else at[plain] ??= keys[i + 1]?.startsWith("[") ? [] : {};
      at = at[plain] as Record<string, unknown>;
    }
    return copy;
  };

describe("bucket-versioned", () => {
  for (const [provider, family] of [
    ["native", "bucket"],
    ["classic", "versioning"],
    ["classic", "versioningV2"],
  ] as const) {
    it(`${provider} ${family}: only Enabled will do`, async () => {
      for (const [value, shown] of [
        ["Suspended", '"Suspended"'],
        ["enabled", '"enabled"'],
        [true, "true"],
        ["", "empty"],
        [undefined, "absent"],
      ] as const) {
        violates(
          await analyze(rule, broken(compliant(provider, family), STATUS, value)),
          `bucket-versioned/status: ${STATUS} is ${shown}, must be Enabled. Set it to Enabled.`,
        );
      }
      violates(
        await analyze(rule, broken(compliant(provider, family), "versioningConfiguration", undefined)),
        `bucket-versioned/status: ${STATUS} is absent, must be Enabled. Set it to Enabled.`,
      );
      violates(
        await analyze(rule, broken(compliant(provider, family), "versioningConfiguration", "Enabled")),
        `bucket-versioned/status: versioningConfiguration is "Enabled", must be Enabled. Set it to Enabled.`,
      );
      notes(
        await analyze(rule, broken(compliant(provider, family), STATUS, UNKNOWN)),
        `bucket-versioned/waits: ${STATUS} is not known yet, must be Enabled. ${LATER}`,
      );
    });
  }

  describe("classic: versioning is a resource of its own", () => {
    const bucket = compliant("classic", "bucket");
    const second = compliant("classic", "bucketV2");
    const versioning = compliant("classic", "versioning");

    it("none, or one for another bucket", async () => {
      violates(await analyzeStack(rule, [bucket]), NONE);
      violates(await analyzeStack(rule, [second]), NONE);
      const found = await analyzeStack(rule, [bucket, second, versioning]);
      violates(found, NONE);
      assert.deepEqual(
        found.map(({ on }) => on),
        ["bucketV2"],
      );
    });

    it("found by reference when the name is not known yet", async () => {
      const byReference = { ...broken(versioning, "bucket", UNKNOWN), propertyDependencies: { bucket: ["bucket"] } };
      violates(await analyzeStack(rule, [broken(bucket, "bucket", UNKNOWN), byReference]));
      const found = await analyzeStack(rule, [bucket, { ...bucket, name: "other" }, byReference]);
      assert.deepEqual(
        found.map(({ on }) => on),
        ["other"],
      );
    });

    it("written in the bucket itself", async () => {
      violates(await analyzeStack(rule, [broken(bucket, "versioning", { enabled: true })]));
      violates(await analyzeStack(rule, [broken(second, "versionings", [{ enabled: true }])]));
      violates(await analyzeStack(rule, [broken(bucket, "versioning", { enabled: false })]), NONE);
      violates(await analyzeStack(rule, [broken(second, "versionings", [])]), NONE);
      // What AWS fills in is no promise; what the program computes is waited for.
      const unknown = broken(bucket, "versioning", UNKNOWN);
      violates(await analyzeStack(rule, [unknown]), NONE);
      notes(
        await analyzeStack(rule, [
          { ...unknown, propertyDependencies: { versioning: ["bucketV2"] } },
          broken(second, "versionings", [{ enabled: true }]),
        ]),
        `bucket-versioned/waits: versioning is not known yet, must be enabled by a BucketVersioning. ${AGAIN}`,
      );
    });
  });

  describe("what models and jobs read", () => {
    const uri = "s3://frugal-prod-data-111122223333/x/model.tar.gz";
    const foreign = "s3://somebody-elses/x/model.tar.gz";
    const cases: readonly (readonly [string, (value: unknown) => Resource])[] = [
      [
        "primaryContainer.modelDataUrl",
        (value) => broken(compliant("native", "model"), "primaryContainer", { modelDataUrl: value }),
      ],
      [
        "containers[1].modelDataUrl",
        (value) => broken(compliant("classic", "model"), "containers", [{}, { modelDataUrl: value }]),
      ],
      [
        "primaryContainer.modelDataSource.s3DataSource.s3Uri",
        (value) =>
          broken(compliant("native", "model"), "primaryContainer", {
            modelDataSource: { s3DataSource: { s3Uri: value } },
          }),
      ],
      [
        "primaryContainer.modelDataSource.s3DataSources[0].s3Uri",
        (value) =>
          broken(compliant("classic", "model"), "primaryContainer", {
            modelDataSource: { s3DataSources: [{ s3Uri: value }] },
          }),
      ],
      [
        "primaryContainer.additionalModelDataSources[0].s3DataSources[0].s3Uri",
        (value) =>
          broken(compliant("classic", "model"), "primaryContainer", {
            additionalModelDataSources: [{ s3DataSources: [{ s3Uri: value }] }],
          }),
      ],
      [
        "processingInputs[0].s3Input.s3Uri",
        (value) => broken(compliant("native", "job"), "processingInputs", [{ s3Input: { s3Uri: value } }]),
      ],
      [
        "inputDataConfigs[0].dataSource.s3DataSource.s3Uri",
        (value) =>
          broken(compliant("classic", "job"), "inputDataConfigs", [{ dataSource: { s3DataSource: { s3Uri: value } } }]),
      ],
    ];
    const monitors: readonly (readonly ["native" | "classic", string, string])[] = [
      ["classic", "tuning", "trainingJobDefinition.inputDataConfigs[0].dataSource.s3DataSource.s3Uri"],
      ["classic", "tuning", "trainingJobDefinitions[0].inputDataConfigs[0].dataSource.s3DataSource.s3Uri"],
      ["native", "monitoringSchedule", `${SCHEDULED}.monitoringInputs[0].${CAPTURED}`],
      ["native", "monitoringSchedule", `${SCHEDULED}.baselineConfig.constraintsResource.s3Uri`],
      ["native", "monitoringSchedule", `${SCHEDULED}.baselineConfig.statisticsResource.s3Uri`],
      ["classic", "monitoringSchedule", `${SCHEDULED}.monitoringInputs.${CAPTURED}`],
      ["classic", "monitoringSchedule", `${SCHEDULED}.baseline.constraintsResource.s3Uri`],
      ["classic", "monitoringSchedule", `${SCHEDULED}.baseline.statisticsResource.s3Uri`],
      ...(["native", "classic"] as const).flatMap((provider) =>
        [
          `dataQualityJobInput.${CAPTURED}`,
          "dataQualityBaselineConfig.constraintsResource.s3Uri",
          "dataQualityBaselineConfig.statisticsResource.s3Uri",
        ].map((path) => [provider, "dataQualityJobDefinition", path] as const),
      ),
      ...["modelQuality", "modelBias", "modelExplainability"].flatMap((kind) =>
        [
          `${kind}JobInput.${CAPTURED}`,
          `${kind}BaselineConfig.constraintsResource.s3Uri`,
          ...(kind === "modelExplainability" ? [] : [`${kind}JobInput.groundTruthS3Input.s3Uri`]),
        ].map((path) => ["native", `${kind}JobDefinition`, path] as const),
      ),
    ];
    const all = [
      ...cases,
      ...monitors.map(([provider, family, path]) => [path, planted(compliant(provider, family), path)] as const),
    ];
    for (const [path, reading] of all) {
      it(`${reading(uri).type} ${path}`, async () => {
        const bucket = compliant("native", "bucket");
        violates(await analyzeStack(rule, [reading(uri), bucket]));
        violates(await analyzeStack(rule, [reading(foreign), bucket]), outside(path, `"${foreign}"`));
        violates(await analyzeStack(rule, [reading("https://x/y"), bucket]), outside(path, '"https://x/y"'));
        violates(await analyzeStack(rule, [reading(foreign)], { config: { versionedBuckets: ["somebody-elses"] } }));
        const root = path.split(/[.[]/)[0] ?? "";
        const waits = `bucket-versioned/waits: ${path} is not known yet, must be ${LIMIT}. ${AGAIN}`;
        notes(await analyzeStack(rule, [reading(UNKNOWN), bucket]), waits);
        violates(
          await analyzeStack(rule, [{ ...reading(UNKNOWN), propertyDependencies: { [root]: ["bucket"] } }, bucket]),
        );
      });
    }

    it("a container not known at all is said once", async () => {
      notes(
        await analyzeStack(rule, [broken(compliant("classic", "model"), "primaryContainer", UNKNOWN)]),
        `bucket-versioned/waits: primaryContainer is not known yet, must be ${LIMIT}. ${AGAIN}`,
      );
    });
  });
});
