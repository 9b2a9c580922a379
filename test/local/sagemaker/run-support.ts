/** The emulators and a run context, for the tests of the run half. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { startEmulators } from "../../../local/emulators/start.ts";
import { s3Client } from "../../../local/sagemaker/run/s3.ts";
import { runTraining } from "../../../local/sagemaker/run/training.ts";
import type { Credentials, JobResult, RunContext } from "../../../local/sagemaker/run/types.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";

export const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
export const EXAMPLE = fileURLToPath(new URL("../../../examples/breast-cancer/", import.meta.url));
export const CREDS: Credentials = { accessKeyId: "test", secretAccessKey: "test", sessionToken: "" };
export const BUCKET = "rehearsal";
export const ARN = "arn:aws:sagemaker:us-east-1:111122223333:training-job/t";
export const never = () => new AbortController().signal;

export interface Fixture {
  ctx: RunContext;
  s3: S3Client;
  data: string;
  put(key: string, body: string | Uint8Array): Promise<string>;
  get(uri: string): Promise<Buffer>;
  /** Packs files into a tar.gz at a key; answers its URI. */
  putSource(key: string, files: Record<string, string>): Promise<string>;
  train(
    name: string,
    overrides?: Partial<CreateTrainingJobRequest>,
    ctx?: RunContext,
    signal?: AbortSignal,
  ): Promise<JobResult>;
  stop(): Promise<void>;
}

/** Whether a process lives; one that has ended and was not yet waited for counts as ended. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function until(what: string, check: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await check())) {
    assert.ok(Date.now() < end, `${what} not within ${ms} ms`);
    await sleep(50);
  }
}

/** The files of the example's source folder. */
export function exampleSource(): Record<string, string> {
  return Object.fromEntries(
    ["train.py", "inference.py"].map((name) => [name, readFileSync(join(EXAMPLE, "source", name), "utf8")]),
  );
}

/** IAM is enforced; the credentials `test`/`test` may do everything. */
export async function startFixture(): Promise<Fixture> {
  const { python } = await ensureVenv();
  const workdir = await mkdtemp(join(tmpdir(), "sagemaker-run-"));
  const emulators = await startEmulators({ workdir });
  const ctx: RunContext = {
    python,
    workdir: join(workdir, "jobs"),
    ministackUrl: emulators.ministack,
    region: emulators.region,
    accountId: emulators.accountId,
    sagemakerUrl: emulators.sagemaker,
    stopGraceMs: 500,
    log: () => {},
  };
  const s3 = s3Client(CREDS, ctx);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const data = join(workdir, "data");
  execFileSync(python, [join(EXAMPLE, "dataset.py"), data], { stdio: "ignore" });
  const fixture: Fixture = {
    ctx,
    s3,
    data,
    async put(key, body) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
      return `s3://${BUCKET}/${key}`;
    },
    async get(uri) {
      const key = uri.slice(`s3://${BUCKET}/`.length);
      const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return Buffer.from((await answer.Body?.transformToByteArray()) as Uint8Array);
    },
    async putSource(key, files) {
      const script = `import io,json,sys,tarfile
t=tarfile.open(fileobj=sys.stdout.buffer,mode="w|gz")
for name,text in json.load(sys.stdin).items():
    info=tarfile.TarInfo(name); data=text.encode(); info.size=len(data); t.addfile(info,io.BytesIO(data))
t.close()`;
      return fixture.put(key, execFileSync(python, ["-c", script], { input: JSON.stringify(files) }));
    },
    train(name, overrides = {}, context = ctx, signal = never()) {
      const request: CreateTrainingJobRequest = {
        TrainingJobName: name,
        RoleArn: "arn:aws:iam::111122223333:role/training",
        AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
        OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
        ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
        ...overrides,
      };
      return runTraining(request, ARN, CREDS, context, () => {}, signal);
    },
    async stop() {
      s3.destroy();
      await emulators.stop();
      await rm(workdir, { recursive: true, force: true });
    },
  };
  return fixture;
}
