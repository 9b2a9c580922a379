import assert from "node:assert/strict";
import { account, type Estate, grantsOf, list, runProgram, tagsOf } from "./estate.ts";

/** Actions for which AWS knows no resource, so that "*" is the only one (AWS: service authorization reference). */
const withoutResource =
  /^(logs:(\w+LogDeliver\w+|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|xray:\w+|ecr:GetAuthorizationToken|cloudwatch:PutMetricData|states:SendTaskSuccess|sagemaker:List(ModelPackages|Artifacts|Actions|Contexts|TrialComponents|Associations|TrainingJobs|ProcessingJobs|TransformJobs|Endpoints))$/;

/** Roles (by their tag frugal:role) that are allowed an action. */
function holders(estate: Estate, action: string): string[] {
  return estate
    .of("aws-native:iam:Role")
    .filter((role) => grantsOf(role).some((grant) => grant.Effect === "Allow" && list(grant.Action).includes(action)))
    .map((role) => tagsOf(role)["frugal:role"] ?? "")
    .sort();
}

describe("the estate: who may do what", () => {
  let estate: Estate;
  before(async function () {
    this.timeout(60_000);
    estate = await runProgram("dev", { "frugal-mlops:alarms": { email: "ops@example.com" } });
  });

  it("grants by the action and the resource, never by star", () => {
    for (const role of estate.of("aws-native:iam:Role")) {
      for (const grant of grantsOf(role)) {
        assert.equal(grant.Effect, "Allow");
        for (const action of list(grant.Action)) {
          assert.match(action, /^[a-z0-9-]+:[A-Z]\w+$/, `${role.name}: ${action}`);
          if (list(grant.Resource).includes("*")) assert.match(action, withoutResource, `${role.name}: ${action} on *`);
        }
      }
    }
  });

  it("conditions every trust and every call from a service", () => {
    for (const { name, inputs } of estate.of("aws-native:iam:Role")) {
      const [statement, ...more] = inputs.assumeRolePolicyDocument.Statement;
      assert.equal(more.length, 0);
      assert.equal(statement.Condition.StringEquals["aws:SourceAccount"], account, name);
    }
    for (const { name, inputs } of estate.of("aws-native:lambda:Permission")) {
      assert.match(inputs.sourceArn, new RegExp(`^arn:aws:(events|execute-api):us-east-1:${account}:`), name);
      assert.equal(inputs.sourceAccount, undefined, "a condition on what a service may not send refuses its calls");
    }
  });

  it("keeps the duties apart: who registers cannot approve, who approves cannot deploy", () => {
    assert.deepEqual(holders(estate, "sagemaker:UpdateModelPackage"), ["record-decision"]);
    assert.deepEqual(holders(estate, "sagemaker:CreateModelPackage"), ["submission-workflow"]);
    for (const action of ["CreateEndpoint", "UpdateEndpoint", "CreateEndpointConfig", "DeleteEndpoint"]) {
      assert.deepEqual(holders(estate, `sagemaker:${action}`), ["rollout-workflow"], action);
    }
    assert.deepEqual(holders(estate, "states:SendTaskSuccess"), ["decide-approval", "request-approval"]);
    assert.deepEqual(holders(estate, "iam:PassRole"), ["rollout-workflow", "submission-workflow", "training-workflow"]);
  });
});
