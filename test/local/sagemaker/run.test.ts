import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcessing } from "../../../local/sagemaker/run/processing.ts";
import { startModelServer } from "../../../local/sagemaker/run/server.ts";
import { runTransform } from "../../../local/sagemaker/run/transform.ts";
import type { Container } from "../../../local/sagemaker/run/types.ts";
import { ARN, BUCKET, CREDS, EXAMPLE, exampleSource, type Fixture, IMAGE, never, startFixture } from "./run-support.ts";

interface Run {
  hyperparameters: Record<string, string>;
  test: { accuracy: number; roc_auc: number };
}
const runs = JSON.parse(readFileSync(join(EXAMPLE, "runs.json"), "utf8")) as Record<"first" | "worse" | "better", Run>;
const LIMITS = { startupMs: 30_000, invocationMs: 10_000 };
const SERVING = { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" };

/** Accuracy at a threshold of one half. */
function accuracy(probabilities: number[], labels: number[]): number {
  const right = probabilities.filter((p, row) => (p >= 0.5 ? 1 : 0) === labels[row]);
  return right.length / labels.length;
}

describe("a real model, from training to predictions", function () {
  this.timeout(60_000);
  let fixture: Fixture;
  let features: string;
  let labels: number[];
  const model = (name: string): Container => ({
    image: IMAGE,
    modelDataUrl: `s3://${BUCKET}/out/${name}/output/model.tar.gz`,
    environment: SERVING,
  });

  before(async () => {
    fixture = await startFixture();
    const source = await fixture.putSource("code/source.tar.gz", exampleSource());
    await fixture.put("data/train/train.csv", readFileSync(join(fixture.data, "train/train.csv")));
    features = readFileSync(join(fixture.data, "test/features.csv"), "utf8");
    labels = readFileSync(join(fixture.data, "test/labels.csv"), "utf8").trim().split("\n").map(Number);
    for (const [name, { hyperparameters }] of Object.entries(runs)) {
      const result = await fixture.train(name, {
        HyperParameters: {
          ...hyperparameters,
          sagemaker_program: '"train.py"',
          sagemaker_submit_directory: JSON.stringify(source),
        },
        InputDataConfig: [
          {
            ChannelName: "train",
            DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/data/train` } },
          },
        ],
        AlgorithmSpecification: {
          TrainingImage: IMAGE,
          TrainingInputMode: "File",
          MetricDefinitions: [{ Name: "validation:accuracy", Regex: "validation:accuracy=([0-9.]+)" }],
        },
      });
      assert.equal(result.status, "Completed", result.failureReason);
      assert.equal(result.modelArtifacts, `s3://${BUCKET}/out/${name}/output/model.tar.gz`);
      assert.equal(result.finalMetrics?.[0]?.MetricName, "validation:accuracy");
      assert.ok((result.finalMetrics?.[0]?.Value ?? 0) > 0.5);
    }
  });
  after(() => fixture?.stop());

  it("serves what the model itself says, bit for bit", async () => {
    const script = `import json,sys,tarfile,io,os,tempfile
folder=tempfile.mkdtemp(); tarfile.open(fileobj=io.BytesIO(open(sys.argv[1],"rb").read())).extractall(folder)
sys.path.insert(0, os.path.join(folder, "code")); import inference, shutil
print(json.dumps([float(p) for p in inference.predict_fn(inference.input_fn(open(sys.argv[2]).read(), "text/csv"), inference.model_fn(folder))]))
shutil.rmtree(folder)`;
    const archive = join(fixture.data, "model.tar.gz");
    writeFileSync(archive, await fixture.get(model("first").modelDataUrl as string));
    const own = JSON.parse(
      execFileSync(fixture.ctx.python, ["-c", script, archive, join(fixture.data, "test/features.csv")], {
        encoding: "utf8",
      }),
    ) as number[];
    const server = await startModelServer(model("first"), CREDS, fixture.ctx, LIMITS);
    try {
      const answer = await server.invoke({ body: Buffer.from(features), contentType: "text/csv", accept: "text/csv" });
      assert.equal(answer.status, 200);
      assert.equal(answer.contentType, "text/csv");
      const served = Buffer.from(answer.body).toString().trim().split("\n").map(Number);
      assert.deepEqual(served, own);
    } finally {
      await server.stop();
    }
  });

  it("gives the three models the metrics that runs.json claims, by batch transform", async () => {
    const input = await fixture.put("test/features.csv", features);
    const found: Record<string, number> = {};
    for (const [name, run] of Object.entries(runs)) {
      const result = await runTransform(
        {
          TransformJobName: `test-${name}`,
          ModelName: name,
          TransformInput: {
            DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: input } },
            ContentType: "text/csv",
            SplitType: "Line",
          },
          TransformOutput: {
            S3OutputPath: `s3://${BUCKET}/predictions/${name}`,
            Accept: "text/csv",
            AssembleWith: "Line",
          },
          TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
        },
        ARN,
        [model(name)],
        CREDS,
        fixture.ctx,
        never(),
      );
      assert.equal(result.status, "Completed", result.failureReason);
      const lines = (await fixture.get(`s3://${BUCKET}/predictions/${name}/features.csv.out`))
        .toString()
        .trim()
        .split("\n");
      assert.equal(lines.length, labels.length);
      found[name] = accuracy(lines.map(Number), labels);
      assert.ok(
        Math.abs(found[name] - run.test.accuracy) < 1e-6,
        `${name}: ${found[name]} against ${run.test.accuracy}`,
      );
    }
    assert.ok(
      (found.worse as number) < 0.9 &&
        (found.first as number) > 0.93 &&
        (found.better as number) > (found.first as number),
    );
  });

  it("answers 500 with the message when the model's code raises, and goes on serving", async () => {
    const server = await startModelServer(model("better"), CREDS, fixture.ctx, LIMITS);
    try {
      const bad = await server.invoke({ body: Buffer.from("1,2,3\n"), contentType: "text/csv" });
      assert.equal(bad.status, 500);
      assert.match(Buffer.from(bad.body).toString(), /a row must have 30 values, got 3/);
      const good = await server.invoke({ body: Buffer.from(`${features.split("\n")[0]}\n`), contentType: "text/csv" });
      assert.equal(good.status, 200);
    } finally {
      await server.stop();
    }
    assert.throws(() => process.kill(server.pid, 0), /ESRCH/);
  });

  it("answers a hundred callers at once", async () => {
    const server = await startModelServer(model("better"), CREDS, fixture.ctx, LIMITS);
    try {
      const body = Buffer.from(`${features.split("\n")[0]}\n`);
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => server.invoke({ body, contentType: "text/csv" })),
      );
      assert.deepEqual(new Set(answers.map((answer) => `${answer.status} ${Buffer.from(answer.body)}`)).size, 1);
      assert.equal(answers[0]?.status, 200);
    } finally {
      await server.stop();
    }
  });

  it("fails a transform with a bad record, and stores the other object's output", async () => {
    const row = `${features.split("\n")[0]}\n`;
    await fixture.put("mixed/deep/good.csv", row + row);
    await fixture.put("mixed/bad.csv", `${row}1,2,3\n`);
    const result = await runTransform(
      {
        TransformJobName: "mixed",
        ModelName: "first",
        ModelClientConfig: { InvocationsMaxRetries: 0 },
        BatchStrategy: "SingleRecord",
        TransformInput: {
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/mixed/` } },
          ContentType: "text/csv",
          SplitType: "Line",
        },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/mixed-out`, AssembleWith: "Line" },
        TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
        DataProcessing: { JoinSource: "Input", OutputFilter: "$[0,30]" },
      },
      ARN,
      [model("first")],
      CREDS,
      fixture.ctx,
      never(),
    );
    assert.equal(result.status, "Failed");
    assert.match(
      result.failureReason ?? "",
      /^AlgorithmError: See job logs for more information: s3:\/\/rehearsal\/mixed\/bad\.csv: .*starts with record 2.*must have 30 values/,
    );
    const lines = (await fixture.get(`s3://${BUCKET}/mixed-out/deep/good.csv.out`)).toString().trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(",")[0]),
      [row.split(",")[0], row.split(",")[0]],
    );
    await assert.rejects(fixture.get(`s3://${BUCKET}/mixed-out/bad.csv.out`), /NoSuchKey|does not exist/);
  });

  it("runs a processing job over the predictions", async () => {
    const script = `import argparse,json,os
p=argparse.ArgumentParser(); p.add_argument("--input"); a=p.parse_args()
rows=open(os.path.join(a.input,"labels.csv")).read().split()
open(os.path.join(os.environ["REPORT"],"report.json"),"w").write(json.dumps({"rows":len(rows)}))
open(os.path.join(os.environ["REPORT"],"..","..","output","message"),"w").write("counted %d" % len(rows))`;
    await fixture.put("processing/code/count.py", script);
    await fixture.put("processing/labels/labels.csv", labels.join("\n"));
    const s3Input = (uri: string, path: string) => ({
      S3Uri: uri,
      LocalPath: path,
      S3DataType: "S3Prefix" as const,
      S3InputMode: "File" as const,
    });
    const result = await runProcessing(
      {
        ProcessingJobName: "count",
        RoleArn: "arn:aws:iam::111122223333:role/p",
        AppSpecification: {
          ImageUri: IMAGE,
          ContainerEntrypoint: ["python3", "/opt/ml/processing/code/count.py"],
          ContainerArguments: ["--input", "/opt/ml/processing/labels"],
        },
        Environment: { REPORT: "/opt/ml/processing/report" },
        ProcessingInputs: [
          { InputName: "code", S3Input: s3Input(`s3://${BUCKET}/processing/code/count.py`, "/opt/ml/processing/code") },
          { InputName: "labels", S3Input: s3Input(`s3://${BUCKET}/processing/labels/`, "/opt/ml/processing/labels") },
        ],
        ProcessingOutputConfig: {
          Outputs: [
            {
              OutputName: "report",
              S3Output: {
                S3Uri: `s3://${BUCKET}/reports/count`,
                LocalPath: "/opt/ml/processing/report",
                S3UploadMode: "EndOfJob",
              },
            },
          ],
        },
        ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      },
      ARN,
      CREDS,
      fixture.ctx,
      never(),
    );
    assert.equal(result.status, "Completed", result.failureReason);
    assert.equal(result.exitMessage, `counted ${labels.length}`);
    assert.deepEqual(JSON.parse((await fixture.get(`s3://${BUCKET}/reports/count/report.json`)).toString()), {
      rows: labels.length,
    });
  });
});
