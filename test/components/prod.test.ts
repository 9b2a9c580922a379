import assert from "node:assert/strict";
import { account, grantsOf, list, pinnedArn, runProgram, tagsOf } from "./estate.ts";

describe("the estate of stage prod", () => {
  const prod = { "frugal-mlops:protect": true, "frugal-mlops:logRetentionDays": 365 };
  const hex = "a".repeat(64);
  const record = {
    "frugal:dataset-version": `breast-cancer@sha256:${hex}`,
    "frugal:run": "baseline",
    "frugal:training-job": "baseline-1",
    "frugal:artifact-digest": `sha256:${hex}`,
    "frugal:artifact-uri": `s3://frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
  };
  const pinned = { ...prod, "frugal-mlops:deployment": { flow: "commit", modelPackageArn: pinnedArn } };

  it("protects data, artefacts, approvals, the logs of decisions and the registry, and serves nothing until a package is pinned", async () => {
    const estate = await runProgram("prod", { ...prod, "frugal-mlops:deployment": { flow: "commit" } });
    assert.deepEqual(
      estate.resources
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .sort(),
      [
        "approval-api-log",
        "approvals",
        "artifacts-bucket",
        "clean-up-workflow-log",
        "code-bucket",
        "data-bucket",
        "decide-approval-log",
        "evaluate-log",
        "gate-log",
        "packages",
        "record-decision-log",
        "request-approval-log",
        "stage-artifact-log",
        "submission-workflow-log",
      ],
    );
    const { inputs } = estate.named("aws-native:dynamodb:Table", "approvals");
    assert.equal(inputs.deletionProtectionEnabled, true);
    assert.equal(inputs.pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled, true);
    for (const type of ["Model", "EndpointConfig", "Endpoint"])
      assert.deepEqual(estate.of(`aws-native:sagemaker:${type}`), []);
    // The commit deploys: no rule, no starter, no machine does.
    assert.deepEqual(
      estate
        .of("aws-native:stepfunctions:StateMachine")
        .map(({ name }) => name)
        .sort(),
      ["clean-up-workflow", "submission-workflow", "training-workflow"],
    );
    assert.ok(!estate.of("aws-native:events:Rule").some(({ name }) => name === "approved-rule"));
    assert.equal(estate.outputs.rolloutStateMachineArn, null);
    for (const log of estate.of("aws-native:logs:LogGroup")) assert.equal(log.inputs.retentionInDays, 365);
  });

  it("serves the pinned package by its lineage, and reads that one artefact", async () => {
    const estate = await runProgram("prod", pinned, { [pinnedArn]: record });
    const model = estate.named("aws-native:sagemaker:Model", "model");
    const config = estate.named("aws-native:sagemaker:EndpointConfig", "endpoint-config");
    const endpoint = estate.named("aws-native:sagemaker:Endpoint", "endpoint");
    assert.equal(model.inputs.modelName, "frugal-prod-breast-cancer-v3");
    assert.deepEqual(model.inputs.primaryContainer, { modelPackageName: pinnedArn });
    assert.deepEqual(config.inputs.productionVariants, [
      {
        variantName: "AllTraffic",
        modelName: model.inputs.modelName,
        initialVariantWeight: 1,
        serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 2 },
      },
    ]);
    assert.equal(endpoint.inputs.endpointName, "frugal-prod-breast-cancer");
    assert.equal(endpoint.inputs.endpointConfigName, config.inputs.endpointConfigName);
    for (const resource of [model, config, endpoint]) {
      const tags = tagsOf(resource);
      assert.equal(tags["frugal:model-package"], pinnedArn);
      assert.equal(tags["frugal:artifact-digest"], record["frugal:artifact-digest"]);
      assert.equal(tags["frugal:dataset-version"], record["frugal:dataset-version"]);
      assert.equal(tags["frugal:stage"], "prod");
    }
    assert.ok(endpoint.after.includes("endpoint-config") && config.after.includes("model"));
    const reads = grantsOf(estate.named("aws-native:iam:Role", "serving-role")).find(
      ({ Sid }) => Sid === "ReadArtifact",
    );
    assert.deepEqual(reads?.Resource, [
      `arn:aws:s3:::frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
    ]);
    // Its lineage recorder may read the package of the other stage's group.
    const recorder = grantsOf(estate.named("aws-native:iam:Role", "record-lineage-role")).find(
      ({ Sid }) => Sid === "ReadPackage",
    );
    assert.deepEqual(
      list(recorder?.Resource ?? []).map((arn) => arn.split(":model-package/")[1]),
      ["frugal-prod-breast-cancer/*", "frugal-dev-breast-cancer/*"],
    );
  });

  it("names the configuration by its content, so that a change stands beside the old one", async () => {
    const name = async (serving: object) =>
      (await runProgram("prod", { ...pinned, "frugal-mlops:serving": serving }, { [pinnedArn]: record })).named(
        "aws-native:sagemaker:EndpointConfig",
        "endpoint-config",
      ).inputs.endpointConfigName;
    assert.equal(await name({ memoryMb: 2048, maxConcurrency: 2 }), "frugal-prod-breast-cancer-v3-2048-2");
    assert.equal(await name({ memoryMb: 3072, maxConcurrency: 2 }), "frugal-prod-breast-cancer-v3-3072-2");
  });

  it("refuses a pinned package without a true record, with the reason", async () => {
    await assert.rejects(
      runProgram("prod", pinned, { [pinnedArn]: { ...record, "frugal:artifact-digest": "sha256:short" } }),
      /the pinned package .*\/3 has no true lineage record: frugal:artifact-digest is "sha256:short", must be sha256:<64 hex>/,
    );
  });

  it("serves nothing and takes pipelines where its models are used elsewhere", async () => {
    const estate = await runProgram("prod", { "frugal-mlops:deployment": { flow: "none" } });
    assert.equal(estate.outputs.rolloutStateMachineArn, null);
    const { variables } = estate.named("aws-native:lambda:Function", "stage-artifact").inputs.environment;
    assert.equal(variables.PIPELINES, "true");
    assert.ok(!estate.of("aws-native:events:Rule").some(({ name }) => name === "approved-rule"));
    const machine = estate.named("aws-native:stepfunctions:StateMachine", "submission-workflow");
    const { MakePacket } = JSON.parse(machine.inputs.definitionString).States;
    assert.deepEqual(MakePacket.Assign.packet.serving, { kind: "none", idleUsdPerMonth: 0, region: "us-east-1" });
  });

  it("refuses a faulty configuration before anything is declared", async () => {
    await assert.rejects(runProgram("prod", { "frugal-mlops:gate": { bound: 3 } }), {
      message: "Pulumi.prod.yaml: gate.bound must be 0 to 1 for rocAuc, got 3",
    });
  });
});
