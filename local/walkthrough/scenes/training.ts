import { GetObjectCommand } from "@aws-sdk/client-s3";
import { ListTagsCommand, ListTrainingJobsCommand } from "@aws-sdk/client-sagemaker";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { trainingTags } from "../../../contracts/training.ts";
import { type Fact, from, type Life, prove, type Scene } from "../life.ts";
import { train } from "./work.ts";

export const training: Scene = {
  id: "train",
  title: "a real model is trained by the training state machine",
  async play(life): Promise<Fact[]> {
    const result = await train(life, "first");
    prove(!result.reused, "a first training was said to be there already");
    const { bucket, key } = parseS3Uri(result.artifactUri);
    const object = await life.clients.s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: result.artifactVersionId }),
    );
    const bytes = await object.Body?.transformToByteArray();
    prove(bytes && bytes[0] === 0x1f && bytes[1] === 0x8b, `${result.artifactUri} is no gzip archive`);
    const { trainingJobName } = result;
    life.found.first = { trainingJobName, submissionId: "", executionArn: "", modelPackageArn: "", metric: Number.NaN };
    return [
      { label: "training job", value: trainingJobName },
      { label: "key", value: result.key },
      {
        label: "artefact",
        value: `${result.artifactUri} (${bytes.length} bytes, version ${result.artifactVersionId})`,
      },
      { label: "billed", value: `${result.billableSeconds} s of ${result.instanceType}, spare capacity` },
    ];
  },
};

export const retraining: Scene = {
  id: "retrain",
  title: "the same training again costs nothing; --force trains again, and says so",
  async play(life): Promise<Fact[]> {
    const first = from(life.found.first, "train").trainingJobName;
    const before = await jobs(life);
    const again = await train(life, "first");
    prove(again.reused && again.trainingJobName === first, `the same request was answered by ${again.trainingJobName}`);
    prove((await jobs(life)).length === before.length, "the same request started a job");

    const forced = await train(life, "first", { force: true });
    prove(!forced.reused && forced.forced, "a forced training is not on record as one");
    prove(forced.trainingJobName !== first, "a forced training used the old job");
    const after = await jobs(life);
    prove(after.length === before.length + 1, `--force started ${after.length - before.length} jobs`);
    const { Tags: tags } = await life.clients.sagemaker.send(
      new ListTagsCommand({ ResourceArn: forced.trainingJobArn }),
    );
    const mark = tags?.find((tag) => tag.Key === trainingTags.forced)?.Value;
    prove(mark === "true", `the forced job's tag ${trainingTags.forced} is ${mark}`);
    return [
      { label: "the same request", value: `reused ${again.trainingJobName}: no new job, nothing billed` },
      { label: "training jobs", value: `${before.length} before and after it` },
      { label: "with --force", value: `${forced.trainingJobName}, tag ${trainingTags.forced}=true` },
    ];
  },
};

async function jobs(life: Life): Promise<string[]> {
  const listed = await life.clients.sagemaker.send(new ListTrainingJobsCommand({ MaxResults: 100 }));
  return (listed.TrainingJobSummaries ?? []).map((job) => job.TrainingJobName ?? "");
}
