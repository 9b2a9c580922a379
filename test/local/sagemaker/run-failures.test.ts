import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { runProcessing } from "../../../local/sagemaker/run/processing.ts";
import { ARN, BUCKET, CREDS, type Fixture, IMAGE, lives, never, startFixture, until } from "./run-support.ts";

describe("jobs that go wrong", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture?.stop());

  /** What a job has printed so far. */
  function logOf(job: string): string {
    const jobs = join(fixture.ctx.workdir, "training");
    const folder = (existsSync(jobs) ? readdirSync(jobs) : []).find((name) => name.startsWith(`${job}-`));
    const file = join(jobs, folder ?? "none", "log.txt");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Trains with this text as train.py. */
  async function trainWith(
    name: string,
    script: string,
    overrides: Partial<CreateTrainingJobRequest> = {},
    signal = never(),
  ) {
    const source = await fixture.putSource(`code/${name}.tar.gz`, { "train.py": script });
    const HyperParameters = { sagemaker_program: "train.py", sagemaker_submit_directory: source };
    return fixture.train(name, { HyperParameters, ...overrides }, fixture.ctx, signal);
  }

  it("fails with the script's error and exit code, and writes the log to CloudWatch Logs", async () => {
    const result = await trainWith("raises", 'print("about to fail")\nraise ValueError("no such column: target")');
    assert.equal(result.status, "Failed");
    assert.equal(
      result.failureReason,
      'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ValueError: no such column: target"\nCommand "python train.py", exit code: 1',
    );
    assert.equal(result.modelArtifacts, undefined);
    const logs = new CloudWatchLogsClient({
      endpoint: fixture.ctx.ministackUrl,
      region: "us-east-1",
      credentials: CREDS,
    });
    const logGroupName = "/aws/sagemaker/TrainingJobs";
    const streams = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: "raises/algo-1-" }),
    );
    const logStreamName = streams.logStreams?.[0]?.logStreamName as string;
    const events = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName }));
    logs.destroy();
    assert.ok(events.events?.some((event) => event.message === "about to fail"));
  });

  it("takes the reason from /opt/ml/output/failure where the script wrote one", async () => {
    const script =
      'import os,sys\nopen(os.path.join(os.environ["SM_OUTPUT_DIR"],"failure"),"w").write("x"*2000)\nsys.exit(3)';
    const result = await trainWith("own-reason", script);
    assert.equal(result.failureReason?.length, 1024);
    assert.match(result.failureReason ?? "", /^AlgorithmError: x+, exit code: 3$/);
  });

  it("names the missing script and what the source holds", async () => {
    const source = await fixture.putSource("code/other.tar.gz", { "main.py": "" });
    const result = await fixture.train("missing", {
      HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory: source },
    });
    assert.match(
      result.failureReason ?? "",
      /^AlgorithmError: train\.py is not in the source s3:.*, which holds: main\.py, exit code: 1$/,
    );
  });

  it("refuses a source archive that leads outside its folder", async () => {
    const source = await fixture.putSource("code/evil.tar.gz", { "../../evil.txt": "x", "train.py": "" });
    const result = await fixture.train("evil", {
      HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory: source },
    });
    assert.equal(result.status, "Failed");
    assert.match(result.failureReason ?? "", /'\.\.\/\.\.\/evil\.txt' leads outside/);
  });

  it("refuses an image it cannot run, naming it and the file to extend", async () => {
    const TrainingImage = "111122223333.dkr.ecr.us-east-1.amazonaws.com/xgboost:1";
    const result = await fixture.train("xgboost", {
      AlgorithmSpecification: { TrainingImage, TrainingInputMode: "File" },
    });
    assert.match(
      result.failureReason ?? "",
      /cannot run image .*\/xgboost:1 for training.*local\/sagemaker\/run\/images\.ts/,
    );
  });

  it("stops at the time limit; what the script saved on SIGTERM is the artefact", async () => {
    const script = `import os,signal,sys,time
def save(*_):
    open(os.path.join(os.environ["SM_MODEL_DIR"],"saved.txt"),"w").write("half a model"); sys.exit(0)
signal.signal(signal.SIGTERM, save)
time.sleep(60)`;
    const began = Date.now();
    const result = await trainWith("slow", script, { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    assert.deepEqual([result.status, result.secondaryStatus], ["Stopped", "MaxRuntimeExceeded"]);
    assert.ok(Date.now() - began < 5_000);
    assert.ok((await fixture.get(result.modelArtifacts as string)).length > 100);
  });

  it("kills what ignores SIGTERM, with all it started", async () => {
    const script = `import os,signal,subprocess,time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child=subprocess.Popen(["sleep","60"])
print("pids",os.getpid(),child.pid,flush=True)
time.sleep(60)`;
    const pids: number[] = [];
    const stop = new AbortController();
    const done = trainWith("stubborn", script, {}, stop.signal);
    await until("the script's start", () => {
      pids.splice(0, 9, ...(/^pids (\d+) (\d+)$/m.exec(logOf("stubborn"))?.slice(1).map(Number) ?? []));
      return pids.length === 2;
    });
    stop.abort();
    const result = await done;
    assert.deepEqual([result.status, result.secondaryStatus], ["Stopped", "Stopped"]);
    await until("the end of the script", () => !pids.some(lives));
  });

  it("leaves no process when its own process is killed", async () => {
    const source = await fixture.putSource("code/orphan.tar.gz", {
      "train.py": 'import os,time\nprint("pid",os.getpid(),flush=True)\ntime.sleep(60)',
    });
    const module = fileURLToPath(new URL("../../../local/sagemaker/run/training.ts", import.meta.url));
    const request = {
      TrainingJobName: "orphan",
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
      HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory: source },
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
    };
    const code = `const { runTraining } = await import(${JSON.stringify(module)});
await runTraining(${JSON.stringify(request)}, "arn", ${JSON.stringify(CREDS)}, { ...${JSON.stringify(fixture.ctx)}, log() {} }, () => {}, new AbortController().signal);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
    let pid = 0;
    await until("the script's start", () => {
      pid = Number(/^pid (\d+)$/m.exec(logOf("orphan"))?.[1] ?? 0);
      return pid > 0;
    });
    parent.kill("SIGKILL");
    await until("the script's end", () => !lives(pid));
  });

  it("restores checkpoints, and stores them even when the job fails", async () => {
    await fixture.put("checkpoints/epoch", "1");
    const script = `import os
path=os.path.join(os.environ["CHECKPOINTS"],"epoch"); epoch=int(open(path).read())
open(path,"w").write(str(epoch+1)); raise SystemExit("interrupted after epoch %d" % epoch)`;
    const result = await trainWith("resumed", script, {
      Environment: { CHECKPOINTS: "/opt/ml/checkpoints" },
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/` },
    });
    assert.equal(result.status, "Failed");
    assert.equal((await fixture.get(`s3://${BUCKET}/checkpoints/epoch`)).toString(), "2");
  });

  it("stops a processing job at its limit, and fails one whose command fails", async () => {
    const job = (name: string, python: string, seconds: number) =>
      runProcessing(
        {
          ProcessingJobName: name,
          RoleArn: "arn:aws:iam::111122223333:role/p",
          AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", "-c", python] },
          ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
          StoppingCondition: { MaxRuntimeInSeconds: seconds },
        },
        ARN,
        CREDS,
        fixture.ctx,
        never(),
      );
    assert.equal((await job("slow", "import time; time.sleep(60)", 1)).status, "Stopped");
    const failed = await job("fails", 'raise KeyError("label")', 20);
    assert.equal(failed.status, "Failed");
    assert.equal(
      failed.failureReason,
      "AlgorithmError: See job logs for more information: KeyError: 'label', exit code: 1",
    );
  });
});
