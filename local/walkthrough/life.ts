/** What the scenes share: the estate's clients as a person would configure them, and what earlier scenes found out. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Kept } from "./keeper.ts";
import type { Workspace } from "./workspace.ts";

export interface Clients {
  readonly s3: S3Client;
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly sfn: SFNClient;
  readonly ssm: SSMClient;
  readonly cloudformation: CloudFormationClient;
  readonly dynamodb: DynamoDBClient;
  readonly logs: CloudWatchLogsClient;
}

/** What one submitted model left behind. */
export interface Submitted {
  readonly trainingJobName: string;
  readonly submissionId: string;
  readonly executionArn: string;
  readonly modelPackageArn: string;
  readonly metric: number;
}

/** Filled by the scenes, in order. */
export interface Found {
  datasetVersion?: string;
  first?: Submitted;
  worse?: Submitted;
  rejected?: Submitted;
  better?: Submitted;
}

export interface Life {
  readonly kept: Kept;
  readonly workspace: Workspace;
  readonly clients: Clients;
  /** Folder for files that the scenes write. */
  readonly folder: string;
  readonly python: string;
  readonly found: Found;
  /** Shows a line about what happens; engine output comes through here as well. */
  say(line: string): void;
  /** Passes engine output on as it is. */
  raw(text: string): void;
}

/** A fact that a scene showed, for the terminal and the report. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** A link of the lineage chain, which the report draws. */
  readonly link?: true;
  /** A picture of it, as PNG, which the report shows; `value` says what is to be seen. */
  readonly picture?: Buffer;
}

export interface Scene {
  /** Short name, used by tests and in the report's anchors. */
  readonly id: string;
  readonly title: string;
  /** Plays the scene; throws when what it is to show is not so. */
  play(life: Life): Promise<Fact[]>;
}

/** Clients for the emulators, with the settings that `.rehearsal/env` gives to any AWS tool. */
export function makeClients(env: Readonly<Record<string, string>>): Clients {
  const common = {
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" },
  };
  const endpoint = env.AWS_ENDPOINT_URL;
  return {
    s3: new S3Client({ ...common, endpoint, forcePathStyle: true }),
    sagemaker: new SageMakerClient({ ...common, endpoint: env.AWS_ENDPOINT_URL_SAGEMAKER }),
    runtime: new SageMakerRuntimeClient({ ...common, endpoint: env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME }),
    sfn: new SFNClient({ ...common, endpoint }),
    ssm: new SSMClient({ ...common, endpoint }),
    cloudformation: new CloudFormationClient({ ...common, endpoint }),
    dynamodb: new DynamoDBClient({ ...common, endpoint }),
    logs: new CloudWatchLogsClient({ ...common, endpoint }),
  };
}

/** Throws with the message unless the condition holds: a scene shows what is true or fails. */
export function prove(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The value, or an error that names the scene that should have found it. */
export function from<T>(value: T | undefined, scene: string): T {
  prove(value !== undefined, `this scene needs what scene "${scene}" finds; play that one first`);
  return value;
}

/** Asks again and again until the answer is not undefined. Throws after `timeoutMs`, with `what` in the message. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  options: { timeoutMs?: number; pollMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, options.pollMs ?? 200));
  }
}
