/** What the approval functions ask of DynamoDB, Step Functions and SES, word for word. */
import assert from "node:assert/strict";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { awsPorts as decidePorts } from "../../functions/decide-approval/ports.ts";
import { awsPorts as recordPorts } from "../../functions/record-decision/ports.ts";
import { awsPorts as requestPorts } from "../../functions/request-approval/ports.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";

const digest = `sha256:${"d".repeat(64)}`;
const packet = {
  pk: "packet#s",
  taskToken: "t",
  packet: "{}",
  packetDigest: digest,
  expiresAt: 10,
  ttl: 20,
  required: 1,
  approvers: ["a@example.com"],
  votes: [],
  revision: 3,
};
const link = {
  pk: "link#h",
  submissionId: "s",
  packetDigest: digest,
  approver: "a@example.com",
  expiresAt: 10,
  ttl: 20,
};
const decision = {
  decision: "Approved",
  decidedBy: "a@example.com",
  decidedAt: "2026-01-01T00:00:00.000Z",
  comment: "",
  packetDigest: digest,
  votes: [],
} satisfies ApprovalDecision;

const vote = {
  approver: "a@example.com",
  decision: "Approved",
  at: decision.decidedAt,
  comment: "c",
  via: "link",
} as const;

describe("functions/request-approval ports", () => {
  const setup = () => {
    const dynamodb = new FakeClient().on(TransactWriteCommand, {}).on(GetCommand, { Item: packet });
    const ses = new FakeClient().on(SendEmailCommand, {});
    const sfn = new FakeClient().on(SendTaskSuccessCommand, {});
    const sns = new FakeClient().on(PublishCommand, {});
    const events = new FakeClient().on(PutEventsCommand, {});
    const clients = { dynamodb: dynamodb.as(), ses: ses.as(), sfn: sfn.as(), sns: sns.as(), events: events.as() };
    return { dynamodb, ses, sns, events, ports: requestPorts(clients as Parameters<typeof requestPorts>[0]) };
  };

  it("stores packet and links together, and only over what it has read", async () => {
    const { dynamodb, ports } = setup();
    assert.equal(await ports.store("approvals", packet, [link], 2), true);
    assert.equal(await ports.store("approvals", packet, [], undefined), true);
    const [over, first] = dynamodb
      .named("TransactWriteCommand")
      .map(({ TransactItems }) => TransactItems as { Put: Record<string, unknown> }[]);
    assert.deepEqual(
      over?.map(({ Put }) => Put.Item),
      [packet, link],
    );
    assert.equal(over?.[0]?.Put.ConditionExpression, "#revision = :revision");
    assert.deepEqual(over?.[0]?.Put.ExpressionAttributeValues, { ":revision": 2 });
    assert.equal(first?.[0]?.Put.ConditionExpression, "attribute_not_exists(#pk)");
  });

  it("answers false when somebody else wrote, and throws when the transaction failed otherwise", async () => {
    const cancelled = (Code: string) =>
      Object.assign(awsError("TransactionCanceledException"), { CancellationReasons: [{ Code }, { Code: "None" }] });
    for (const code of ["ConditionalCheckFailed", "TransactionConflict"]) {
      const { dynamodb, ports } = setup();
      dynamodb.on(TransactWriteCommand, () => cancelled(code));
      assert.equal(await ports.store("approvals", packet, [link], 2), false);
    }
    const { dynamodb, ports } = setup();
    dynamodb.on(TransactWriteCommand, () => cancelled("ThrottlingError"));
    await assert.rejects(ports.store("approvals", packet, [link], 2), { name: "TransactionCanceledException" });
  });

  it("publishes to the topic, and puts the event under the approvals' source", async () => {
    const { sns, events, ports } = setup();
    await ports.publish("arn:topic", { subject: "s", message: "m" });
    assert.deepEqual(sns.named("PublishCommand"), [{ TopicArn: "arn:topic", Subject: "s", Message: "m" }]);
    await ports.announce({ required: 1 } as never);
    assert.deepEqual(events.named("PutEventsCommand"), [
      { Entries: [{ Source: "frugal.approval", DetailType: "Model approval requested", Detail: '{"required":1}' }] },
    ]);
    events.on(PutEventsCommand, () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: "ThrottlingException" }] }));
    await assert.rejects(ports.announce({} as never), { name: "ThrottlingException" });
  });

  it("reads its own writes", async () => {
    const { dynamodb, ports } = setup();
    assert.deepEqual(await ports.readPacket("approvals", packet.pk), packet);
    assert.deepEqual(dynamodb.named("GetCommand"), [
      { TableName: "approvals", Key: { pk: packet.pk }, ConsistentRead: true },
    ]);
  });

  it("sends one message to one person, in UTF-8", async () => {
    const { ses, ports } = setup();
    await ports.send("from@example.com", "to@example.com", { subject: "sübject", text: "text", html: "<p>" });
    assert.deepEqual(ses.named("SendEmailCommand"), [
      {
        FromEmailAddress: "from@example.com",
        Destination: { ToAddresses: ["to@example.com"] },
        Content: {
          Simple: {
            Subject: { Data: "sübject", Charset: "UTF-8" },
            Body: { Text: { Data: "text", Charset: "UTF-8" }, Html: { Data: "<p>", Charset: "UTF-8" } },
          },
        },
      },
    ]);
  });

  it("makes links of 256 random bits", () => {
    const { ports } = setup();
    const tokens = Array.from({ length: 50 }, () => ports.randomToken());
    assert.equal(new Set(tokens).size, 50);
    for (const token of tokens) assert.equal(Buffer.from(token, "base64url").length, 32);
  });
});

describe("functions/decide-approval ports", () => {
  const setup = (answer: object = {}) => {
    const dynamodb = new FakeClient().on(UpdateCommand, () => answer).on(GetCommand, {});
    const sfn = new FakeClient().on(SendTaskSuccessCommand, {});
    const events = new FakeClient().on(PutEventsCommand, {});
    const clients = { dynamodb: dynamodb.as(), sfn: sfn.as(), events: events.as(), table: "approvals" };
    return { dynamodb, sfn, events, ports: decidePorts(clients as Parameters<typeof decidePorts>[0]) };
  };

  it("keeps votes and decision by one conditional write", async () => {
    const { dynamodb, ports } = setup();
    assert.equal(await ports.keep(packet, [vote], decision, 5_000), true);
    assert.equal(await ports.keep(packet, [vote], undefined, 5_000), true);
    const [decided, voted] = dynamodb.named("UpdateCommand");
    assert.equal(decided?.UpdateExpression, "SET #votes = :votes, #revision = :next, #decision = :decision");
    assert.equal(voted?.UpdateExpression, "SET #votes = :votes, #revision = :next");
    assert.equal(
      decided?.ConditionExpression,
      "#revision = :revision AND attribute_not_exists(#decision) AND attribute_not_exists(#lapsed) AND #digest = :digest AND #expires > :now",
    );
    assert.deepEqual(decided?.ExpressionAttributeValues, {
      ":votes": [vote],
      ":decision": decision,
      ":revision": 3,
      ":next": 4,
      ":digest": digest,
      ":now": 5,
    });
  });

  it("answers false when the condition did not hold, and throws anything else", async () => {
    const taken = setup(awsError("ConditionalCheckFailedException", "The conditional request failed"));
    assert.equal(await taken.ports.keep(packet, [vote], decision, 5_000), false);
    await taken.ports.note(packet.pk, "deliveredAt", "now");
    const broken = setup(awsError("ProvisionedThroughputExceededException"));
    await assert.rejects(broken.ports.keep(packet, [vote], decision, 5_000), {
      name: "ProvisionedThroughputExceededException",
    });
  });

  it("finds nothing where there is nothing", async () => {
    const { ports } = setup();
    assert.equal(await ports.link(link.pk), undefined);
    assert.equal(await ports.packet(packet.pk), undefined);
  });

  it("hands the decision on as JSON", async () => {
    const { sfn, ports } = setup();
    await ports.sendTaskSuccess("token", decision);
    assert.deepEqual(sfn.named("SendTaskSuccessCommand"), [{ taskToken: "token", output: JSON.stringify(decision) }]);
  });
});

describe("functions/record-decision ports", () => {
  const setup = (answer: object = {}) => {
    const dynamodb = new FakeClient().on(UpdateCommand, () => answer).on(GetCommand, { Item: packet });
    const events = new FakeClient().on(PutEventsCommand, {});
    const clients = { dynamodb: dynamodb.as(), events: events.as(), sagemaker: events.as(), table: "approvals" };
    return { dynamodb, events, ports: recordPorts(clients as Parameters<typeof recordPorts>[0]) };
  };

  it("closes a request by one conditional write", async () => {
    const { dynamodb, ports } = setup();
    assert.equal(await ports.close(packet, decision, "now"), true);
    const [update] = dynamodb.named("UpdateCommand");
    assert.equal(update?.ConditionExpression, "#revision = :revision AND attribute_not_exists(#decision)");
    assert.deepEqual(update?.ExpressionAttributeValues, {
      ":decision": decision,
      ":time": "now",
      ":revision": 3,
      ":next": 4,
    });
    const taken = setup(awsError("ConditionalCheckFailedException"));
    assert.equal(await taken.ports.close(packet, decision, "now"), false);
    await assert.rejects(setup(awsError("InternalServerError")).ports.close(packet, decision, "now"));
  });

  it("reads its own writes, and tells the bus under the approvals' source", async () => {
    const { dynamodb, events, ports } = setup();
    assert.deepEqual(await ports.readPacket(packet.pk), packet);
    assert.equal(dynamodb.named("GetCommand")[0]?.ConsistentRead, true);
    await ports.announce({ stage: "dev" } as never);
    assert.deepEqual(events.named("PutEventsCommand"), [
      { Entries: [{ Source: "frugal.approval", DetailType: "Model approval decided", Detail: '{"stage":"dev"}' }] },
    ]);
  });
});
