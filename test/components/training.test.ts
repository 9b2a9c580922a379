import assert from "node:assert/strict";
import type { Statement } from "../../contracts/iam.ts";
import { account, type Estate, grantsOf, list, runProgram, tagsOf } from "./estate.ts";

const machines = ["training", "submission"].map(
  (name) => `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-${name}`,
);

describe("the estate: training", () => {
  let estate: Estate;
  before(async function () {
    this.timeout(60_000);
    estate = await runProgram("dev", {
      "frugal-mlops:training": { instanceTypes: ["ml.c5.xlarge"], maxRuntimeMinutes: 30, spotWaitMinutes: 15 },
    });
  });

  it("hands the stage's limits to the function that plans, in seconds", () => {
    const { variables } = estate.named("aws-native:lambda:Function", "plan-training").inputs.environment;
    assert.deepEqual(JSON.parse(variables.LIMITS), {
      instanceTypes: ["ml.c5.xlarge"],
      maxRuntimeSeconds: 1800,
      spot: true,
      spotWaitSeconds: 900,
    });
    assert.equal(variables.ARTIFACT_BUCKET, `frugal-dev-artifacts-${account}-us-east-1`);
  });

  it("gives a job its run, its wait and an hour, and its machine more", () => {
    const machine = estate.named("aws-native:stepfunctions:StateMachine", "training-workflow");
    const definition = JSON.parse(machine.inputs.definitionString);
    assert.equal(definition.States.Train.TimeoutSeconds, (30 + 15 + 60) * 60);
    assert.ok(definition.TimeoutSeconds > 3 * definition.States.Train.TimeoutSeconds);
    for (const first of ["plan-training", "record-training", "training-role", "artifacts-bucket"]) {
      assert.ok(machine.after.includes(first), `the machine after ${first}`);
    }
  });

  it("lets only the machine start jobs, under its own names, with the jobs' role", () => {
    const creators = estate
      .of("aws-native:iam:Role")
      .filter((role) => grantsOf(role).some((grant) => list(grant.Action).includes("sagemaker:CreateTrainingJob")));
    assert.deepEqual(
      creators.map((role) => tagsOf(role)["frugal:role"]),
      ["training-workflow"],
    );
    const [role] = creators;
    assert.ok(role);
    const create = grantsOf(role).find((grant) => list(grant.Action).includes("sagemaker:CreateTrainingJob"));
    assert.equal(create?.Resource, `arn:aws:sagemaker:us-east-1:${account}:training-job/frugal-dev-*`);
    const pass = grantsOf(role).find((grant) => list(grant.Action).includes("iam:PassRole"));
    assert.equal(pass?.Resource, `arn:aws:iam::${account}:role/frugal-dev-training`);
  });

  it("lets jobs read and write their own parts of the buckets only", () => {
    const writes = grantsOf(estate.named("aws-native:iam:Role", "training-role")).filter((grant) =>
      list(grant.Action).includes("s3:PutObject"),
    );
    assert.deepEqual(
      writes.flatMap((grant) => list(grant.Resource)),
      ["runs/*", "checkpoints/*"].map((keys) => `arn:aws:s3:::frugal-dev-artifacts-${account}-us-east-1/${keys}`),
    );
  });

  it("lets a data scientist ask the machines, and start no job besides them", () => {
    const { policyDocument } = estate.named("aws-native:iam:ManagedPolicy", "scientist-policy").inputs;
    const statements = policyDocument.Statement as Statement[];
    const actions = statements.flatMap((statement) => list(statement.Action));
    assert.ok(!actions.some((action) => /^sagemaker:Create|^iam:/.test(action)), actions.join(", "));
    const start = statements.find((statement) => list(statement.Action).includes("states:StartExecution"));
    assert.deepEqual(start?.Resource, machines);
    const writes = statements.filter((statement) => list(statement.Action).includes("s3:PutObject"));
    const keys = writes
      .flatMap((statement) => list(statement.Resource))
      .map((arn) => arn.split("/").slice(1).join("/"));
    // Neither the record of trainings nor what jobs brought.
    assert.deepEqual(keys.sort(), ["datasets/*", "sources/*"]);
  });

  it("has no sandbox unless the stage says so", () => {
    assert.ok(!estate.resources.some(({ name }) => name.startsWith("sandbox")));
    assert.equal(estate.outputs.sandboxRoleArn, null);
  });
});

describe("the estate: sandbox", () => {
  const role = async (sandbox: object) => {
    const estate = await runProgram("dev", { "frugal-mlops:sandbox": { enabled: true, ...sandbox } });
    return { estate, found: estate.named("aws-native:iam:Role", "sandbox-role") };
  };

  it("can be taken by whom the stage names, else by whom this account's policies let", async () => {
    const { found, estate } = await role({});
    const [everyone] = found.inputs.assumeRolePolicyDocument.Statement;
    assert.deepEqual(everyone.Principal, { AWS: `arn:aws:iam::${account}:root` });
    assert.equal(everyone.Action, "sts:AssumeRole");
    const parameter = estate.named("aws-native:ssm:Parameter", "parameter-sandboxRole").inputs;
    assert.equal(parameter.value, `arn:aws:iam::${account}:role/frugal-dev-sandbox`);
    const ada = `arn:aws:iam::${account}:role/ada`;
    const [named] = (await role({ principals: [ada] })).found.inputs.assumeRolePolicyDocument.Statement;
    assert.deepEqual(named.Principal, { AWS: [ada] });
  });

  it("starts jobs only tagged, on the stage's machines, for the stage's time", async () => {
    const { found } = await role({ instanceTypes: ["ml.t3.medium"], maxRuntimeMinutes: 10 });
    for (const action of ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"]) {
      const [grant, ...more] = grantsOf(found).filter(
        (one) => one.Effect === "Allow" && list(one.Action).includes(action),
      );
      assert.equal(more.length, 0);
      assert.deepEqual(grant?.Condition, {
        Null: {
          "aws:RequestTag/frugal:dataset-version": "false",
          "aws:RequestTag/frugal:run": "false",
          "aws:RequestTag/frugal:training-key": "true",
          "sagemaker:InstanceTypes": "false",
          "sagemaker:MaxRuntimeInSeconds": "false",
        },
        StringLike: { "aws:RequestTag/frugal:dataset-version": "?*@sha256:*", "aws:RequestTag/frugal:run": "?*" },
        "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.t3.medium"] },
        NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": "600" },
      });
    }
  });

  it("knows AutoML only where the stage does, and then with the tags", async () => {
    const automl = (grants: Statement[]) =>
      grants.filter((one) => list(one.Action).some((a) => /Create\w*AutoML/.test(a)));
    assert.deepEqual(automl(grantsOf((await role({})).found)), []);
    const [grant] = automl(grantsOf((await role({ autoMl: true })).found));
    assert.equal(grant?.Condition?.Null?.["aws:RequestTag/frugal:dataset-version"], "false");
    assert.ok(grant?.Condition?.StringLike);
  });

  it("passes the training role only, and lets tags be set at creation only", async () => {
    const grants = grantsOf((await role({ autoMl: true })).found);
    const pass = grants.filter((one) => list(one.Action).includes("iam:PassRole"));
    assert.deepEqual(
      pass.map((one) => one.Resource),
      [`arn:aws:iam::${account}:role/frugal-dev-training`],
    );
    for (const grant of grants.filter((one) => list(one.Action).includes("sagemaker:AddTags"))) {
      assert.ok(grant.Condition?.StringEquals?.["sagemaker:TaggingAction"]);
    }
  });
});
