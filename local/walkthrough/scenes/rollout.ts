import { GetObjectCommand } from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { loadStage, need } from "../../../cli/stage.ts";
import { waitForExecution } from "../../../cli/submit.ts";
import { digestOf } from "../../../contracts/digest.ts";
import { GateVerdict } from "../../../contracts/evaluation.ts";
import { packageKeys } from "../../../contracts/lineage.ts";
import { parseS3Uri, verdictKey } from "../../../contracts/paths.ts";
import { told } from "../inbox.ts";
import { type Fact, from, type Life, prove, type Scene } from "../life.ts";
import { predict, servedPackage, untilServed } from "./serving.ts";
import { approvalMail, approvalStatus, approve, submitAndWait, train } from "./work.ts";

export const rollout: Scene = {
  id: "rollout",
  title: "the Approved event deploys to a serverless endpoint, which predicts",
  async play(life): Promise<Fact[]> {
    const { endpointName } = need(await loadStage(life.clients.ssm, "dev"), "endpointName");
    const { modelPackageArn } = from(life.found.first, "submission");
    await untilServed(life, endpointName, modelPackageArn);
    const { probabilities, labels } = await predict(life, endpointName, 10);
    const right = probabilities.filter((probability, i) => Number(probability >= 0.5) === labels[i]).length;
    prove(right >= 8, `the endpoint predicts ${right} of 10 test records rightly: ${probabilities.join(", ")}`);
    return [
      { label: "endpoint", value: endpointName },
      { label: "serves", value: modelPackageArn },
      { label: "predictions for 10 test records", value: probabilities.map((value) => value.toFixed(3)).join(" ") },
      { label: "right", value: `${right} of 10` },
    ];
  },
};

export const gate: Scene = {
  id: "gate",
  title: "a worse model is stopped by the gate; no human is bothered",
  async play(life): Promise<Fact[]> {
    const { endpointName } = need(await loadStage(life.clients.ssm, "dev"), "endpointName");
    const { trainingJobName } = await train(life, "worse");
    const submitted = await submitAndWait(life, trainingJobName);
    life.found.worse = submitted;
    const execution = await waitForExecution(life.clients.sfn, submitted.executionArn, {
      pollMs: 100,
      timeoutMs: 60_000,
    });
    prove(
      execution.status === "SUCCEEDED",
      `the submission ended ${execution.status}: ${execution.error ?? ""} ${execution.cause ?? ""}`,
    );
    const status = await approvalStatus(life, submitted);
    prove(status === "Rejected", `the worse model's package is ${status}, not Rejected`);
    const served = await servedPackage(life, endpointName);
    prove(served === from(life.found.first, "submission").modelPackageArn, `the endpoint now serves ${served}`);
    const found = await life.clients.sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: submitted.modelPackageArn }),
    );
    const metadata = found.CustomerMetadataProperties ?? {};
    const reasons = await keptReasons(life, found.ModelMetrics?.ModelQuality?.Statistics?.S3Uri, metadata);
    return [
      { label: "model package", value: `${submitted.modelPackageArn}: ${status}` },
      { label: "metric on the test part", value: String(submitted.metric) },
      ...reasons.map((value) => ({ label: "reason", value })),
      {
        label: "judged on",
        value: `${metadata[packageKeys.sampleSize]} rows of ${metadata[packageKeys.testDatasetVersion]}, standard error ${metadata[packageKeys.metricStandardError]}`,
      },
    ];
  },
};

export const better: Scene = {
  id: "better",
  title: "a better model is approved and rolls out over the first",
  async play(life): Promise<Fact[]> {
    const { endpointName } = need(await loadStage(life.clients.ssm, "dev"), "endpointName");
    const before = await predict(life, endpointName, 10);
    const { trainingJobName } = await train(life, "better");
    const submitted = await submitAndWait(life, trainingJobName);
    life.found.better = submitted;
    prove(
      submitted.metric > from(life.found.first, "submission").metric,
      `the better model measures ${submitted.metric}`,
    );
    const mail = await approvalMail(life, submitted);
    await approve(life, mail, submitted, "Better on the same test part.");
    await untilServed(life, endpointName, submitted.modelPackageArn);
    const after = await predict(life, endpointName, 10);
    prove(
      before.probabilities.join() !== after.probabilities.join(),
      "the endpoint still answers as the first model did",
    );
    return [
      { label: "model package", value: submitted.modelPackageArn },
      { label: "metric on the test part", value: `${submitted.metric} (first: ${life.found.first?.metric})` },
      { label: "margin, as the approver is told", value: told(mail, "Margin, plus is better") },
      { label: "endpoint serves", value: submitted.modelPackageArn },
      { label: "first prediction", value: `${before.probabilities[0]} → ${after.probabilities[0]}` },
    ];
  },
};

/** The gate's reasons, whole: from the verdict kept beside the evaluation, whose digest the package has. */
async function keptReasons(life: Life, evaluationUri: string | undefined, metadata: Record<string, string>) {
  const { bucket: Bucket, key } = parseS3Uri(from(evaluationUri, "gate"));
  const object = await life.clients.s3.send(new GetObjectCommand({ Bucket, Key: verdictKey(key) }));
  const text = (await object.Body?.transformToString()) ?? "";
  prove(digestOf(text) === metadata[packageKeys.gateVerdict], "the verdict is not the one that the package names");
  const { reasons } = GateVerdict.parse(JSON.parse(text));
  prove(reasons.length > 0, "the gate gave no reason");
  return reasons;
}
