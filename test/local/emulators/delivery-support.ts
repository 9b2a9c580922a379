/** What the delivery tests share: queues, rules, and a listener by which functions tell that they were called. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand, type AddPermissionCommandInput } from "@aws-sdk/client-lambda";
import { Client } from "../../../local/provider/emulator/client.ts";
import {
  ACCOUNT,
  type Bench,
  clientConfig,
  nodeFunction,
  type Statement,
  startBench,
  unique,
  until,
} from "./support.ts";

export interface ServiceStatement extends Statement {
  readonly Principal: unknown;
}

export interface Message {
  readonly body: Record<string, unknown>;
  readonly attributes: Record<string, string>;
}

export const ruleArn = (name: string): string => `arn:aws:events:us-east-1:${ACCOUNT}:rule/${name}`;

export class Deliveries {
  readonly bench: Bench;
  readonly hand: Client;
  readonly #events: EventBridgeClient;
  readonly #listener: Server;
  readonly #calls: { name: string; event: unknown }[] = [];

  static async open(): Promise<Deliveries> {
    const bench = await startBench();
    const deliveries = new Deliveries(bench);
    await new Promise<void>((resolve) => deliveries.#listener.listen(0, "127.0.0.1", resolve));
    return deliveries;
  }

  private constructor(bench: Bench) {
    this.bench = bench;
    this.hand = new Client({ url: bench.ministack, region: bench.region, accountId: ACCOUNT });
    this.#events = new EventBridgeClient(clientConfig(bench));
    this.#listener = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        this.#calls.push({ name: request.url?.slice(1) ?? "", event: JSON.parse(text) });
        response.end();
      });
    });
  }

  async close(): Promise<void> {
    this.#listener.close();
    await this.bench.stop();
  }

  /** A function that tells us of each call, then runs `body`. */
  async recorder(body = 'return { statusCode: 200, body: "served" }', roleArn?: string): Promise<string> {
    const { port } = this.#listener.address() as AddressInfo;
    const tell = `await fetch("http://127.0.0.1:${port}/" + process.env.AWS_LAMBDA_FUNCTION_NAME, { method: "POST", body: JSON.stringify(event) });`;
    return nodeFunction(this.bench, `${tell} ${body}`, 10, roleArn);
  }

  calls(functionArn: string): unknown[] {
    return this.#calls.filter((call) => functionArn.endsWith(`:${call.name}`)).map((call) => call.event);
  }

  async permit(functionArn: string, permission: Partial<AddPermissionCommandInput>): Promise<void> {
    const given = { FunctionName: functionArn, StatementId: unique("permission"), Action: "lambda:InvokeFunction" };
    await this.bench.lambda.send(new AddPermissionCommand({ Principal: undefined, ...given, ...permission }));
  }

  /** A queue with these statements as its policy, each on the queue itself; without any, no policy. Its ARN. */
  async queue(...statements: Omit<ServiceStatement, "Resource">[]): Promise<string> {
    const QueueName = unique("queue");
    const arn = `arn:aws:sqs:us-east-1:${ACCOUNT}:${QueueName}`;
    const Statement = statements.map((statement) => ({ Effect: "Allow", Resource: arn, ...statement }));
    const Attributes = Statement.length > 0 ? { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) } : {};
    await this.hand.json("sqs", "AmazonSQS.CreateQueue", { QueueName, Attributes }, "1.0");
    return arn;
  }

  async messages(queueArn: string): Promise<Message[]> {
    const QueueUrl = `${this.bench.ministack}/${ACCOUNT}/${queueArn.split(":").at(-1)}`;
    const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"], VisibilityTimeout: 0 };
    const { Messages } = await this.hand.json("sqs", "AmazonSQS.ReceiveMessage", asked, "1.0");
    type Raw = { Body: string; MessageAttributes?: Record<string, { StringValue: string }> };
    return ((Messages ?? []) as Raw[]).map(({ Body, MessageAttributes = {} }) => ({
      body: JSON.parse(Body),
      attributes: Object.fromEntries(Object.entries(MessageAttributes).map(([k, v]) => [k, v.StringValue])),
    }));
  }

  /** The only message of a queue, waited for. */
  async firstMessage(queueArn: string): Promise<Message> {
    let found: Message[] = [];
    await until(`a message in ${queueArn}`, async () => {
      found = await this.messages(queueArn);
      return found.length === 1;
    });
    return found[0] as Message;
  }

  /** A rule named `name`, whose own name is the source it listens to. */
  async rule(name: string, target: Partial<Target> & { Arn: string }): Promise<void> {
    await this.#events.send(new PutRuleCommand({ Name: name, EventPattern: JSON.stringify({ source: [name] }) }));
    await this.#events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "1", ...target }] }));
  }

  async publish(source: string): Promise<void> {
    const entry = { Source: source, DetailType: "test", Detail: JSON.stringify({ from: source }) };
    await this.#events.send(new PutEventsCommand({ Entries: [entry] }));
  }

  /** Waits for the emulator's line about something that was not delivered, found by a part of it. */
  async refusal(part: string): Promise<string> {
    let line: string | undefined;
    await until(`a refusal of ${part} in the log`, async () => {
      const log = await readFile(join(this.bench.workdir, "logs", "ministack.log"), "utf8");
      line = log.split("\n").find((found) => found.includes("rehearsal: ") && found.includes(part));
      return line !== undefined;
    });
    return line ?? "";
  }
}
