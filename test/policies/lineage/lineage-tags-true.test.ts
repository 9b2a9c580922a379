import assert from "node:assert/strict";
import rule from "../../../policies/lineage/lineage-tags-true.ts";
import type { Answer, PackageFacts } from "../../../policies/support/live.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";
import { against, answered, double, PACKAGE_ARN, RECORDED, trueRegistry } from "../support/registry.ts";

const OTHER = PACKAGE_ARN.replace(/3$/, "4");
const FIX = "Take the value from the package's record.";
const LATER = "It is judged at update, before the resource is touched.";
const FORM = "the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION)";
const recording = (changes: Record<string, string | undefined>): Answer<PackageFacts> => {
  const metadata = Object.entries({ ...RECORDED.metadata, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return answered({ ...RECORDED, metadata: Object.fromEntries(metadata) });
};
const registered = (answer: Answer<PackageFacts>) => double({ packages: { [PACKAGE_ARN]: answer } });

describe("lineage-tags-true", () => {
  for (const provider of PROVIDERS) {
    const at = (key: string) =>
      provider === "native"
        ? `tags[${["dataset-version", "run", "training-job", "artifact-digest", "model-package"].indexOf(key)}].value`
        : `tags["frugal:${key}"]`;

    for (const family of ["model", "endpointConfig", "endpoint"]) {
      for (const [key, recorded] of [
        ["dataset-version", `other@sha256:${"cd".repeat(32)}`],
        ["run", "another-run"],
        ["training-job", "churn-train-8"],
        ["artifact-digest", `sha256:${"00".repeat(32)}`],
      ] as const) {
        it(`${provider} ${family}: ${key} differs from the record`, async () => {
          const claimed = RECORDED.metadata[`frugal:${key}`];
          await against(registered(recording({ [`frugal:${key}`]: recorded })), async () =>
            violates(
              await analyze(rule, compliant(provider, family)),
              `lineage-tags-true/false: ${at(key)} is "${claimed}", must be "${recorded}", as ${PACKAGE_ARN} records. ${FIX}`,
            ),
          );
        });
      }
    }

    it(`${provider}: what the package does not record cannot be claimed`, async () => {
      await against(registered(recording({ "frugal:run": undefined })), async () =>
        violates(
          await analyze(rule, compliant(provider, "endpoint")),
          `lineage-tags-true/unrecorded: ${at("run")} is "run-2026-11-01", must be recorded as frugal:run of ${PACKAGE_ARN}, which has no such entry. ${FIX}`,
        ),
      );
    });

    it(`${provider}: tags copied from another package's model`, async () => {
      const both = double({ packages: { [PACKAGE_ARN]: answered(RECORDED), [OTHER]: answered(RECORDED) } });
      await against(both, async () =>
        violates(
          await analyze(rule, broken(compliant(provider, "model"), "primaryContainer.modelPackageName", OTHER)),
          `lineage-tags-true/package: ${at("model-package")} is "${PACKAGE_ARN}", must be "${OTHER}". Name the package that the container is made from.`,
        ),
      );
    });

    it(`${provider}: the package not known yet`, async () => {
      await against(trueRegistry(), async () => {
        notes(
          await analyze(rule, broken(compliant(provider, "endpoint"), at("model-package"), UNKNOWN)),
          `lineage-tags-true/waits: ${at("model-package")} is not known yet, must be the package whose record the other tags repeat. ${LATER}`,
        );
        notes(
          await analyze(rule, broken(compliant(provider, "model"), "primaryContainer.modelPackageName", UNKNOWN)),
          `lineage-tags-true/waits: primaryContainer.modelPackageName is not known yet, must be ${PACKAGE_ARN}. ${LATER}`,
        );
        notes(
          await analyze(rule, broken(compliant(provider, "model"), at("run"), UNKNOWN)),
          `lineage-tags-true/waits: ${at("run")} is not known yet, must be the run's name, not empty. ${LATER}`,
        );
      });
    });

    it(`${provider}: without a claim nothing can be verified, and nothing is asked`, async () => {
      const registry = trueRegistry();
      await against(registry, async () => {
        violates(
          await analyze(rule, broken(compliant(provider, "endpoint"), "tags", undefined)),
          `lineage-tags-true/unclaimed: tags is without one frugal:model-package, must be ${FORM}. Name the package, so that the other tags can be held against its record.`,
        );
        violates(
          await analyze(rule, broken(compliant(provider, "endpoint"), at("model-package"), "churn/3")),
          `lineage-tags-true/unclaimed: ${at("model-package")} is "churn/3", must be ${FORM}. Name the package, so that the other tags can be held against its record.`,
        );
      });
      assert.deepEqual(registry.asked, []);
    });

    it(`${provider}: each outcome of the look-up`, async () => {
      const path = at("model-package");
      const subject = `model package ${PACKAGE_ARN}`;
      const outcomes: readonly [Answer<PackageFacts>, string][] = [
        [
          { state: "not-found", words: "gone" },
          `lineage-tags-true/not-found: ${path} is ${subject}, which does not exist (gone), must be a registered version. Correct the name, or the account and region of the credentials.`,
        ],
        [
          { state: "denied", action: "sagemaker:DescribeModelPackage", words: "no" },
          `lineage-tags-true/denied: ${path} is ${subject}, which may not be looked up (no), must be a registered version. Allow sagemaker:DescribeModelPackage to whoever runs the preview.`,
        ],
        [
          { state: "offline", words: "no credentials" },
          `lineage-tags-true/offline: ${path} is ${subject}, which is not verified (no credentials), must be a registered version. Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.`,
        ],
      ];
      for (const [answer, text] of outcomes) {
        await against(registered(answer), async () =>
          violates(await analyze(rule, compliant(provider, "endpoint")), text),
        );
        const relaxed = await against(registered(answer), () =>
          analyze(rule, compliant(provider, "endpoint"), { config: { offline: "warn" } }),
        );
        assert.deepEqual(relaxed, [
          { text, level: answer.state === "offline" ? "advisory" : "mandatory", on: undefined },
        ]);
      }
    });
  }

  it("a record with inherited names proves nothing", async () => {
    await against(registered(answered({ ...RECORDED, metadata: {} })), async () => {
      const found = await analyze(rule, compliant("native", "endpoint"));
      assert.equal(found.length, 4);
      assert.ok(found.every(({ text }) => text.startsWith("lineage-tags-true/unrecorded")));
    });
  });
});
