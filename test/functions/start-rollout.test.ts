/** StartRollout: one execution for one approval, whatever events say and however often. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { awsPorts } from "../../functions/start-rollout/ports.ts";
import { makeHandler } from "../../functions/start-rollout/start.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { eventFixture } from "./support/fixtures.ts";
import { approvedMetadata, group, packageArn } from "./support/samples.ts";

const machine = "arn:aws:states:us-east-1:111122223333:stateMachine:frugal-dev-rollout";
const approved = {
  ModelPackageArn: packageArn,
  ModelApprovalStatus: "Approved",
  ModelPackageStatus: "Completed",
  CustomerMetadataProperties: approvedMetadata(),
};

function setup(found: object = approved) {
  const sagemaker = new FakeClient().on(DescribeModelPackageCommand, found);
  const sfn = new FakeClient().on(StartExecutionCommand, {});
  const handler = makeHandler(
    awsPorts({ sagemaker: sagemaker.as(), sfn: sfn.as() }),
    { ROLLOUT_STATE_MACHINE_ARN: machine, MODEL_PACKAGE_GROUP: group },
    fakeLog(),
  );
  return { sagemaker, sfn, handler };
}

describe("functions/start-rollout", () => {
  it("starts one rollout for an approval", async () => {
    const { sfn, handler } = setup();
    const result = await handler(eventFixture("model-package-approved"));
    const [start] = sfn.named("StartExecutionCommand");
    assert.match(String(start?.name), /^pkg-frugal-dev-breast-cancer-v7-[0-9a-f]{8}$/);
    assert.deepEqual(start, {
      stateMachineArn: machine,
      name: result.execution,
      input: JSON.stringify({ modelPackageArn: packageArn }),
    });
    assert.equal(result.started, true);
  });

  it("asks for the same name for repeated and metadata-only events, and is content when it exists", async () => {
    const { sfn, handler } = setup();
    const first = await handler(eventFixture("model-package-approved"));
    sfn.on(StartExecutionCommand, () => awsError("ExecutionAlreadyExists"));
    const second = await handler(eventFixture("model-package-metadata-only"));
    assert.deepEqual(second, { started: false, execution: first.execution });
  });

  it("asks for another name after another approval", async () => {
    const first = await setup().handler(eventFixture("model-package-approved"));
    const later = approvedMetadata({ "frugal:approved-at": "2026-02-02T00:00:00.000Z" });
    const again = await setup({ ...approved, CustomerMetadataProperties: later }).handler(
      eventFixture("model-package-approved"),
    );
    assert.notEqual(again.execution, first.execution);
  });

  it("starts an approval made by hand, which carries no record", async () => {
    const { handler } = setup({ ...approved, CustomerMetadataProperties: {} });
    assert.equal((await handler(eventFixture("model-package-approved"))).started, true);
  });

  it("believes Describe and not the event", async () => {
    for (const change of [{ ModelApprovalStatus: "Rejected" }, { ModelPackageStatus: "InProgress" }]) {
      const { sfn, handler } = setup({ ...approved, ...change });
      assert.deepEqual(await handler(eventFixture("model-package-approved")), { started: false });
      assert.equal(sfn.calls.length, 0);
    }
  });

  it("leaves other groups, versionless packages and deleted packages alone", async () => {
    const event = eventFixture("model-package-approved");
    for (const arn of [packageArn.replace(group, "other"), packageArn.replace(/\/7$/, "")]) {
      const { sagemaker, handler } = setup();
      assert.deepEqual(await handler({ ...event, detail: { ...event.detail, ModelPackageArn: arn } }), {
        started: false,
      });
      assert.equal(sagemaker.calls.length, 0);
    }
    const { sagemaker, handler } = setup();
    sagemaker.on(DescribeModelPackageCommand, () =>
      awsError("ValidationException", `ModelPackage ${packageArn} does not exist.`),
    );
    assert.deepEqual(await handler(event), { started: false });
  });

  it("knows its group in whatever case AWS writes the ARN", async () => {
    const { sagemaker, sfn } = setup();
    const handler = makeHandler(
      awsPorts({ sagemaker: sagemaker.as(), sfn: sfn.as() }),
      { ROLLOUT_STATE_MACHINE_ARN: machine, MODEL_PACKAGE_GROUP: "Frugal-Dev-Breast-Cancer" },
      fakeLog(),
    );
    assert.equal((await handler(eventFixture("model-package-approved"))).started, true);
  });

  it("lets errors through, so that the event is delivered again", async () => {
    const { sfn, handler } = setup();
    sfn.on(StartExecutionCommand, () => awsError("ExecutionLimitExceeded"));
    await assert.rejects(handler(eventFixture("model-package-approved")), { name: "ExecutionLimitExceeded" });
  });

  it("refuses an event of another kind", async () => {
    await assert.rejects(setup().handler(eventFixture("endpoint-in-service")), {
      name: "InvalidInput",
      message: /detail-type/,
    });
  });
});
