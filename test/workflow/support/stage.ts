/** The two state machines on the emulated Step Functions, with their own roles, stub functions and a scripted SageMaker. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
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
  /** The execution's. */
  readonly name: string;
  readonly status: string;
  // biome-ignore lint/suspicious/noExplicitAny: outputs differ by path
  readonly output: any;
  readonly error?: string;
  readonly cause?: string;
  /** States in the order in which they were entered. */
  readonly path: readonly string[];
  /** What it published, or tried to. */
  readonly notices: readonly { readonly Subject: string; readonly Message: string }[];
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

  async role(name: string, service: "lambda" | "states" | "events", grants: readonly Statement[]): Promise<string> {
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
   * Runs a machine by a script and waits for its end. `$EXECUTION` in an answer stands for the execution's name.
   *
   * @param whileWaiting is called with the calls so far, again and again, until the execution has ended
   */
  async run(
    machine: Machine,
    input: unknown,
    script: Readonly<Record<string, readonly Answer[]>>,
    whileWaiting?: (calls: readonly Call[], executionArn: string) => Promise<void>,
  ): Promise<Run> {
    const [run] = await this.runs(machine, [input], script, whileWaiting);
    return run as Run;
  }

  /** The same for several executions at once, side by side; the calls are those of all of them. */
  async runs(
    machine: Machine,
    inputs: readonly unknown[],
    script: Readonly<Record<string, readonly Answer[]>>,
    whileWaiting?: (calls: readonly Call[], executionArn: string) => Promise<void>,
  ): Promise<Run[]> {
    const names = inputs.map(() => `run-${++this.#runs}`);
    const text = JSON.stringify(script).replaceAll("$EXECUTION", names[0] ?? "");
    await fetch(`${this.emulators.sagemaker}/_script`, { method: "POST", body: text });
    const started = await Promise.all(
      inputs.map((input, at) =>
        this.sfn.send(
          new StartExecutionCommand({ stateMachineArn: machine.arn, name: names[at], input: JSON.stringify(input) }),
        ),
      ),
    );
    const ended = await Promise.all(
      started.map(({ executionArn }) => this.#ended(machine, executionArn ?? "", whileWaiting)),
    );
    // Asked once all have ended: who ends first has not seen the last calls of the others.
    const calls = await this.calls();
    return ended.map((run) => ({ ...run, calls }));
  }

  /** The calls so far. */
  async calls(): Promise<Call[]> {
    return (await (await fetch(`${this.emulators.sagemaker}/_calls`)).json()) as Call[];
  }

  async #ended(
    machine: Machine,
    executionArn: string,
    whileWaiting?: (calls: readonly Call[], executionArn: string) => Promise<void>,
  ): Promise<Run> {
    let execution: DescribeExecutionOutput;
    for (const end = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
      execution = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== "RUNNING") break;
      assert.ok(Date.now() < end, "the execution did not end within a minute");
      await whileWaiting?.(await this.calls(), executionArn);
    }
    const { path, notices } = await this.#history(executionArn);
    path.forEach((state, at) => {
      if (at > 0) machine.taken.add(`${path[at - 1]} > ${state}`);
    });
    return {
      name: executionArn.split(":").at(-1) ?? "",
      status: execution.status ?? "",
      output: execution.output === undefined ? undefined : JSON.parse(execution.output),
      error: execution.error,
      cause: execution.cause,
      path,
      notices,
      calls: await this.calls(),
    };
  }

  /** Ends an execution from outside, as a person would. */
  async abort(executionArn: string): Promise<void> {
    await this.sfn.send(new StopExecutionCommand({ executionArn }));
  }

  /** The execution of a machine that an event started after `since` (epoch milliseconds), once it has ended. */
  async startedByEvent(machine: Machine, since: number): Promise<Run> {
    for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const { executions } = await this.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine.arn }));
      const found = executions?.find(({ startDate }) => (startDate?.getTime() ?? 0) >= since);
      if (found?.executionArn) return this.#ended(machine, found.executionArn);
      assert.ok(Date.now() < end, "no event started the machine within 20 seconds");
    }
  }

  /** A rule on the default bus that starts a machine. */
  async rule(name: string, pattern: object, machine: Machine): Promise<void> {
    const events = new EventBridgeClient(this.#client());
    const role = await this.role(`${name}-rule`, "events", [
      { Effect: "Allow", Action: "states:StartExecution", Resource: machine.arn },
    ]);
    await events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify(pattern) }));
    await events.send(
      new PutTargetsCommand({ Rule: name, Targets: [{ Id: "machine", Arn: machine.arn, RoleArn: role }] }),
    );
  }

  async #history(executionArn: string): Promise<Pick<Run, "path" | "notices">> {
    const path: string[] = [];
    const notices: Run["notices"][number][] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await this.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
      for (const event of page.events ?? []) {
        const name = event.stateEnteredEventDetails?.name;
        if (name !== undefined) path.push(name);
        const { resourceType, parameters } = event.taskScheduledEventDetails ?? {};
        if (resourceType === "sns") notices.push(JSON.parse(parameters ?? "{}"));
      }
      nextToken = page.nextToken;
      if (!nextToken) return { path, notices };
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
