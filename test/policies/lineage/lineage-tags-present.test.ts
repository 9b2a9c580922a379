import rule from "../../../policies/lineage/lineage-tags-present.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const ALL = "frugal:dataset-version, frugal:run, frugal:training-job, frugal:artifact-digest and frugal:model-package";
const HAND = (key: string) => `Take ${key} from the model package's record instead of writing it by hand.`;

describe("lineage-tags-present", () => {
  for (const provider of PROVIDERS) {
    for (const family of ["model", "endpointConfig", "endpoint"]) {
      it(`${provider} ${family}: without tags`, async () => {
        violates(
          await analyze(rule, broken(compliant(provider, family), "tags", undefined)),
          `lineage-tags-present/missing: tags is without ${ALL}, must be with ${ALL}. Add what is missing, as the model package records it.`,
        );
      });
    }
    it(`${provider}: keys unknown are refused, as they might be anything`, async () => {
      violates(
        await analyze(rule, broken(compliant(provider, "endpoint"), "tags", UNKNOWN)),
        `lineage-tags-present/unknown: tags is not known at preview, must be literal keys, among them ${ALL}. Write the keys as literals; only their values may come from other resources.`,
      );
    });
    it(`${provider}: tags of no shape`, async () => {
      violates(
        await analyze(rule, broken(compliant(provider, "endpoint"), "tags", "none")),
        `lineage-tags-present/shape: tags is "none", must be a tag with a key and a value. Give ${ALL}.`,
      );
    });
    it(`${provider}: a job needs its data and run`, async () => {
      violates(
        await analyze(rule, broken(compliant(provider, "job"), "tags", provider === "native" ? [] : {})),
        "lineage-tags-present/missing: tags is without frugal:dataset-version and frugal:run, must be with frugal:dataset-version and frugal:run. Add what is missing, as the model package records it.",
      );
    });
    it(`${provider}: a package group needs its model`, async () => {
      violates(
        await analyze(rule, broken(compliant(provider, "packageGroup"), "tags", undefined)),
        "lineage-tags-present/missing: tags is without frugal:model, must be with frugal:model. Add what is missing, as the model package records it.",
      );
    });
  }

  it("native: one tag removed", async () => {
    violates(
      await analyze(rule, broken(compliant("native", "model"), "tags[1]", undefined)),
      `lineage-tags-present/missing: tags is without frugal:run, must be with ${ALL}. Add what is missing, as the model package records it.`,
    );
  });

  it("classic: one tag removed", async () => {
    violates(
      await analyze(rule, broken(compliant("classic", "model"), '["tags"]["frugal:training-job"]', undefined)),
      `lineage-tags-present/missing: tags is without frugal:training-job, must be with ${ALL}. Add what is missing, as the model package records it.`,
    );
  });

  const hex = "ab".repeat(32);
  const values: readonly [index: number, key: string, limit: string, bad: readonly unknown[]][] = [
    [
      0,
      "frugal:dataset-version",
      "<dataset name>@sha256:<64 lower-case hex digits>",
      [`churn@sha256:${hex.slice(1)}`, `churn@sha256:${hex}0`, `@sha256:${hex}`, "churn", 7],
    ],
    [1, "frugal:run", "the run's name, not empty", [" ", "a{b}", true]],
    [2, "frugal:training-job", "a training job's name", ["-a", "a-", `a${"b".repeat(63)}`]],
    [
      3,
      "frugal:artifact-digest",
      "sha256:<64 lower-case hex digits>",
      [hex, `sha256:${hex.toUpperCase()}`, `sha256:${hex}\n`],
    ],
    [
      4,
      "frugal:model-package",
      "the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION)",
      [
        "churn/3",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model/churn/3",
      ],
    ],
  ];
  for (const [index, key, limit, bad] of values) {
    it(`${key}: what is not of its form`, async () => {
      for (const value of bad) {
        violates(
          await analyze(rule, broken(compliant("native", "endpoint"), `tags[${index}].value`, value)),
          `lineage-tags-present/value: tags[${index}].value is ${JSON.stringify(value)}, must be ${limit}. ${HAND(key)}`,
        );
        violates(
          await analyze(rule, broken(compliant("classic", "endpoint"), `tags["${key}"]`, value)),
          `lineage-tags-present/value: tags["${key}"] is ${JSON.stringify(value)}, must be ${limit}. ${HAND(key)}`,
        );
      }
      violates(
        await analyze(rule, broken(compliant("native", "endpoint"), `tags[${index}].value`, "")),
        `lineage-tags-present/value: tags[${index}].value is empty, must be ${limit}. ${HAND(key)}`,
      );
    });
    it(`${key}: a value not known yet is waited for`, async () => {
      const fix = "It is judged at update, before the resource is touched.";
      notes(
        await analyze(rule, broken(compliant("native", "endpoint"), `tags[${index}].value`, UNKNOWN)),
        `lineage-tags-present/waits: tags[${index}].value is not known yet, must be ${limit}. ${fix}`,
      );
      notes(
        await analyze(rule, broken(compliant("classic", "endpoint"), `tags["${key}"]`, UNKNOWN)),
        `lineage-tags-present/waits: tags["${key}"] is not known yet, must be ${limit}. ${fix}`,
      );
    });
  }

  it("boundaries: the longest training job name, the shortest run", async () => {
    const endpoint = compliant("native", "endpoint");
    violates(await analyze(rule, broken(endpoint, "tags[2].value", `a${"b".repeat(62)}`)));
    violates(await analyze(rule, broken(endpoint, "tags[1].value", "r")));
    violates(await analyze(rule, broken(endpoint, "tags[1].value", "r".repeat(256))));
  });

  it("native: a key that stands twice", async () => {
    const endpoint = compliant("native", "endpoint");
    (endpoint.props.tags as unknown[]).push({ key: "frugal:run", value: "another" });
    violates(
      await analyze(rule, endpoint),
      "lineage-tags-present/doubled: tags[9].value is a second frugal:run, must be the only one. Keep the true one.",
    );
  });

  it("native: one key unknown", async () => {
    violates(
      await analyze(rule, broken(compliant("native", "endpoint"), "tags[0].key", UNKNOWN)),
      `lineage-tags-present/unknown: tags[0].key is not known at preview, must be literal keys, among them ${ALL}. Write the keys as literals; only their values may come from other resources.`,
    );
  });

  it("a package version carries the same keys in its metadata, but cannot name itself", async () => {
    const four = "frugal:dataset-version, frugal:run, frugal:training-job and frugal:artifact-digest";
    violates(
      await analyze(rule, broken(compliant("native", "package"), "customerMetadataProperties", undefined)),
      `lineage-tags-present/missing: customerMetadataProperties is without ${four}, must be with ${four}. Add what is missing, as the model package records it.`,
    );
  });

  it("the prefix is a setting", async () => {
    const config = { tagPrefix: "acme/" };
    violates(
      await analyze(rule, compliant("classic", "packageGroup"), { config }),
      "lineage-tags-present/missing: tags is without acme/model, must be with acme/model. Add what is missing, as the model package records it.",
    );
    violates(
      await analyze(rule, broken(compliant("classic", "packageGroup"), "tags", { "acme/model": "churn" }), { config }),
    );
  });

  it("inherited names are no tags", async () => {
    violates(
      await analyze(rule, broken(compliant("classic", "packageGroup"), "tags", { other: "x" }), {
        config: { tagPrefix: "" },
      }),
      "lineage-tags-present/missing: tags is without model, must be with model. Add what is missing, as the model package records it.",
    );
  });
});
