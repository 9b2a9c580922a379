import rule from "../../../policies/lineage/model-data-content-addressed.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const HEX = "ab".repeat(32);
const GOOD = `s3://frugal-prod-artifacts/models/sha256/${HEX}/model.tar.gz`;
const LIMIT = "s3://<bucket>/<prefix>/sha256/<64 lower-case hex digits>/…";
const LATER = "It is judged at update, before the resource is touched.";
const wrong = (path: string, shown: string) =>
  `model-data-content-addressed/path: ${path} is ${shown}, must be ${LIMIT}. Store the bytes under their own digest and name that path.`;
const waits = (path: string) =>
  `model-data-content-addressed/waits: ${path} is not known yet, must be ${LIMIT}. ${LATER}`;

/** Every place where model data is named: its path, and a resource that names `value` there. */
const PLACES: readonly (readonly [string, (value: unknown) => Resource])[] = [
  ...PROVIDERS.flatMap((provider): (readonly [string, (value: unknown) => Resource])[] => [
    [
      "primaryContainer.modelDataUrl",
      (value) => broken(compliant(provider, "model"), "primaryContainer", { image: "i", modelDataUrl: value }),
    ],
    [
      "containers[1].modelDataUrl",
      (value) => broken(compliant(provider, "model"), "containers", [{ modelDataUrl: GOOD }, { modelDataUrl: value }]),
    ],
  ]),
  [
    "containers[0].modelDataSource.s3DataSource.s3Uri",
    (value) =>
      broken(compliant("native", "model"), "containers", [{ modelDataSource: { s3DataSource: { s3Uri: value } } }]),
  ],
  [
    "primaryContainer.modelDataSource.s3DataSources[1].s3Uri",
    (value) =>
      broken(compliant("classic", "model"), "primaryContainer", {
        modelDataSource: { s3DataSources: [{ s3Uri: GOOD }, { s3Uri: value }] },
      }),
  ],
  [
    "containers[0].additionalModelDataSources[0].s3DataSources[0].s3Uri",
    (value) =>
      broken(compliant("classic", "model"), "containers", [
        { modelDataUrl: GOOD, additionalModelDataSources: [{ s3DataSources: [{ s3Uri: value }] }] },
      ]),
  ],
  [
    "specification.container.artifactUrl",
    (value) =>
      broken(compliant("native", "inferenceComponent"), "specification", { container: { artifactUrl: value } }),
  ],
  [
    "specifications[0].container.artifactUrl",
    (value) =>
      broken(compliant("native", "inferenceComponent"), "specifications", [{ container: { artifactUrl: value } }]),
  ],
  [
    "inferenceSpecification.containers[0].modelDataUrl",
    (value) => broken(compliant("native", "package"), "inferenceSpecification.containers[0].modelDataUrl", value),
  ],
  [
    "inferenceSpecification.containers[0].modelDataSource.s3DataSource.s3Uri",
    (value) =>
      broken(compliant("native", "package"), "inferenceSpecification.containers", [
        { image: "i", modelDataSource: { s3DataSource: { s3Uri: value } } },
      ]),
  ],
  [
    "additionalInferenceSpecifications[0].containers[0].modelDataUrl",
    (value) =>
      broken(compliant("native", "package"), "additionalInferenceSpecifications", [
        { name: "n", containers: [{ modelDataUrl: value }] },
      ]),
  ],
  [
    "additionalInferenceSpecificationsToAdd[0].containers[0].modelDataUrl",
    (value) =>
      broken(compliant("native", "package"), "additionalInferenceSpecificationsToAdd", [
        { name: "n", containers: [{ modelDataUrl: value }] },
      ]),
  ],
  [
    "sourceAlgorithmSpecification.sourceAlgorithms[0].modelDataUrl",
    (value) =>
      broken(compliant("native", "package"), "sourceAlgorithmSpecification", {
        sourceAlgorithms: [{ algorithmName: "a", modelDataUrl: value }],
      }),
  ],
];

describe("model-data-content-addressed", () => {
  for (const [path, naming] of PLACES) {
    it(`${naming(GOOD).type} ${path}`, async () => {
      for (const good of [
        GOOD,
        `s3://abc/sha256/${HEX}/m`,
        `s3://abc/a/b/sha256/${HEX}/c/d`,
        `s3://abc/sha256/${HEX}/`,
      ]) {
        violates(await analyze(rule, naming(good)));
      }
      for (const bad of [
        "s3://frugal-prod-artifacts/models/latest/model.tar.gz",
        `s3://abc/sha256/${HEX.slice(1)}/m`,
        `s3://abc/sha256/${HEX}a/m`,
        `s3://abc/sha256/${HEX.toUpperCase()}/m`,
        `s3://abc/sha256/${HEX}`,
        `s3://abc/xsha256/${HEX}/m`,
        `s3://abc/sha512/${HEX}/m`,
        `https://abc.s3.amazonaws.com/sha256/${HEX}/m`,
        `arn:aws:s3:::abc/sha256/${HEX}/m`,
      ]) {
        violates(await analyze(rule, naming(bad)), wrong(path, `"${bad}"`));
      }
      violates(await analyze(rule, naming("")), wrong(path, "empty"));
      violates(await analyze(rule, naming(7)), wrong(path, "7"));
      notes(await analyze(rule, naming(UNKNOWN)), waits(path));
    });

    it(`${naming(GOOD).type} ${path} outside the artefact buckets`, async () => {
      const value = `s3://another/sha256/${HEX}/m`;
      violates(
        await analyze(rule, naming(value), { config: { artifactBuckets: ["frugal-prod-artifacts", "second"] } }),
        `model-data-content-addressed/bucket: ${path} is "${value}", must be in frugal-prod-artifacts or second. Store it in an artefact bucket, or list its bucket in artifactBuckets.`,
      );
      violates(await analyze(rule, naming(GOOD), { config: { artifactBuckets: ["frugal-prod-artifacts"] } }));
    });
  }

  for (const provider of PROVIDERS) {
    it(`${provider}: a container with neither data nor a package`, async () => {
      const empty = (path: string) =>
        `model-data-content-addressed/none: ${path} is without model data, must be made from a package, or from ${LIMIT}. Set modelPackageName to the ARN of a registered version.`;
      const model = compliant(provider, "model");
      violates(await analyze(rule, broken(model, "primaryContainer", { image: "i" })), empty("primaryContainer"));
      violates(await analyze(rule, broken(model, "containers", [{}])), empty("containers[0]"));
      violates(await analyze(rule, broken(model, "primaryContainer.modelPackageName", UNKNOWN)));
      // No container at all is model-from-package's fault.
      violates(await analyze(rule, broken(model, "primaryContainer", undefined)));
    });

    it(`${provider}: what is not known, or no container, is said once`, async () => {
      const model = compliant(provider, "model");
      notes(await analyze(rule, broken(model, "primaryContainer", UNKNOWN)), waits("primaryContainer"));
      notes(await analyze(rule, broken(model, "containers", UNKNOWN)), waits("containers"));
      violates(await analyze(rule, broken(model, "containers", "x")), wrong("containers", '"x"'));
      violates(await analyze(rule, broken(model, "primaryContainer", "x")), wrong("primaryContainer", '"x"'));
    });
  }
});
