import assert from "node:assert/strict";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { ask, type Bench, clientConfig, machine, role, startBench, until } from "./support.ts";

describe("events under AWS's own source", function () {
  this.timeout(30_000);
  let bench: Bench;
  let events: EventBridgeClient;
  before(async () => {
    bench = await startBench();
    events = new EventBridgeClient(clientConfig(bench));
  });
  after(() => bench?.stop());

  const entry = {
    Source: "aws.sagemaker",
    DetailType: "SageMaker Model Package State Change",
    Detail: JSON.stringify({ ModelApprovalStatus: "Approved" }),
  };

  it("reach a rule on their true source", async () => {
    const machineRole = await role(bench, "states.amazonaws.com", []);
    const target = await machine(bench, { StartAt: "End", States: { End: { Type: "Succeed" } } }, machineRole);
    const roleArn = await role(bench, "events.amazonaws.com", [{ Action: "states:StartExecution", Resource: target }]);
    await events.send(
      new PutRuleCommand({
        Name: "approved",
        EventPattern: JSON.stringify({ source: ["aws.sagemaker"], detail: { ModelApprovalStatus: ["Approved"] } }),
      }),
    );
    await events.send(
      new PutTargetsCommand({ Rule: "approved", Targets: [{ Id: "1", Arn: target, RoleArn: roleArn }] }),
    );
    const answer = await ask(bench, "events", { Entries: [entry] });
    assert.equal(answer.FailedEntryCount, 0);
    await until("an execution", async () => {
      const found = await bench.sfn.send(new ListExecutionsCommand({ stateMachineArn: target }));
      return found.executions?.length === 1;
    });
  });

  it("are refused from anybody else, as on AWS", async () => {
    const answer = await events.send(new PutEventsCommand({ Entries: [entry] }));
    assert.equal(answer.FailedEntryCount, 1);
    assert.equal(answer.Entries?.[0]?.ErrorCode, "NotAuthorizedForSourceException");
  });

  it("must be well formed; all faults are told", async () => {
    const answer = await ask(bench, "events", { Entries: [{ Source: "", DetailType: "x", Detail: "[]" }] });
    assert.equal(answer.httpStatus, 400);
    assert.match(
      JSON.stringify(answer.error),
      /Entries\[0\]\.Source must be.*Entries\[0\]\.Detail must be a JSON object/,
    );
  });

  it("are taken as JSON only, and unknown paths are named", async () => {
    const plain = await fetch(`${bench.ministack}/_rehearsal/events`, { method: "POST", body: "{}" });
    assert.equal(plain.status, 415);
    assert.equal((await ask(bench, "nothing", {})).httpStatus, 404);
  });
});
