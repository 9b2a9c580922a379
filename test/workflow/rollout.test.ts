import assert from "node:assert/strict";
import { RolloutInput, type RolloutPlan } from "../../contracts/rollout.ts";
import { definition, grants } from "../../workflow/rollout.ts";
import { rolloutSample } from "../../workflow/samples.ts";
import { type Answer, notFound, ok, refuse, throttled } from "./support/script.ts";
import { edges, given, type Machine, type Run, TestStage, times } from "./support/stage.ts";

const place = "arn:aws:sagemaker:us-east-1:111122223333";
const modelPackageArn = `${place}:model-package/frugal-dev-breast-cancer/4`;
const name = "frugal-dev-breast-cancer";
const mine = `${name}-v4`;
const old = `${name}-v3`;

const plan = (endpoint: RolloutPlan["endpoint"]): Answer =>
  ok({
    modelPackageArn,
    modelName: mine,
    endpointConfigName: mine,
    endpointName: name,
    endpoint,
    tags: [{ Key: "frugal:model-package", Value: modelPackageArn }],
  });
const endpoint = (EndpointStatus: string, EndpointConfigName: string, FailureReason?: string): Answer =>
  ok({ EndpointName: name, EndpointStatus, EndpointConfigName, FailureReason });
const exists = (what: string) => refuse("ValidationException", `Cannot create already existing ${what} "${place}:x".`);

const happy: Record<string, Answer[]> = {
  "check-package": [plan("absent")],
  CreateModel: [ok({ ModelArn: "m" })],
  CreateEndpointConfig: [ok({ EndpointConfigArn: "c" })],
  CreateEndpoint: [ok({ EndpointArn: "e" })],
  UpdateEndpoint: [ok({ EndpointArn: "e" })],
  DescribeEndpoint: [endpoint("Creating", mine), endpoint("Creating", mine), endpoint("InService", mine)],
  DeleteEndpoint: [ok()],
  DeleteEndpointConfig: [ok()],
  DeleteModel: [ok()],
};
const removals = ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"];

describe("the rollout on the emulated Step Functions", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let machine: Machine;
  /** The same, whose notices go nowhere. */
  let unheard: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["check-package"]);
    const refs = { ...rolloutSample, topicArn: await stage.topic("frugal-dev-notices") };
    const mute = { ...refs, topicArn: `${refs.topicArn}-gone` };
    machine = await stage.machine("frugal-dev-rollout", definition(refs), grants(refs));
    unheard = await stage.machine("frugal-dev-unheard", definition(mute), grants(mute));
  });
  after(() => stage?.close());

  const run = (script: Record<string, Answer[]> = {}, on = machine) =>
    stage.run(on, RolloutInput.parse({ modelPackageArn }), { ...happy, ...script });

  function assertFailed(found: Run, error: string, cause: RegExp, removed: readonly string[]): void {
    assert.equal(found.status, "FAILED", JSON.stringify(found.output));
    assert.equal(found.error, error);
    assert.match(found.cause ?? "", cause);
    assert.deepEqual(found.path.slice(-2), ["NotifyFailure", "Failed"]);
    assert.deepEqual(
      removals.filter((call) => times(found, call) > 0),
      removed,
    );
  }

  it("creates model, configuration and endpoint, and waits until they serve", async () => {
    const found = await run();
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, { result: "deployed", modelPackageArn, endpointName: name });
    assert.deepEqual(given(found, "check-package"), { modelPackageArn });
    const model = given(found, "CreateModel");
    assert.deepEqual(model.PrimaryContainer, { ModelPackageName: modelPackageArn });
    assert.equal(model.ExecutionRoleArn, rolloutSample.servingRoleArn);
    assert.deepEqual(
      model.Tags.map(({ Key }: { Key: string }) => Key),
      ["frugal:model-package", "frugal:component", "frugal:owner", "frugal:project", "frugal:stage"],
    );
    assert.deepEqual(given(found, "CreateEndpointConfig").ProductionVariants, [
      {
        VariantName: "AllTraffic",
        ModelName: mine,
        InitialVariantWeight: 1,
        ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 2 },
      },
    ]);
    assert.equal(given(found, "CreateEndpoint").EndpointConfigName, mine);
    assert.equal(times(found, "DescribeEndpoint"), 3);
    assert.deepEqual(
      found.calls.filter((call) => call.denied),
      [],
    );
  });

  it("moves an endpoint that serves another package", async () => {
    const found = await run({
      "check-package": [plan("other")],
      DescribeEndpoint: [endpoint("Updating", old), endpoint("InService", mine)],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(given(found, "UpdateEndpoint"), { EndpointName: name, EndpointConfigName: mine });
    assert.equal(times(found, "CreateEndpoint"), 0);
  });

  it("changes nothing where the package is served already", async () => {
    const found = await run({ "check-package": [plan("same")] });
    assert.deepEqual(found.output, { result: "unchanged", modelPackageArn, endpointName: name });
    assert.deepEqual(
      found.calls.map((call) => call.key),
      ["check-package"],
    );
  });

  it("takes up a rollout that was cut off", async () => {
    const found = await run({
      CreateModel: [exists("model")],
      CreateEndpointConfig: [exists("endpoint configuration")],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.ok(found.path.includes("ModelThere") && found.path.includes("EndpointConfigThere"));
  });

  it("waits for a busy endpoint, and tries again what is passing", async () => {
    const found = await run({
      "check-package": [...Array.from({ length: 5 }, () => refuse("EndpointBusy")), plan("other")],
      CreateModel: [throttled, ok({ ModelArn: "m" })],
      UpdateEndpoint: [refuse("ValidationException", "Cannot update in-progress endpoint"), ok({ EndpointArn: "e" })],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(times(found, "check-package"), 6);
    assert.equal(times(found, "UpdateEndpoint"), 2);
  });

  it("makes nothing of a package that is not approved", async () => {
    const found = await run({ "check-package": [refuse("NotApproved", "it is Rejected")] });
    assertFailed(found, "NotApproved", /it is Rejected/, []);
    assert.deepEqual(
      found.calls.map((call) => call.key),
      ["check-package"],
    );
  });

  it("believes no rollback: InService with the old configuration is a failure", async () => {
    const found = await run({
      "check-package": [plan("other")],
      DescribeEndpoint: [endpoint("Updating", old), endpoint("InService", old, "model server did not answer /ping")],
    });
    assertFailed(
      found,
      "RolloutFailed",
      /is InService with configuration frugal-dev-breast-cancer-v3, asked for was frugal-dev-breast-cancer-v4: model server did not answer/,
      ["DeleteEndpointConfig", "DeleteModel"],
    );
    assert.equal(given(found, "DeleteEndpointConfig").EndpointConfigName, mine);
    assert.equal(given(found, "DeleteModel").ModelName, mine);
  });

  it("removes an endpoint whose first creation failed, with all that it stands on", async () => {
    const found = await run({ DescribeEndpoint: [endpoint("Creating", mine), endpoint("Failed", mine, "no image")] });
    assertFailed(found, "RolloutFailed", /is Failed .*: no image/, removals);
  });

  it("keeps the configuration of an endpoint that cannot be removed", async () => {
    const found = await run({
      DescribeEndpoint: [endpoint("Failed", mine)],
      DeleteEndpoint: [refuse("ValidationException", "not now")],
    });
    assertFailed(found, "RolloutFailed", /is Failed/, ["DeleteEndpoint"]);
  });

  it("leaves alone what may still come into service", async () => {
    const found = await run({ "check-package": [plan("other")], DescribeEndpoint: [endpoint("Updating", old)] });
    assertFailed(found, "RolloutFailed", /is Updating/, []);
    assert.equal(times(found, "DescribeEndpoint"), 121);
  });

  it("leaves alone what serves, even where looking failed before", async () => {
    const denied = refuse("ResourceLimitExceeded", "asked too often");
    const found = await run({ DescribeEndpoint: [denied, endpoint("InService", mine)] });
    assertFailed(found, "SageMaker.ResourceLimitExceededException", /asked too often/, []);
  });

  it("leaves alone what it cannot see", async () => {
    const found = await run({ DescribeEndpoint: [refuse("AccessDeniedException", "not yours")] });
    assertFailed(found, "SageMaker.SageMakerException", /not yours/, []);
  });

  const refused: [string, Record<string, Answer[]>, RegExp, string][] = [
    [
      "model",
      { CreateModel: [refuse("ValidationException", "no such image")] },
      /no such image/,
      "CreateEndpointConfig",
    ],
    [
      "configuration",
      { CreateEndpointConfig: [refuse("ValidationException", "too much memory")] },
      /too much memory/,
      "CreateEndpoint",
    ],
    ["endpoint", { CreateEndpoint: [refuse("ValidationException", "no quota")] }, /no quota/, "UpdateEndpoint"],
  ];
  for (const [what, script, cause, never] of refused) {
    it(`removes what was made before the ${what} was refused`, async () => {
      const found = await run({ ...script, DescribeEndpoint: [notFound(`endpoint "${place}:endpoint/${name}"`)] });
      assertFailed(found, "SageMaker.AmazonSageMakerException", cause, ["DeleteEndpointConfig", "DeleteModel"]);
      assert.equal(times(found, never), 0);
    });
  }

  it("removes what was made before an update was refused", async () => {
    const found = await run({
      "check-package": [plan("other")],
      UpdateEndpoint: [refuse("ResourceLimitExceeded", "no quota")],
      DescribeEndpoint: [endpoint("InService", old)],
    });
    assertFailed(found, "SageMaker.ResourceLimitExceededException", /no quota/, [
      "DeleteEndpointConfig",
      "DeleteModel",
    ]);
  });

  it("tells the first failure even where nothing can be removed", async () => {
    const stuck = [refuse("ValidationException", "stuck")];
    const found = await run({
      CreateEndpoint: [refuse("ResourceLimitExceeded", "no quota")],
      DescribeEndpoint: [notFound("endpoint")],
      DeleteEndpointConfig: stuck,
      DeleteModel: stuck,
    });
    assertFailed(found, "SageMaker.ResourceLimitExceededException", /no quota/, [
      "DeleteEndpointConfig",
      "DeleteModel",
    ]);
  });

  it("stands by its outcome where nobody could be told", async () => {
    assert.equal((await run({}, unheard)).status, "SUCCEEDED");
    assertFailed(await run({ "check-package": [refuse("NotApproved", "no")] }, unheard), "NotApproved", /no/, []);
  });

  it("has by now taken every path that there is", () => {
    const taken = new Set([...machine.taken, ...unheard.taken]);
    assert.deepEqual(
      edges(machine.definition).filter((edge) => !taken.has(edge)),
      [],
    );
  });
});
