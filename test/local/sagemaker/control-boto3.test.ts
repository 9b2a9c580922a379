/** The front as boto3 sees it, and the front against the whole of botocore's model. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { ROSTER } from "../../../local/sagemaker/control/roster.ts";
import { ACTION_KEYS } from "../../../local/sagemaker/iam/context-keys.ts";
import { loadModel } from "../../../local/sagemaker/validate/model.ts";
import { compilePattern } from "../../../local/sagemaker/validate/pattern.ts";
import { ACCOUNT, type Estate, startEstate } from "./control-support.ts";

const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:${ACCOUNT}:${resource}`;

describe("botocore and the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;

  before(async () => {
    estate = await startEstate();
  });
  after(() => estate?.stop());

  it("boto3 speaks with it: waiters, paginators, declared and undeclared errors, the runtime", async () => {
    const script = `
import boto3, json, os
from botocore.config import Config
sm = boto3.client("sagemaker", config=Config(parameter_validation=False, retries={"max_attempts": 0}))
out = {}
def refused(call, **kwargs):
    try:
        call(**kwargs)
    except Exception as e:
        return [e.response["Error"]["Code"], e.response["Error"]["Message"], e.response["ResponseMetadata"]["HTTPStatusCode"]]
for i in range(12):
    sm.create_model_package_group(ModelPackageGroupName="boto-%02d" % i)
pages = sm.get_paginator("list_model_package_groups").paginate(NameContains="boto-", SortBy="Name", SortOrder="Ascending")
out["names"] = [g["ModelPackageGroupName"] for p in pages for g in p["ModelPackageGroupSummaryList"]]
made = sm.create_model_package(ModelPackageGroupName="boto-00", ModelApprovalStatus="Approved")
read = sm.describe_model_package(ModelPackageName=made["ModelPackageArn"])
out["package"] = [read["ModelPackageVersion"], read["ModelApprovalStatus"], read["CreationTime"].year > 2000]
out["missing"] = refused(sm.describe_endpoint, EndpointName="x")
out["invalid"] = refused(sm.create_endpoint, EndpointName="a_b")
out["conflict"] = refused(sm.delete_model_package_group, ModelPackageGroupName="boto-00")
sm.get_waiter("endpoint_deleted").wait(EndpointName="never")
rt = boto3.client("sagemaker-runtime")
out["runtime"] = refused(rt.invoke_endpoint, EndpointName="x", Body=b"1", ContentType="text/csv")
print(json.dumps(out))
`;
    const { HOME: _home, ...env } = { HOME: "", PATH: process.env.PATH ?? "", ...estate.emulators.env };
    const answer = JSON.parse(execFileSync(estate.python, ["-c", script], { env, encoding: "utf8" }));
    assert.deepEqual(
      answer.names,
      Array.from({ length: 12 }, (_, index) => `boto-${String(index).padStart(2, "0")}`),
    );
    assert.deepEqual(answer.package, [1, "Approved", true]);
    assert.deepEqual(answer.missing, ["ValidationException", `Could not find endpoint "${arn("endpoint/x")}".`, 400]);
    assert.equal(answer.invalid[0], "ValidationException");
    assert.match(answer.invalid[1], /^2 validation errors detected: /);
    assert.equal(answer.conflict[0], "ConflictException");
    assert.deepEqual(answer.runtime, ["ValidationError", `Endpoint x of account ${ACCOUNT} not found.`, 400]);
  });

  it("every operation of the front's tables is SageMaker's, and every pattern can be checked", () => {
    const model = loadModel(estate.python, "sagemaker");
    const known = new Set([...model.operations(), "InvokeEndpoint"]);
    assert.deepEqual(
      [...Object.keys(ROSTER), ...Object.keys(ACTION_KEYS)].filter((name) => !known.has(name)),
      [],
    );
    const patterns = Object.values(model.shapes()).flatMap((shape) => shape.pattern ?? []);
    assert.ok(patterns.length > 200);
    assert.deepEqual(
      patterns.filter((pattern) => compilePattern(pattern) === undefined),
      [],
    );
  });
});
