import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { zipSync } from "fflate";
import { type Emulators, startEmulators } from "../../../local/emulators/start.ts";
import type { Call } from "./stub-front.ts";

export const STUB_FRONT = join(import.meta.dirname, "stub-front.ts");
export const ACCOUNT = "111122223333";

export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** Emulators in a folder of their own, with a scriptable SageMaker front; `stop` removes the folder too. */
export interface Bench extends Emulators {
  readonly workdir: string;
  readonly sfn: SFNClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
}

export async function startBench(options: { sfnWaitScale?: number } = {}): Promise<Bench> {
  const workdir = await mkdtemp(join(tmpdir(), "emulators-"));
  const emulators = await startEmulators({ workdir, sagemakerFront: STUB_FRONT, sfnWaitScale: 0.02, ...options });
  const config = clientConfig(emulators);
  return {
    ...emulators,
    workdir,
    sfn: new SFNClient(config),
    iam: new IAMClient(config),
    lambda: new LambdaClient(config),
    async stop() {
      await emulators.stop();
      await rm(workdir, { recursive: true, force: true });
    },
  };
}

/** What any SDK client needs to reach MiniStack as root. */
export function clientConfig(emulators: Pick<Emulators, "ministack" | "region">) {
  return {
    endpoint: emulators.ministack,
    region: emulators.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
}

export async function ask(bench: Bench, name: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${bench.ministack}/_rehearsal/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { httpStatus: response.status, ...((await response.json()) as object) };
}

let serial = 0;
export const unique = (stem: string): string => `${stem}-${process.pid}-${++serial}`;

/** A role that `service` may assume, with one inline policy; its ARN. */
export async function role(
  bench: Bench,
  service: string,
  statements: Statement[],
  trust: Partial<{ Condition: unknown; Principal: unknown }> = {},
): Promise<string> {
  const RoleName = unique("role");
  const made = await bench.iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...trust }],
      }),
    }),
  );
  if (statements.length > 0) await allow(bench, RoleName, statements);
  return made.Role?.Arn ?? "";
}

export async function allow(bench: Bench, roleName: string, statements: Statement[]): Promise<void> {
  await bench.iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: "inline",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: statements.map((statement) => ({ Effect: "Allow", Resource: "*", ...statement })),
      }),
    }),
  );
}

/** A session of a role, as the service gets it. */
export async function session(bench: Bench, roleArn: string, service: string) {
  const answer = await ask(bench, "assume", { roleArn, service, sessionName: "test" });
  if (typeof answer.accessKeyId !== "string") throw new Error(`cannot assume ${roleArn}: ${JSON.stringify(answer)}`);
  return answer as unknown as { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

/** A Node function with this body (`event` is its input); its ARN. Its role may do everything unless `roleArn` is given. */
export async function nodeFunction(bench: Bench, body: string, timeout = 10, roleArn?: string): Promise<string> {
  const Role = roleArn ?? (await role(bench, "lambda.amazonaws.com", [{ Action: "*" }]));
  const code = `exports.handler = async (event) => { ${body} };`;
  const made = await bench.lambda.send(
    new CreateFunctionCommand({
      FunctionName: unique("function"),
      Role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Timeout: timeout,
      Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
    }),
  );
  return made.FunctionArn ?? "";
}

export async function machine(bench: Bench, definition: unknown, roleArn: string): Promise<string> {
  const made = await bench.sfn.send(
    new CreateStateMachineCommand({ name: unique("machine"), definition: JSON.stringify(definition), roleArn }),
  );
  return made.stateMachineArn ?? "";
}

/** A machine of one Task state named "Work". */
export const oneTask = (task: Record<string, unknown>): Record<string, unknown> => ({
  QueryLanguage: "JSONata",
  StartAt: "Work",
  States: { Work: { Type: "Task", End: true, ...task } },
});

export interface Outcome extends DescribeExecutionCommandOutput {
  readonly value: unknown;
}

export async function execute(bench: Bench, stateMachineArn: string, input: unknown = {}): Promise<Outcome> {
  const { executionArn } = await bench.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return await ending(bench, executionArn ?? "");
}

/** Waits for an execution's end. */
export async function ending(bench: Bench, executionArn: string, limitMs = 15_000): Promise<Outcome> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await bench.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") {
      return { ...found, value: found.status === "SUCCEEDED" ? JSON.parse(found.output ?? "null") : undefined };
    }
    if (Date.now() > deadline) throw new Error(`${executionArn} still runs after ${limitMs} ms`);
    await pause(50);
  }
}

/** Runs one Task under a role with these grants. */
export async function runTask(
  bench: Bench,
  task: Record<string, unknown>,
  statements: Statement[],
  input: unknown = {},
): Promise<Outcome> {
  const roleArn = await role(bench, "states.amazonaws.com", statements);
  return await execute(bench, await machine(bench, oneTask(task), roleArn), input);
}

export async function script(bench: Bench, answers: Record<string, unknown[]>): Promise<void> {
  await fetch(`${bench.sagemaker}/_stub/script`, { method: "POST", body: JSON.stringify(answers) });
}

export async function resetStub(bench: Bench): Promise<void> {
  await fetch(`${bench.sagemaker}/_stub/reset`, { method: "POST" });
}

export async function calls(bench: Bench): Promise<Call[]> {
  return (await (await fetch(`${bench.sagemaker}/_stub/calls`)).json()) as Call[];
}

export const operations = async (bench: Bench): Promise<string[]> => (await calls(bench)).map((call) => call.operation);

/** Waits until a condition holds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs = 5_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(25);
  }
}
