/** What the approval functions ask of DynamoDB, Step Functions and SES, word for word. */
import assert from "node:assert/strict";
import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { awsPorts as decidePorts } from "../../functions/decide-approval/ports.ts";
import { awsPorts as requestPorts } from "../../functions/request-approval/ports.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";

const digest = `sha256:${"d".repeat(64)}`;
const packet = { pk: "packet#s", taskToken: "t", packet: "{}", packetDigest: digest, expiresAt: 10, ttl: 20 };
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
} as const;

describe("functions/request-approval ports", () => {
  const setup = () => {
    const dynamodb = new FakeClient().on(TransactWriteCommand, {}).on(GetCommand, { Item: packet });
    const ses = new FakeClient().on(SendEmailCommand, {});
    const sfn = new FakeClient().on(SendTaskSuccessCommand, {});
    return { dynamodb, ses, sfn, ports: requestPorts({ dynamodb: dynamodb.as(), ses: ses.as(), sfn: sfn.as() }) };
  };

  it("stores packet and links together, and never over a decision that may still be taken", async () => {
    const { dynamodb, ports } = setup();
    await ports.store("approvals", packet, [link]);
    const items = dynamodb.named("TransactWriteCommand")[0]?.TransactItems as { Put: Record<string, unknown> }[];
    assert.deepEqual(
      items.map(({ Put }) => Put.Item),
      [packet, link],
    );
    assert.equal(
      items[0]?.Put.ConditionExpression,
      "attribute_not_exists(#decision) OR #digest <> :digest OR attribute_exists(#lapsed)",
    );
    assert.deepEqual(items[0]?.Put.ExpressionAttributeValues, { ":digest": digest });
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
    return { dynamodb, sfn, ports: decidePorts({ dynamodb: dynamodb.as(), sfn: sfn.as(), table: "approvals" }) };
  };

  it("keeps a decision by one conditional write", async () => {
    const { dynamodb, ports } = setup();
    assert.equal(await ports.keepDecision(packet.pk, decision, 5_000), true);
    const [update] = dynamodb.named("UpdateCommand");
    assert.equal(
      update?.ConditionExpression,
      "attribute_exists(pk) AND attribute_not_exists(#decision) AND attribute_not_exists(#lapsed) AND #digest = :digest AND #expires > :now",
    );
    assert.deepEqual(update?.ExpressionAttributeValues, { ":decision": decision, ":digest": digest, ":now": 5 });
  });

  it("answers false when the condition did not hold, and throws anything else", async () => {
    const taken = setup(awsError("ConditionalCheckFailedException", "The conditional request failed"));
    assert.equal(await taken.ports.keepDecision(packet.pk, decision, 5_000), false);
    await taken.ports.note(packet.pk, "deliveredAt", "now");
    const broken = setup(awsError("ProvisionedThroughputExceededException"));
    await assert.rejects(broken.ports.keepDecision(packet.pk, decision, 5_000), {
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
