/** The real emulators with the front, a bucket, an execution role, and a queue that takes every event of SageMaker. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { type Emulators, startEmulators } from "../../../local/emulators/start.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";

export const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
export const BUCKET = "control-tests";
export const ACCOUNT = "111122223333";
export const SERVING = { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" };

/** An inference script that answers the word it was packed with, or fails when asked to. */
export const inference = (word: string): string => `
def model_fn(model_dir):
    return "${word}"
def input_fn(data, content_type):
    return data if isinstance(data, str) else data.decode()
def predict_fn(data, model):
    if data == "fail":
        raise ValueError("told to fail")
    return model + ":" + data
def output_fn(prediction, accept):
    return prediction
`;

export interface EventSeen {
  readonly source: string;
  readonly "detail-type": string;
  readonly resources: string[];
  readonly detail: Record<string, unknown>;
}

export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export interface Estate {
  readonly emulators: Emulators;
  readonly python: string;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  /** Role that SageMaker may assume and that may read and write the bucket. */
  readonly roleArn: string;
  put(key: string, body: string | Uint8Array): Promise<string>;
  /** A tar.gz of these files at a key; its URI. */
  putArchive(key: string, files: Record<string, string>): Promise<string>;
  role(name: string, statements: Statement[], service?: string): Promise<string>;
  /** Clients of a new user with only these permissions. */
  user(name: string, statements: Statement[]): Promise<{ sagemaker: SageMakerClient; runtime: SageMakerRuntimeClient }>;
  /** All events so far that pass; waits until at least `count` have come. */
  events(pass: (event: EventSeen) => boolean, count?: number): Promise<EventSeen[]>;
  stop(): Promise<void>;
}

const policy = (statements: Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements.map((item) => ({ Effect: "Allow", ...item })) });

/** One call of SQS, whose client is no dependency of the project. */
async function sqs(base: string, action: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(base, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AmazonSQS.${action}`,
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Tries until the check holds; the last failure is thrown when the time is over. */
export async function eventually<T>(check: () => Promise<T>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (fault) {
      if (Date.now() > end) throw fault;
      await sleep(50);
    }
  }
}

export async function settledEndpoint(
  sagemaker: SageMakerClient,
  EndpointName: string,
): Promise<DescribeEndpointCommandOutput> {
  return eventually(async () => {
    const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
    if (!["InService", "Failed"].includes(endpoint.EndpointStatus ?? "")) throw new Error(`${endpoint.EndpointStatus}`);
    return endpoint;
  });
}

export async function finishedTraining(
  sagemaker: SageMakerClient,
  TrainingJobName: string,
): Promise<DescribeTrainingJobCommandOutput> {
  return eventually(async () => {
    const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    if (!["Completed", "Failed", "Stopped"].includes(job.TrainingJobStatus ?? ""))
      throw new Error(`${job.SecondaryStatus}`);
    return job;
  });
}

export async function startEstate(): Promise<Estate> {
  const workdir = await mkdtemp(join(tmpdir(), "front-"));
  const { python } = await ensureVenv();
  const emulators = await startEmulators({ workdir });
  const at = (endpoint: string, credentials = { accessKeyId: "test", secretAccessKey: "test" }) => ({
    endpoint,
    region: emulators.region,
    credentials,
    maxAttempts: 1,
  });
  const iam = new IAMClient(at(emulators.ministack));
  const s3 = new S3Client({ ...at(emulators.ministack), forcePathStyle: true });
  const bridge = new EventBridgeClient(at(emulators.ministack));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { QueueUrl } = await sqs(emulators.ministack, "CreateQueue", {
    QueueName: "events",
    Attributes: {
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: `arn:aws:sqs:${emulators.region}:${ACCOUNT}:events`,
          },
        ],
      }),
    },
  });
  await bridge.send(new PutRuleCommand({ Name: "all", EventPattern: JSON.stringify({ source: ["aws.sagemaker"] }) }));
  await bridge.send(
    new PutTargetsCommand({
      Rule: "all",
      Targets: [{ Id: "queue", Arn: `arn:aws:sqs:${emulators.region}:${ACCOUNT}:events` }],
    }),
  );
  const seen: EventSeen[] = [];
  const drain = async (): Promise<void> => {
    for (;;) {
      const { Messages } = await sqs(emulators.ministack, "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
      const messages = (Messages ?? []) as { Body: string; ReceiptHandle: string }[];
      if (messages.length === 0) return;
      for (const { Body, ReceiptHandle } of messages) {
        seen.push(JSON.parse(Body) as EventSeen);
        await sqs(emulators.ministack, "DeleteMessage", { QueueUrl, ReceiptHandle });
      }
    }
  };
  const role = async (name: string, statements: Statement[], service = "sagemaker.amazonaws.com"): Promise<string> => {
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    };
    const made = await iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: "inline", PolicyDocument: policy(statements) }),
    );
    return made.Role?.Arn ?? "";
  };
  const bucket = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`];
  const roleArn = await role("execution", [{ Action: ["s3:*", "logs:*"], Resource: [...bucket, "arn:aws:logs:*"] }]);
  const put = async (key: string, body: string | Uint8Array): Promise<string> => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    return `s3://${BUCKET}/${key}`;
  };
  return {
    emulators,
    python,
    sagemaker: new SageMakerClient(at(emulators.sagemaker)),
    runtime: new SageMakerRuntimeClient(at(emulators.sagemaker)),
    s3,
    iam,
    roleArn,
    put,
    role,
    putArchive: (key, files) => {
      const script = `import io,json,sys,tarfile
t=tarfile.open(fileobj=sys.stdout.buffer,mode="w|gz")
for name,text in json.load(sys.stdin).items():
    info=tarfile.TarInfo(name); data=text.encode(); info.size=len(data); t.addfile(info,io.BytesIO(data))
t.close()`;
      return put(key, execFileSync(python, ["-c", script], { input: JSON.stringify(files) }));
    },
    async user(name, statements) {
      await iam.send(new CreateUserCommand({ UserName: name }));
      await iam.send(
        new PutUserPolicyCommand({ UserName: name, PolicyName: "inline", PolicyDocument: policy(statements) }),
      );
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
      const keys = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
      return {
        sagemaker: new SageMakerClient(at(emulators.sagemaker, keys)),
        runtime: new SageMakerRuntimeClient(at(emulators.sagemaker, keys)),
      };
    },
    events: (pass, count = 1) =>
      eventually(async () => {
        await drain();
        const matching = seen.filter(pass);
        if (matching.length < count) throw new Error(`${matching.length} of ${count} events; seen: ${seen.length}`);
        return matching;
      }, 10_000),
    async stop() {
      for (const client of [iam, s3, bridge]) client.destroy();
      await emulators.stop();
      await rm(workdir, { recursive: true, force: true });
    },
  };
}
