import assert from "node:assert/strict";
import rule from "../../../policies/lineage/lineage-tags-true.ts";
import type { Answer, PackageFacts, TrainingJobFacts } from "../../../policies/support/live.ts";
import type { ObjectFacts } from "../../../policies/support/live-objects.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";
import {
  against,
  answered,
  DATASET_URI,
  double,
  JOB,
  PACKAGE_ARN,
  RECORDED,
  store,
  trueRegistry,
  trueStore,
} from "../support/registry.ts";

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

    it(`${provider}: a model without a package, and tags that are not there, are another rule's fault`, async () => {
      await against(trueRegistry(), async () => {
        violates(await analyze(rule, broken(compliant(provider, "model"), "primaryContainer", { image: "i" })));
        violates(
          await analyze(rule, broken(compliant(provider, "endpoint"), at("run").replace(/\.value$/, ""), undefined)),
        );
      });
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

    it(`${provider}: each container of several; while one is not known, none is judged`, async () => {
      const of = (...containers: unknown[]) =>
        analyze(
          rule,
          broken(broken(compliant(provider, "model"), "primaryContainer", undefined), "containers", containers),
        );
      const other = { modelPackageName: OTHER };
      await against(trueRegistry(), async () => {
        violates(
          await of(other, { modelPackageName: `${OTHER}2` }),
          `lineage-tags-true/package: ${at("model-package")} is "${PACKAGE_ARN}", must be "${OTHER}" or "${OTHER}2". Name the package that the container is made from.`,
        );
        for (const [one, path, limit] of [
          [UNKNOWN, "containers[1]", `a container made from ${PACKAGE_ARN}`],
          [{ modelPackageName: UNKNOWN }, "containers[1].modelPackageName", PACKAGE_ARN],
        ] as const)
          notes(await of(other, one), `lineage-tags-true/waits: ${path} is not known yet, must be ${limit}. ${LATER}`);
      });
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
          await analyze(rule, broken(compliant(provider, "model"), "primaryContainer", UNKNOWN)),
          `lineage-tags-true/waits: primaryContainer is not known yet, must be a container made from ${PACKAGE_ARN}. ${LATER}`,
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

    const trained = (answer: Answer<TrainingJobFacts>) =>
      double({ packages: { [PACKAGE_ARN]: answered(RECORDED) }, jobs: { "churn-train-7": answer } });
    const reading = (...channels: string[]) => trained(answered({ ...JOB, channels }));
    const judge = (config = {}, family = "endpoint") => analyze(rule, compliant(provider, family), { config });
    const job = `${at("training-job")} is training job`;
    const limit = "must be a training job of account 111122223333 in us-east-1";
    const jobFix =
      "Submit the model by the training job that made it; jobs are seen only with credentials of account 111122223333.";
    const version = RECORDED.metadata["frugal:dataset-version"];
    const prefix = DATASET_URI.replace("s3://frugal-prod-data/", "");

    for (const family of ["model", "endpointConfig", "endpoint"]) {
      it(`${provider} ${family}: the training job does not exist`, async () => {
        await against(trained({ state: "not-found", words: "gone" }), async () =>
          violates(
            await judge({}, family),
            `lineage-tags-true/job: ${job} "churn-train-7", which does not exist (gone), ${limit}. ${jobFix}`,
          ),
        );
      });

      it(`${provider} ${family}: the dataset version was never published`, async () => {
        const published = store({});
        const missing = async () =>
          violates(
            await judge({}, family),
            `lineage-tags-true/dataset: ${at("dataset-version")} is "${version}", of which "${DATASET_URI}manifest.json" does not exist (Could not find it.), must be a published dataset version. Publish the version, or submit a model that was trained on a published one.`,
          );
        await against(trueRegistry(), missing, published);
        assert.deepEqual(published.asked, [`us-east-1 ${DATASET_URI}manifest.json`]);
      });
    }

    it(`${provider}: job and manifest are asked for where the package is`, async () => {
      const abroad = PACKAGE_ARN.replace("us-east-1", "eu-west-1");
      const registry = double({ packages: { [abroad]: answered(RECORDED) } });
      const objects = trueStore();
      await against(
        registry,
        async () => violates(await analyze(rule, broken(compliant(provider, "endpoint"), at("model-package"), abroad))),
        objects,
      );
      assert.deepEqual(registry.asked, [abroad, "eu-west-1 churn-train-7"]);
      assert.deepEqual(objects.asked, [`eu-west-1 ${DATASET_URI}manifest.json`]);
    });

    it(`${provider}: a job of that name in another account`, async () => {
      for (const [arn, shown] of [
        [JOB.arn?.replace("1111", "9999"), '"arn:aws:sagemaker:us-east-1:999922223333:training-job/churn-train-7"'],
        [undefined, "absent"],
      ] as const)
        await against(trained(answered({ ...JOB, arn })), async () =>
          violates(await judge(), `lineage-tags-true/job: ${job} ${shown}, ${limit}. ${jobFix}`),
        );
    });

    it(`${provider}: the job read nothing of the dataset version`, async () => {
      const other = `s3://frugal-prod-data/datasets/churn/${"00".repeat(32)}/train/`;
      for (const [channels, shown] of [
        [[other, "s3://frugal-prod-data/datasets/"], `"${other}" and "s3://frugal-prod-data/datasets/"`],
        [[`s3://frugal-prod-data/copy/${prefix}`], `"s3://frugal-prod-data/copy/${prefix}"`],
        [[`${DATASET_URI.slice(0, -1)}2/`], `"${DATASET_URI.slice(0, -1)}2/"`],
        [["https://elsewhere"], '"https://elsewhere"'],
        [[], "nothing in S3"],
      ] as const)
        await against(reading(...channels), async () =>
          violates(
            await judge(),
            `lineage-tags-true/job: ${job} "churn-train-7", which read ${shown}, must be one that read below "${prefix}", where ${version} lies. Submit a model that was trained on the dataset version that it names.`,
          ),
        );
    });

    it(`${provider}: one channel of several is enough; each bucket that it lies in has the manifest`, async () => {
      for (const channels of [
        ["s3://weights/base/", `${DATASET_URI}train/`],
        [DATASET_URI.slice(0, -1)],
        [DATASET_URI],
      ])
        await against(reading(...channels), async () => violates(await judge()));
      const copy = DATASET_URI.replace("prod", "dev");
      await against(reading(DATASET_URI, copy, `${copy}train/`), async () =>
        violates(
          await judge(),
          `lineage-tags-true/dataset: ${at("dataset-version")} is "${version}", of which "${copy}manifest.json" does not exist (Could not find it.), must be a published dataset version. Publish the version, or submit a model that was trained on a published one.`,
        ),
      );
    });

    it(`${provider}: each outcome of the look-ups of job and manifest`, async () => {
      const offline = "Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.";
      const manifest = `${at("dataset-version")} is manifest "${DATASET_URI}manifest.json"`;
      const denied = (action: string) => ({ state: "denied", action, words: "no" }) as const;
      const away = { state: "offline", words: "no credentials" } as const;
      const kept = (answer: Answer<never>) => store({ [`${DATASET_URI}manifest.json`]: answer });
      const cases = [
        [
          trained(denied("sagemaker:DescribeTrainingJob")),
          trueStore(),
          `lineage-tags-true/denied: ${job} "churn-train-7", which may not be looked up (no), ${limit}. Allow sagemaker:DescribeTrainingJob to whoever runs the preview.`,
        ],
        [
          trained(away),
          trueStore(),
          `lineage-tags-true/offline: ${job} "churn-train-7", which is not verified (no credentials), ${limit}. ${offline}`,
        ],
        [
          trueRegistry(),
          kept(denied("s3:GetObject")),
          `lineage-tags-true/denied: ${manifest}, which may not be looked up (no), must be an object that exists. Allow s3:GetObject to whoever runs the preview.`,
        ],
        [
          trueRegistry(),
          kept(away),
          `lineage-tags-true/offline: ${manifest}, which is not verified (no credentials), must be an object that exists. ${offline}`,
        ],
      ] as const;
      for (const [registry, objects, text] of cases) {
        await against(registry, async () => violates(await judge(), text), objects);
        const level = text.includes("/offline") ? "advisory" : "mandatory";
        const relaxed = await against(registry, () => judge({ offline: "warn" }), objects);
        assert.deepEqual(relaxed, [{ text, level, on: undefined }]);
      }
    });

    it(`${provider}: another layout, or none`, async () => {
      const datasetManifest = "lake/{name}/v-{hex}/about/{name}.json";
      const root = prefix.replace("datasets/churn/", "lake/churn/v-");
      const objects = store({ [`s3://lake/${root}about/churn.json`]: answered({} as ObjectFacts) });
      await against(
        reading(`s3://lake/${root}parts/`),
        async () => violates(await judge({ datasetManifest })),
        objects,
      );
      await against(trueRegistry(), async () =>
        violates(
          await judge({ datasetManifest }),
          `lineage-tags-true/job: ${job} "churn-train-7", which read "${DATASET_URI}train/", must be one that read below "${root}", where ${version} lies. Submit a model that was trained on the dataset version that it names.`,
        ),
      );
      const registry = double({ packages: { [PACKAGE_ARN]: answered(RECORDED) }, jobs: {} });
      await against(registry, async () => violates(await judge({ datasetManifest: "" })), store({}));
      assert.deepEqual(registry.asked, [PACKAGE_ARN]);
    });

    it(`${provider}: what is recorded and not tagged is judged too, and what a tag denies is not`, async () => {
      const without = (key: string) =>
        broken(compliant(provider, "endpoint"), at(key).replace(/\.value$/, ""), undefined);
      const nothing = double({ packages: { [PACKAGE_ARN]: answered(RECORDED) }, jobs: {} });
      await against(nothing, async () => {
        const [one, ...others] = await analyze(rule, without("training-job"));
        // The list of the one provider is a tag shorter.
        const found = provider === "native" ? "tags[3].value" : at("model-package");
        assert.equal(
          one?.text,
          `lineage-tags-true/job: ${found} > frugal:training-job is training job "churn-train-7", which does not exist (Could not find it.), ${limit}. ${jobFix}`,
        );
        assert.deepEqual(others, []);
      });
      const denied = registered(recording({ "frugal:training-job": "churn-train-8" }));
      await against(denied, async () => assert.equal((await judge()).length, 1));
      assert.deepEqual(denied.asked, [PACKAGE_ARN]);
      // No record of a job and no tag: lineage-tags-present asks for the tag.
      await against(registered(recording({ "frugal:training-job": undefined })), async () =>
        violates(await analyze(rule, without("training-job"))),
      );
    });

    it(`${provider}: a record that names an AutoML job; all that is asked of one is in automl.test.ts`, async () => {
      const asked = async (search: string) => {
        const registry = registered(recording({ "frugal:automl-job": search }));
        const found = await against(registry, () => judge());
        return { found, job: registry.asked.at(-1) };
      };
      const none = await asked("-");
      violates(none.found);
      assert.equal(none.job, "us-east-1 churn-train-7");
      const some = await asked("churn-search");
      violates(
        some.found,
        `lineage-tags-true/job: ${at("model-package")} > frugal:automl-job is AutoML job "churn-search", which does not exist (Could not find it.), must be an AutoML job of account 111122223333 in us-east-1. Submit the model by the AutoML job that made it; jobs are seen only with credentials of account 111122223333.`,
      );
    });

    it(`${provider}: a record that names no job or no version, repeated by the tag`, async () => {
      const both = (key: string, text: string) =>
        against(registered(recording({ [`frugal:${key}`]: text })), () =>
          analyze(rule, broken(compliant(provider, "endpoint"), at(key), text)),
        );
      violates(
        await both("training-job", "by hand"),
        `lineage-tags-true/job: ${at("training-job")} is "by hand", ${limit}. ${jobFix}`,
      );
      violates(
        await both("dataset-version", "latest"),
        `lineage-tags-true/dataset: ${at("dataset-version")} is "latest", must be <dataset name>@sha256:<64 lower-case hex digits>. Submit a model that was trained on a published dataset version.`,
      );
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
