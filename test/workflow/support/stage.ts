/** The two state machines on the emulated Step Functions, with their own roles, stub functions and a scripted SageMaker. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { zip } from "../../../components/shared/bundle.ts";
import { inlinePolicy, trustPolicy } from "../../../components/shared/grants.ts";
import type { Statement } from "../../../contracts/iam.ts";
import { type Emulators, startEmulators } from "../../../local/emulators/start.ts";
import type { StateMachine } from "../../../workflow/states.ts";
import type { Answer, Call } from "./script.ts";

const site = {
  stage: "dev",
  project: "frugal-mlops",
  owner: "ml",
  account: "111122223333",
  region: "us-east-1",
  partition: "aws",
  protect: false,
};

export interface Run {
  readonly status: string;
  // biome-ignore lint/suspicious/noExplicitAny: outputs differ by path
  readonly output: any;
  readonly error?: string;
  readonly cause?: string;
  /** States in the order in which they were entered. */
  readonly path: readonly string[];
  readonly calls: readonly Call[];
}

export interface Machine {
  readonly arn: string;
  readonly definition: StateMachine;
  /** Every step from one state to the next that a run took: `A > B`. */
  readonly taken: Set<string>;
}

/** The stub: asks the stand-in what to answer, and throws by name what it is told to throw. */
const stub = (name: string) => `
exports.handler = async (event) => {
  const url = process.env.AWS_ENDPOINT_URL_SAGEMAKER + "/_function/${name}";
  const answer = await (await fetch(url, { method: "POST", body: JSON.stringify(event) })).json();
  if (answer.error) { const error = new Error(answer.message); error.name = answer.error; throw error; }
  return answer.result;
};`;

export class TestStage {
  readonly emulators: Emulators;
  readonly #workdir: string;
  readonly sfn: SFNClient;
  #runs = 0;

  private constructor(emulators: Emulators, workdir: string) {
    this.emulators = emulators;
    this.#workdir = workdir;
    this.sfn = new SFNClient(this.#client());
  }

  static async open(): Promise<TestStage> {
    const workdir = mkdtempSync(join(tmpdir(), "workflow-"));
    const emulators = await startEmulators({
      workdir,
      // Pauses take no time; limits stay real.
      sfnWaitScale: 0,
      sagemakerFront: join(import.meta.dirname, "front.ts"),
    });
    return new TestStage(emulators, workdir);
  }

  async close(): Promise<void> {
    await this.emulators.stop();
    rmSync(this.#workdir, { recursive: true, force: true });
  }

  #client() {
    const { env, ministack, region } = this.emulators;
    return {
      endpoint: ministack,
      region,
      credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" },
    };
  }

  async topic(name: string): Promise<string> {
    const { TopicArn } = await new SNSClient(this.#client()).send(new CreateTopicCommand({ Name: name }));
    return TopicArn ?? "";
  }

  async role(name: string, service: "lambda" | "states", grants: readonly Statement[]): Promise<string> {
    const iam = new IAMClient(this.#client());
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trustPolicy(site, service)) }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: "grants",
        PolicyDocument: JSON.stringify(inlinePolicy(grants)),
      }),
    );
    return Role?.Arn ?? "";
  }

  /** Functions called `frugal-dev-<name>`, all with one role: what they may do is not what is tested here. */
  async functions(names: readonly string[]): Promise<void> {
    const role = await this.role("stubs", "lambda", [
      { Effect: "Allow", Action: "logs:PutLogEvents", Resource: `arn:aws:logs:${site.region}:${site.account}:*` },
    ]);
    const lambda = new LambdaClient(this.#client());
    await Promise.all(
      names.map((name) =>
        lambda.send(
          new CreateFunctionCommand({
            FunctionName: `frugal-dev-${name}`,
            Role: role,
            Runtime: "nodejs24.x",
            Handler: "index.handler",
            Timeout: 20,
            Code: { ZipFile: zip("index.js", Buffer.from(stub(name))) },
          }),
        ),
      ),
    );
  }

  async machine(name: string, definition: StateMachine, grants: readonly Statement[]): Promise<Machine> {
    const roleArn = await this.role(`${name}-workflow`, "states", grants);
    const { stateMachineArn } = await this.sfn.send(
      new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn }),
    );
    return { arn: stateMachineArn ?? "", definition, taken: new Set() };
  }

  /**
   * Runs a machine by a script and waits for its end.
   *
   * @param whileWaiting is called with the calls so far, again and again, until the execution has ended
   */
  async run(
    machine: Machine,
    input: unknown,
    script: Readonly<Record<string, readonly Answer[]>>,
    whileWaiting?: (calls: readonly Call[]) => Promise<void>,
  ): Promise<Run> {
    const front = this.emulators.sagemaker;
    await fetch(`${front}/_script`, { method: "POST", body: JSON.stringify(script) });
    this.#runs += 1;
    const { executionArn } = await this.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: machine.arn,
        name: `run-${this.#runs}`,
        input: JSON.stringify(input),
      }),
    );
    let execution: DescribeExecutionOutput;
    const calls = async () => (await (await fetch(`${front}/_calls`)).json()) as Call[];
    for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
      execution = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== "RUNNING") break;
      assert.ok(Date.now() < end, "the execution did not end within a minute");
      await whileWaiting?.(await calls());
    }
    const path = await this.#path(executionArn ?? "");
    path.forEach((state, at) => {
      if (at > 0) machine.taken.add(`${path[at - 1]} > ${state}`);
    });
    return {
      status: execution.status ?? "",
      output: execution.output === undefined ? undefined : JSON.parse(execution.output),
      error: execution.error,
      cause: execution.cause,
      path,
      calls: await calls(),
    };
  }

  async #path(executionArn: string): Promise<string[]> {
    const states: string[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await this.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
      for (const event of page.events ?? []) {
        const name = event.stateEnteredEventDetails?.name;
        if (name !== undefined) states.push(name);
      }
      nextToken = page.nextToken;
      if (!nextToken) return states;
    }
  }
}

/** Every step that a definition allows from one state to the next: `A > B`. */
export function edges(definition: StateMachine): string[] {
  return Object.entries(definition.States).flatMap(([name, state]) => {
    const ways = [state, ...((state.Choices ?? []) as object[]), ...((state.Catch ?? []) as object[])] as {
      Next?: string;
    }[];
    const nexts = [...ways.map((way) => way.Next), state.Default as string | undefined];
    return [...new Set(nexts.filter((next) => next !== undefined))].map((next) => `${name} > ${next}`);
  });
}

/** How often a call was made. */
export function times(run: Run, key: string): number {
  return run.calls.filter((call) => call.key === key).length;
}

/** What a call was given, the last time. */
// biome-ignore lint/suspicious/noExplicitAny: inputs are as varied as SageMaker's operations
export function given(run: Run, key: string): any {
  return run.calls.findLast((call) => call.key === key)?.input;
}
