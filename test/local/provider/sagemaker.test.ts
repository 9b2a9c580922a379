import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as iam from "@pulumi/aws-native/iam/index.js";
import * as sagemaker from "@pulumi/aws-native/sagemaker/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { Client } from "../../../local/provider/emulator/client.ts";
import { changed, openWorld, quiet, type World } from "./support/world.ts";

const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
const serves = `
def model_fn(model_dir):
    return 1
def input_fn(body, content_type):
    return body
def predict_fn(data, model):
    return "ok"
def output_fn(prediction, accept):
    return prediction, "text/csv"
`;
const knobs = {
  model: "good.tar.gz",
  approval: "PendingManualApproval",
  config: "first",
  tags: [{ key: "a", value: "b" }],
};

async function program(): Promise<Record<string, unknown>> {
  const document = (statement: object) => ({ Version: "2012-10-17", Statement: [statement] });
  const role = new iam.Role("serve", {
    assumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { Service: "sagemaker.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
    policies: [
      {
        policyName: "read",
        policyDocument: document({ Effect: "Allow", Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" }),
      },
    ],
  });
  const group = new sagemaker.ModelPackageGroup("churn", {
    modelPackageGroupName: "churn",
    modelPackageGroupDescription: "churn",
    tags: knobs.tags,
  });
  const modelPackage = new sagemaker.ModelPackage("one", {
    modelPackageGroupName: group.modelPackageGroupArn.apply(() => "churn"),
    modelApprovalStatus: knobs.approval as "Approved",
    customerMetadataProperties: { dataset: "v1" },
    inferenceSpecification: {
      containers: [{ image, modelDataUrl: "s3://models/good.tar.gz" }],
      supportedContentTypes: ["text/csv"],
      supportedResponseMimeTypes: ["text/csv"],
    },
  });
  const model = new sagemaker.Model("model", {
    executionRoleArn: role.arn,
    primaryContainer: {
      image,
      modelDataUrl: `s3://models/${knobs.model}`,
      environment: { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
    },
    tags: knobs.tags,
  });
  const config = new sagemaker.EndpointConfig(`config-${knobs.config}`, {
    productionVariants: [
      {
        variantName: "all",
        modelName: model.modelName as pulumi.Output<string>,
        initialVariantWeight: 1,
        serverlessConfig: { maxConcurrency: 2, memorySizeInMb: 2048 },
      },
    ],
  });
  const endpoint = new sagemaker.Endpoint("endpoint", {
    endpointName: "churn",
    endpointConfigName: config.endpointConfigName as pulumi.Output<string>,
    tags: knobs.tags,
  });
  const artifact = new sagemaker.Artifact("dataset", {
    artifactType: "Dataset",
    source: { sourceUri: "s3://data/churn/v1" },
    properties: { rows: "100" },
  });
  const found = sagemaker.getModelPackageOutput({ modelPackageArn: modelPackage.modelPackageArn });
  return {
    endpoint: endpoint.id,
    config: config.endpointConfigName,
    version: modelPackage.modelPackageVersion,
    package: modelPackage.modelPackageArn,
    looked: found.modelApprovalStatus,
    // The real look-up leaves out what only a new package can have.
    lookedAt: found.apply((result) => Object.keys(result)),
    artifact: artifact.arn,
  };
}

/** A model artefact with nothing but its code. */
async function artefact(folder: string, name: string, code: string): Promise<Uint8Array> {
  const root = join(folder, name);
  execFileSync("mkdir", ["-p", join(root, "code")]);
  await writeFile(join(root, "code", "inference.py"), code);
  execFileSync("tar", ["czf", `${root}.tar.gz`, "-C", root, "."]);
  return readFile(`${root}.tar.gz`);
}

describe("SageMaker's types on the real engine", function () {
  this.timeout(120_000);
  let world: World;
  let stack: Stack;
  let front: Client;
  let folder: string;
  const api = (operation: string, input: object) => front.json("sagemaker", `SageMaker.${operation}`, input);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "models-"));
    world = await openWorld();
    front = new Client({ ...world.hand.place, url: world.emulators.sagemaker });
    await world.hand.raw("s3", { method: "PUT", path: "/models" });
    await world.hand.raw("s3", {
      method: "PUT",
      path: "/models/good.tar.gz",
      body: await artefact(folder, "good", serves),
    });
    await world.hand.raw("s3", {
      method: "PUT",
      path: "/models/bad.tar.gz",
      body: await artefact(folder, "bad", "raise RuntimeError('no such layer')"),
    });
    stack = await world.stack("sage", program);
    // A version in a group has no name of its own, and pulumi-aws-native would give it one, which SageMaker refuses.
    await stack.setConfig(
      'pulumi:autonaming.providers.aws-native.resources["aws-native:sagemaker:ModelPackage"].mode',
      { value: "disabled" },
      true,
    );
  });
  after(async () => {
    await world?.end();
    await rm(folder, { recursive: true, force: true });
  });

  it("come up; an endpoint is there when it serves", async () => {
    const { outputs, summary } = await stack.up(quiet);
    assert.deepEqual(changed(summary.resourceChanges), { create: 8 });
    assert.equal(outputs.endpoint?.value, "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn");
    assert.equal(outputs.version?.value, 1);
    assert.equal(outputs.package?.value, "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1");
    assert.match(String(outputs.artifact?.value), /^arn:aws:sagemaker:us-east-1:111122223333:artifact\/\w+$/);
    const { EndpointStatus } = await api("DescribeEndpoint", { EndpointName: "churn" });
    assert.equal(EndpointStatus, "InService");
  });

  it("are looked up by function, with what the real look-up tells", async () => {
    const { looked, lookedAt } = await stack.outputs();
    assert.equal(looked?.value, "PendingManualApproval");
    const told: string[] = lookedAt?.value ?? [];
    assert.ok(told.includes("modelPackageStatus"));
    assert.ok(!told.includes("inferenceSpecification"));
  });

  it("show no change and no drift", async () => {
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
    const refreshed = await stack.refresh(quiet);
    assert.deepEqual(changed(refreshed.summary.resourceChanges), {}, refreshed.stdout);
  });

  it("are updated in place: another configuration, an approval, tags", async () => {
    Object.assign(knobs, {
      config: "second",
      approval: "Approved",
      tags: [
        { key: "a", value: "c" },
        { key: "n", value: "1" },
      ],
    });
    const { summary, outputs } = await stack.up(quiet);
    assert.deepEqual(changed(summary.resourceChanges), { create: 1, delete: 1, update: 4 });
    const endpoint = await api("DescribeEndpoint", { EndpointName: "churn" });
    assert.equal(endpoint.EndpointConfigName, outputs.config?.value);
    assert.equal(
      (await api("DescribeModelPackage", { ModelPackageName: outputs.package?.value })).ModelApprovalStatus,
      "Approved",
    );
    const { Tags } = await api("ListTags", { ResourceArn: outputs.endpoint?.value });
    assert.deepEqual(Tags, [
      { Key: "a", Value: "c" },
      { Key: "n", Value: "1" },
    ]);
  });

  it("show a change made by hand", async () => {
    const { package: name } = await stack.outputs();
    await api("UpdateModelPackage", { ModelPackageArn: name?.value, ModelApprovalStatus: "Rejected" });
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), { update: 1 });
    await stack.up(quiet);
    assert.equal(
      (await api("DescribeModelPackage", { ModelPackageName: name?.value })).ModelApprovalStatus,
      "Approved",
    );
  });

  it("fail with SageMaker's reason when a model does not start, and the endpoint keeps serving", async () => {
    Object.assign(knobs, { config: "third", model: "bad.tar.gz" });
    await assert.rejects(stack.up(quiet), /(no such layer|ping health check)/);
    const endpoint = await api("DescribeEndpoint", { EndpointName: "churn" });
    assert.equal(endpoint.EndpointStatus, "InService");
    assert.match(String(endpoint.EndpointConfigName), /^config-second-/);
  });

  it("are destroyed without a trace", async () => {
    await stack.destroy(quiet);
    await assert.rejects(api("DescribeEndpoint", { EndpointName: "churn" }), /Could not find endpoint/);
    const { Models } = await api("ListModels", {});
    assert.deepEqual(Models, []);
    assert.deepEqual(await world.stacks(), []);
  });
});
