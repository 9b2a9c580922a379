/** PutEvents is judged by the source and the type of what is put. */
import assert from "node:assert/strict";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ACCOUNT, type Bench, clientConfig, role, type Statement, session, startBench } from "./support.ts";

const BUS = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`;
const grant = (Condition?: Statement["Condition"]): Statement[] => [
  { Action: "events:PutEvents", Resource: BUS, ...(Condition && { Condition }) },
];

describe("putting events is judged on what is put", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.stop());

  const put = async (policy: Statement[], ...sources: string[]) => {
    const credentials = await session(bench, await role(bench, "lambda.amazonaws.com", policy), "lambda.amazonaws.com");
    const client = new EventBridgeClient({ ...clientConfig(bench), credentials });
    const Entries = sources.map((Source) => ({ Source, DetailType: "Something happened", Detail: "{}" }));
    return client.send(new PutEventsCommand({ Entries }));
  };
  const from = (source: string) => ({ StringEquals: { "events:source": source } });

  const cases: [string, Statement[], string[], boolean][] = [
    ["the bus", grant(), ["shop.orders"], true],
    ["the source", grant(from("shop.orders")), ["shop.orders"], true],
    ["another source", grant(from("shop.orders")), ["shop.returns"], false],
    ["one of two sources", grant(from("shop.orders")), ["shop.orders", "shop.returns"], false],
    ["the type", grant({ StringEquals: { "events:detail-type": "Something happened" } }), ["shop.orders"], true],
    ["another type", grant({ StringEquals: { "events:detail-type": "Nothing happened" } }), ["shop.orders"], false],
    ["nothing", [], ["shop.orders"], false],
  ];
  for (const [title, policy, sources, allowed] of cases) {
    it(`${allowed ? "allows" : "denies"}: granted ${title}`, async () => {
      if (allowed) assert.equal((await put(policy, ...sources)).FailedEntryCount, 0);
      else await assert.rejects(put(policy, ...sources), { name: "AccessDeniedException" });
    });
  }
});
