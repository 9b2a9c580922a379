import assert from "node:assert/strict";
import { InvokeCommand, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import {
  CreateTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { open } from "../../../local/walkthrough/browser.ts";
import { Deliveries, ruleArn } from "./delivery-support.ts";
import { ACCOUNT, clientConfig, role, unique, until } from "./support.ts";

const LAMBDA = "lambda.amazonaws.com";

describe("APIs, topics, alarms and failures deliver only as their grants allow", function () {
  this.timeout(40_000);
  let d: Deliveries;
  let sns: SNSClient;
  before(async () => {
    d = await Deliveries.open();
    sns = new SNSClient(clientConfig(d.bench));
  });
  after(() => d?.close());

  describe("an HTTP API to its function", () => {
    const api = async (routeKey: string, target: string): Promise<string> => {
      const post = (path: string, body: object) =>
        d.hand.rest("apigateway", { method: "POST", path: `/v2/apis${path}`, body: JSON.stringify(body) });
      const { apiId } = await post("", { name: unique("api"), protocolType: "HTTP" });
      const integration = { integrationType: "AWS_PROXY", integrationUri: target, payloadFormatVersion: "2.0" };
      const { integrationId } = await post(`/${apiId}/integrations`, integration);
      await post(`/${apiId}/routes`, { routeKey, target: `integrations/${integrationId}` });
      await post(`/${apiId}/stages`, { stageName: "$default", autoDeploy: true });
      return String(apiId);
    };
    const cases = [
      { title: "no permission", route: "GET /items/{id}", source: undefined, served: false },
      { title: "the very route in any stage", route: "GET /items/{id}", source: "*/GET/items/{id}", served: true },
      { title: "the very route and stage", route: "GET /items/{id}", source: "$default/GET/items/{id}", served: true },
      { title: "any route", route: "GET /items/{id}", source: "*/*", served: true },
      { title: "another method", route: "GET /items/{id}", source: "*/POST/items/{id}", served: false },
      { title: "another path", route: "GET /items/{id}", source: "*/GET/things/{id}", served: false },
      { title: "another stage", route: "GET /items/{id}", source: "test/GET/items/{id}", served: false },
      { title: "the catch-all route", route: "$default", source: "$default/$default", served: true },
      { title: "a route only, for the catch-all", route: "$default", source: "*/GET/items/7", served: false },
    ];
    for (const { title, route, source, served } of cases) {
      it(`${served ? "allows" : "denies"}: ${title}`, async () => {
        const target = await d.recorder();
        const id = await api(route, target);
        const SourceArn = `arn:aws:execute-api:us-east-1:${ACCOUNT}:${id}/${source}`;
        const permission = { Principal: "apigateway.amazonaws.com", SourceArn, SourceAccount: ACCOUNT };
        if (source) await d.permit(target, permission);
        const page = await open(`http://${id}.execute-api.localhost:${new URL(d.bench.ministack).port}/items/7`);
        assert.deepEqual(
          [page.status, page.text],
          served ? [200, "served"] : [500, '{"message":"Internal Server Error"}'],
        );
        assert.equal(d.calls(target).length, served ? 1 : 0);
        if (!served) await d.refusal(`HTTP API ${id}`);
      });
    }
  });

  it("a topic to a function", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: unique("topic") }));
    const [allowed, silent] = [await d.recorder(), await d.recorder()];
    await d.permit(allowed, { Principal: "sns.amazonaws.com", SourceArn: TopicArn });
    for (const Endpoint of [allowed, silent]) {
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint }));
    }
    await sns.send(new PublishCommand({ TopicArn, Message: "m" }));
    await until("the call", () => d.calls(allowed).length === 1);
    assert.match(await d.refusal(`→ ${silent}`), /sns\.amazonaws\.com is denied lambda:InvokeFunction/);
    assert.deepEqual(d.calls(silent), []);
  });

  it("a topic to a queue, also where its policy denies clear transport", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: unique("topic") }));
    const clear = { Bool: { "aws:SecureTransport": "false" } };
    const allowed = await d.queue(
      { Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" },
      { Effect: "Deny", Principal: "*", Action: "sqs:*", Condition: clear },
    );
    const silent = await d.queue();
    for (const Endpoint of [allowed, silent]) {
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    }
    await sns.send(new PublishCommand({ TopicArn, Message: "m" }));
    await until("the message", async () => (await d.messages(allowed)).length === 1);
    assert.deepEqual(await d.messages(silent), []);
  });

  it("an alarm to a topic", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: unique("topic") }));
    const Endpoint = await d.queue({ Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" });
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    const AlarmName = unique("alarm");
    const call = (action: string, params: Record<string, string>) =>
      d.hand.query("monitoring", action, "2010-08-01", { AlarmName, ...params });
    await call("PutMetricAlarm", {
      Namespace: "Test",
      MetricName: "m",
      Statistic: "Sum",
      Period: "60",
      EvaluationPeriods: "1",
      Threshold: "0",
      ComparisonOperator: "GreaterThanThreshold",
      "AlarmActions.member.1": TopicArn ?? "",
    });
    const ring = async () => {
      await call("SetAlarmState", { StateValue: "OK", StateReason: "test" });
      await call("SetAlarmState", { StateValue: "ALARM", StateReason: "test" });
    };
    const policy = async (Principal: unknown) => {
      const Statement = [{ Effect: "Allow", Principal, Action: "sns:Publish", Resource: TopicArn }];
      const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
      await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    };
    await ring();
    await until("the notice under the policy from birth", async () => (await d.messages(Endpoint)).length === 1);
    await policy({ Service: "events.amazonaws.com" });
    await ring();
    assert.match(await d.refusal(`alarm ${AlarmName}`), /cloudwatch\.amazonaws\.com is denied sns:Publish/);
    assert.equal((await d.messages(Endpoint)).length, 1);
    await policy({ Service: "cloudwatch.amazonaws.com" });
    await ring();
    await until("the second notice", async () => (await d.messages(Endpoint)).length === 2);
  });

  describe("what a function failed, to its failure destination", () => {
    const failing = async (queue: string, roleArn: string): Promise<string> => {
      const target = await d.recorder('throw new TypeError("broken")', roleArn);
      const DestinationConfig = { OnFailure: { Destination: queue } };
      const config = { FunctionName: target, MaximumRetryAttempts: 0, DestinationConfig };
      await d.bench.lambda.send(new PutFunctionEventInvokeConfigCommand(config));
      return target;
    };

    it("when the function's role may send it", async () => {
      const queue = await d.queue();
      const roleArn = await role(d.bench, LAMBDA, [{ Action: "sqs:SendMessage", Resource: queue }]);
      const target = await failing(queue, roleArn);
      await d.bench.lambda.send(
        new InvokeCommand({ FunctionName: target, InvocationType: "Event", Payload: '{"a":1}' }),
      );
      const { requestPayload, responsePayload } = (await d.firstMessage(queue)).body;
      assert.deepEqual(requestPayload, { a: 1 });
      assert.equal((responsePayload as { errorType: string }).errorType, "TypeError");
    });

    it("not when it may not", async () => {
      const queue = await d.queue();
      const target = await failing(queue, await role(d.bench, LAMBDA, []));
      await d.bench.lambda.send(new InvokeCommand({ FunctionName: target, InvocationType: "Event" }));
      assert.match(await d.refusal(`→ ${queue}`), /not authorized to perform: sqs:SendMessage/);
      assert.deepEqual(await d.messages(queue), []);
    });

    it("also when an event rule called it", async () => {
      const queue = await d.queue();
      const roleArn = await role(d.bench, LAMBDA, [{ Action: "sqs:SendMessage", Resource: queue }]);
      const target = await failing(queue, roleArn);
      const name = unique("rule");
      await d.permit(target, { Principal: "events.amazonaws.com", SourceArn: ruleArn(name) });
      await d.rule(name, { Arn: target });
      await d.publish(name);
      const { requestPayload } = (await d.firstMessage(queue)).body;
      assert.equal((requestPayload as { source: string }).source, name);
    });
  });
});
