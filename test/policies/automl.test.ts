/** The origin of an AutoML job's best candidate: the AutoML job read the dataset, its last training job something made of it. */
import assert from "node:assert/strict";
import rule from "../../policies/lineage/lineage-tags-true.ts";
import type { Answer, AutoMlJobFacts } from "../../policies/support/live.ts";
import { compliant, PROVIDERS } from "./support/fixtures.ts";
import { analyze, violates } from "./support/harness.ts";
import { against, answered, DATASET_URI, type Double, double, JOB, PACKAGE_ARN, RECORDED } from "./support/registry.ts";

const KEY = "frugal:automl-job";
const SEARCH: AutoMlJobFacts = {
  arn: "arn:aws:sagemaker:us-east-1:111122223333:automl-job/churn-search",
  channels: [`${DATASET_URI}train/`],
  trainedBy: ["churn-prepare-1", "churn-train-7"],
};
const FIX =
  "Submit the model by the AutoML job that made it; jobs are seen only with credentials of account 111122223333.";
const LIMIT = "must be an AutoML job of account 111122223333 in us-east-1";

const record = (search: string) =>
  answered({ ...RECORDED, metadata: { ...RECORDED.metadata, [KEY]: search } } as typeof RECORDED);
/** A registry in which the training job read what the search had written. */
const searched = (answer: Answer<AutoMlJobFacts>, name = "churn-search"): Double =>
  double({
    packages: { [PACKAGE_ARN]: record(name) },
    jobs: { "churn-train-7": answered({ ...JOB, channels: ["s3://work/prepared/"] }) },
    searches: { [name]: answer },
  });

describe("lineage-tags-true, of AutoML models", () => {
  for (const provider of PROVIDERS) {
    const at = (key: string) =>
      provider === "native"
        ? `tags[${["dataset-version", "run", "training-job", "artifact-digest", "model-package"].indexOf(key)}].value`
        : `tags["frugal:${key}"]`;
    const search = `lineage-tags-true/job: ${at("model-package")} > ${KEY} is`;
    const judge = () => analyze(rule, compliant(provider, "endpoint"));

    it(`${provider}: the AutoML job that read the dataset is asked, not its step`, async () => {
      const registry = searched(answered(SEARCH));
      await against(registry, async () => violates(await judge()));
      assert.deepEqual(registry.asked, [PACKAGE_ARN, "us-east-1 AutoML churn-search"]);
    });

    it(`${provider}: a record of "-" means a training job`, async () => {
      const registry = double({ packages: { [PACKAGE_ARN]: record("-") } });
      await against(registry, async () => violates(await judge()));
      assert.deepEqual(registry.asked, [PACKAGE_ARN, "us-east-1 churn-train-7"]);
    });

    it(`${provider}: the training job is one that trained the best candidate`, async () => {
      const trained = `lineage-tags-true/job: ${at("training-job")} is "churn-train-7", must be what trained the best candidate of AutoML job "churn-search", which is`;
      const fix = "Submit the AutoML job itself; its best candidate is found then.";
      for (const [trainedBy, shown] of [
        [["churn-train-8"], '"churn-train-8"'],
        [[], "no training job"],
      ] as const)
        await against(searched(answered({ ...SEARCH, trainedBy })), async () =>
          violates(await judge(), `${trained} ${shown}. ${fix}`),
        );
      // A candidate of no step is recorded by the AutoML job's own name.
      const own = searched(answered({ ...SEARCH, trainedBy: [] }), "churn-train-7");
      await against(own, async () => violates(await judge()));
    });

    it(`${provider}: an AutoML job that does not exist, is another account's, or read other data`, async () => {
      await against(searched({ state: "not-found", words: "gone" }), async () =>
        violates(await judge(), `${search} AutoML job "churn-search", which does not exist (gone), ${LIMIT}. ${FIX}`),
      );
      const arn = SEARCH.arn?.replace("1111", "9999");
      await against(searched(answered({ ...SEARCH, arn })), async () =>
        violates(await judge(), `${search} AutoML job "${arn}", ${LIMIT}. ${FIX}`),
      );
      await against(searched(answered(SEARCH), "by hand"), async () =>
        violates(await judge(), `${search} "by hand", ${LIMIT}. ${FIX}`),
      );
      const prefix = DATASET_URI.replace("s3://frugal-prod-data/", "");
      const version = RECORDED.metadata["frugal:dataset-version"];
      await against(searched(answered({ ...SEARCH, channels: ["s3://other/"] })), async () =>
        violates(
          await judge(),
          `${search} AutoML job "churn-search", which read "s3://other/", must be one that read below "${prefix}", where ${version} lies. Submit a model that was trained on the dataset version that it names.`,
        ),
      );
    });

    it(`${provider}: an AutoML job that may not be looked up`, async () => {
      const denied = { state: "denied", action: "sagemaker:DescribeAutoMLJobV2", words: "no" } as const;
      await against(searched(denied), async () =>
        violates(
          await judge(),
          `lineage-tags-true/denied: ${at("model-package")} > ${KEY} is AutoML job "churn-search", which may not be looked up (no), ${LIMIT}. Allow sagemaker:DescribeAutoMLJobV2 to whoever runs the preview.`,
        ),
      );
    });
  }
});
