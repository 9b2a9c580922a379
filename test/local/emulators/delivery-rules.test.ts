import assert from "node:assert/strict";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { Deliveries, ruleArn } from "./delivery-support.ts";
import { ACCOUNT, clientConfig, machine, role, unique, until } from "./support.ts";

const EVENTS = "events.amazonaws.com";

describe("event rules deliver only as their grants allow", function () {
  this.timeout(40_000);
  let d: Deliveries;
  before(async () => {
    d = await Deliveries.open();
  });
  after(() => d?.close());

  describe("to a function, by its policy", () => {
    const cases = [
      { title: "no permission", permission: undefined, arrives: false },
      { title: "the rule and the account", permission: { SourceAccount: ACCOUNT }, arrives: true },
      { title: "any rule", permission: { SourceArn: ruleArn("*") }, arrives: true },
      { title: "another rule", permission: { SourceArn: ruleArn("another") }, arrives: false },
      { title: "another account", permission: { SourceAccount: "999999999999" }, arrives: false },
      { title: "another service", permission: { Principal: "s3.amazonaws.com" }, arrives: false },
      { title: "another action", permission: { Action: "lambda:GetFunction" }, arrives: false },
    ];
    for (const { title, permission, arrives } of cases) {
      it(`${arrives ? "allows" : "denies"}: ${title}`, async () => {
        const target = await d.recorder();
        const name = unique("rule");
        if (permission) await d.permit(target, { Principal: EVENTS, SourceArn: ruleArn(name), ...permission });
        await d.rule(name, { Arn: target });
        await d.publish(name);
        if (arrives) await until("the call", () => d.calls(target).length === 1);
        else {
          assert.match(
            await d.refusal(`rule ${name} →`),
            /not delivered: events\.amazonaws\.com is denied lambda:InvokeFunction/,
          );
          assert.deepEqual(d.calls(target), []);
        }
      });
    }
  });

  describe("to a dead-letter queue, what may not be delivered", () => {
    const first = (queue: string) => d.firstMessage(queue);
    it("when the queue lets the rule in, in clear words", async () => {
      const target = await d.recorder();
      const name = unique("rule");
      const queue = await d.queue(
        {
          Principal: { Service: EVENTS },
          Action: "sqs:SendMessage",
          Condition: {
            ArnLike: { "aws:SourceArn": ruleArn("rule-*") },
            StringEquals: { "aws:SourceAccount": ACCOUNT },
          },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      );
      await d.rule(name, { Arn: target, DeadLetterConfig: { Arn: queue } });
      await d.publish(name);
      const letter = await first(queue);
      assert.deepEqual(letter.body.detail, { from: name });
      const { ERROR_MESSAGE, ...attributes } = letter.attributes;
      assert.deepEqual(attributes, { RULE_ARN: ruleArn(name), TARGET_ARN: target, ERROR_CODE: "NO_PERMISSIONS" });
      assert.match(ERROR_MESSAGE ?? "", /denied lambda:InvokeFunction/);
      assert.deepEqual(d.calls(target), []);
    });

    it("not when the queue's policy names another rule", async () => {
      const name = unique("rule");
      const queue = await d.queue({
        Principal: { Service: EVENTS },
        Action: "sqs:SendMessage",
        Condition: { ArnLike: { "aws:SourceArn": ruleArn("other") } },
      });
      await d.rule(name, { Arn: await d.recorder(), DeadLetterConfig: { Arn: queue } });
      await d.publish(name);
      assert.match(await d.refusal(`dead letter of ${name}`), /denied sqs:SendMessage/);
      assert.deepEqual(await d.messages(queue), []);
    });

    it("also an event whose target is gone", async () => {
      const name = unique("rule");
      const queue = await d.queue({ Principal: { Service: EVENTS }, Action: "sqs:SendMessage" });
      const Arn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:gone`;
      await d.rule(name, { Arn, DeadLetterConfig: { Arn: queue } });
      await d.publish(name);
      assert.equal((await first(queue)).attributes.ERROR_CODE, "NO_RESOURCE");
    });
  });

  it("to a queue, by its policy", async () => {
    const [open, shut] = [unique("rule"), unique("rule")];
    const allowed = await d.queue({ Principal: { Service: EVENTS }, Action: "sqs:SendMessage" });
    const silent = await d.queue();
    await d.rule(open, { Arn: allowed });
    await d.rule(shut, { Arn: silent });
    await d.publish(open);
    await d.publish(shut);
    await until("the event", async () => (await d.messages(allowed)).length === 1);
    await d.refusal(`rule ${shut} →`);
    assert.deepEqual(await d.messages(silent), []);
  });

  it("to a topic, not by the policy it has from birth", async () => {
    const sns = new SNSClient(clientConfig(d.bench));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: unique("topic") }));
    const Endpoint = await d.queue({ Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" });
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    const [before, after] = [unique("rule"), unique("rule")];
    await d.rule(before, { Arn: TopicArn ?? "" });
    await d.publish(before);
    assert.match(await d.refusal(`rule ${before} →`), /denied sns:Publish/);
    const statement = { Effect: "Allow", Principal: { Service: EVENTS }, Action: "sns:Publish", Resource: TopicArn };
    const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    await d.rule(after, { Arn: TopicArn ?? "" });
    await d.publish(after);
    await until("the notice", async () => (await d.messages(Endpoint)).length > 0);
    assert.equal((await d.messages(Endpoint)).length, 1);
  });

  describe("to a state machine, by the target's role", () => {
    const start = [{ Action: "states:StartExecution" }];
    const cases = [
      { title: "no role", trust: undefined, grants: [], says: /no role is given/ },
      { title: "a role for another service", trust: "states.amazonaws.com", grants: start, says: /sts:AssumeRole/ },
      { title: "a role without the grant", trust: EVENTS, grants: [], says: /not authorized to perform: states:Start/ },
      { title: "a role that may", trust: EVENTS, grants: start, says: undefined },
    ];
    for (const { title, trust, grants, says } of cases) {
      it(`${says ? "denies" : "allows"}: ${title}`, async () => {
        const definition = { StartAt: "End", States: { End: { Type: "Succeed" } } };
        const stateMachineArn = await machine(d.bench, definition, await role(d.bench, "states.amazonaws.com", []));
        const name = unique("rule");
        const RoleArn = trust && (await role(d.bench, trust, grants));
        await d.rule(name, { Arn: stateMachineArn, RoleArn });
        await d.publish(name);
        const executions = async () =>
          (await d.bench.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length;
        if (says === undefined) await until("the execution", async () => (await executions()) === 1);
        else {
          assert.match(await d.refusal(`rule ${name} →`), says);
          assert.equal(await executions(), 0);
        }
      });
    }
  });

  it("schedules deliver by their role", async () => {
    const target = await d.recorder();
    const may = [{ Action: "lambda:InvokeFunction", Resource: target }];
    const source = {
      StringEquals: { "aws:SourceArn": `arn:aws:scheduler:us-east-1:${ACCOUNT}:schedule-group/default` },
    };
    const SERVICE = "scheduler.amazonaws.com";
    const roles = {
      granted: await role(d.bench, SERVICE, may, { Condition: source }),
      ungranted: await role(d.bench, SERVICE, []),
      untrusted: await role(d.bench, EVENTS, may),
    };
    for (const [name, RoleArn] of Object.entries(roles)) {
      const body = JSON.stringify({
        ScheduleExpression: "at(2020-01-01T00:00:00)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: target, RoleArn, Input: JSON.stringify({ by: name }) },
      });
      await d.hand.rest("scheduler", { method: "POST", path: `/schedules/${name}`, body });
    }
    // The emulator looks at its schedules every ten seconds.
    await until("the scheduled call", () => d.calls(target).length > 0, 15_000);
    assert.match(await d.refusal("schedule ungranted →"), /not authorized to perform: lambda:InvokeFunction/);
    assert.match(await d.refusal("schedule untrusted →"), /sts:AssumeRole/);
    assert.deepEqual(d.calls(target), [{ by: "granted" }]);
  });
});
