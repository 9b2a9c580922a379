import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListModelsCommand } from "@aws-sdk/client-sagemaker";
import { loadStage, need } from "../../../cli/stage.ts";
import { told } from "../inbox.ts";
import { type Fact, from, type Life, prove, type Scene } from "../life.ts";
import { approvalMail, approve, submitAndWait } from "./work.ts";

export const submission: Scene = {
  id: "submission",
  title: "the submission: batch test, evaluation, gate, approval by e-mail",
  async play(life): Promise<Fact[]> {
    const submitted = await submitAndWait(life, from(life.found.first, "train").trainingJobName);
    life.found.first = submitted;
    const predictions = await batchPredictions(life, submitted.submissionId);
    const mail = await approvalMail(life, submitted);
    life.say(`mail to ${mail.to.join(", ")}: ${mail.subject}`);
    const { shown } = await approve(life, mail, submitted, "Good enough to begin with.");
    prove(
      shown.text.includes(submitted.metric.toFixed(4).slice(0, 5)),
      "the approval page does not show the candidate's metric",
    );
    const { Models: models } = await life.clients.sagemaker.send(new ListModelsCommand({ NameContains: "-test-" }));
    prove(
      (models ?? []).length === 0,
      `the batch test left models behind: ${models?.map((model) => model.ModelName).join(", ")}`,
    );
    return [
      { label: "model package", value: submitted.modelPackageArn },
      { label: "batch predictions", value: `${predictions.length} (${predictions.slice(0, 3).join(", ")}, …)` },
      { label: "metric on the test part", value: String(submitted.metric) },
      { label: "approval mail", value: `${mail.subject} → ${mail.to.join(", ")}` },
      ...["Candidate, rocAuc", "Champion", "Why", "Approvals needed", "Tested on", "Serving", "While nobody asks"].map(
        (label): Fact => ({ label: `  ${label}`, value: told(mail, label) }),
      ),
      { label: "GET of the link", value: "shows the page, changes nothing" },
      { label: "POST", value: "Approved; a second decision is refused" },
    ];
  },
};

async function batchPredictions(life: Life, submissionId: string): Promise<number[]> {
  const { artifactBucket } = need(await loadStage(life.clients.ssm, "dev"), "artifactBucket");
  const { Contents: objects } = await life.clients.s3.send(
    new ListObjectsV2Command({ Bucket: artifactBucket, Prefix: `submissions/${submissionId}/` }),
  );
  const key = objects?.map((object) => object.Key ?? "").find((name) => name.endsWith(".out"));
  prove(key, `submission ${submissionId} left no batch predictions in ${artifactBucket}`);
  const object = await life.clients.s3.send(new GetObjectCommand({ Bucket: artifactBucket, Key: key }));
  return ((await object.Body?.transformToString()) ?? "").trim().split("\n").map(Number);
}
