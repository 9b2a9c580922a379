/** CheckPackage: approved, unchanged, and an endpoint that takes an update. */
import assert from "node:assert/strict";
import { DescribeEndpointCommand, DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { RolloutPlan } from "../../contracts/rollout.ts";
import { makeHandler } from "../../functions/check-package/check.ts";
import { awsPorts } from "../../functions/check-package/ports.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { FakeS3 } from "./support/fake-s3.ts";
import {
  approvedMetadata,
  artifactBucket,
  artifactBytes,
  artifactHex,
  group,
  lineage,
  packageArn,
} from "./support/samples.ts";

const path = `${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`;
const input = { modelPackageArn: packageArn };
const approved = {
  ModelPackageStatus: "Completed",
  ModelApprovalStatus: "Approved",
  CustomerMetadataProperties: approvedMetadata(),
  InferenceSpecification: { Containers: [{ Image: "image", ModelDataUrl: `s3://${path}` }] },
};

function setup(found: object = approved, endpoint: object | undefined = undefined, prefix = group) {
  const s3 = new FakeS3();
  s3.put(path, artifactBytes);
  const sagemaker = new FakeClient()
    .on(DescribeModelPackageCommand, () => found)
    .on(
      DescribeEndpointCommand,
      () => endpoint ?? awsError("ValidationException", `Could not find endpoint "${prefix}".`),
    );
  const ports = awsPorts({ s3: s3.as(), sagemaker: sagemaker.as() });
  return { s3, sagemaker, handler: makeHandler(ports, { SERVING_PREFIX: prefix }, fakeLog()) };
}

describe("functions/check-package", () => {
  it("plans the first rollout", async () => {
    const plan = await setup().handler(input);
    assert.deepEqual(RolloutPlan.parse(plan), plan);
    assert.deepEqual(plan, {
      modelPackageArn: packageArn,
      modelName: "frugal-dev-breast-cancer-v7",
      endpointConfigName: "frugal-dev-breast-cancer-v7",
      endpointName: "frugal-dev-breast-cancer",
      endpoint: "absent",
      tags: [
        { Key: "frugal:dataset-version", Value: lineage.datasetVersion },
        { Key: "frugal:run", Value: lineage.run },
        { Key: "frugal:training-job", Value: lineage.trainingJob },
        { Key: "frugal:artifact-digest", Value: lineage.artifactDigest },
        { Key: "frugal:model-package", Value: packageArn },
      ],
    });
  });

  it("tells an endpoint that serves the package already from one that serves another", async () => {
    const serving = (version: number) => ({
      EndpointStatus: "InService",
      EndpointConfigName: `frugal-dev-breast-cancer-v${version}`,
    });
    assert.equal((await setup(approved, serving(7)).handler(input)).endpoint, "same");
    assert.equal((await setup(approved, serving(6)).handler(input)).endpoint, "other");
  });

  for (const EndpointStatus of ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"]) {
    it(`waits for an endpoint that is ${EndpointStatus}`, async () => {
      await assert.rejects(setup(approved, { EndpointStatus }).handler(input), { name: "EndpointBusy" });
    });
  }

  for (const EndpointStatus of ["Failed", "UpdateRollbackFailed"]) {
    it(`calls for a person when the endpoint is ${EndpointStatus}`, async () => {
      await assert.rejects(setup(approved, { EndpointStatus }).handler(input), {
        name: "RolloutFailed",
        message: /delete it, then approve again/,
      });
    });
  }

  const refusals: [string, object, string, RegExp][] = [
    [
      "a package that is not approved (any more)",
      { ...approved, ModelApprovalStatus: "Rejected" },
      "NotApproved",
      /approval status is Rejected/,
    ],
    [
      "a package that is not complete",
      { ...approved, ModelPackageStatus: "Failed" },
      "NotApproved",
      /status is Failed/,
    ],
    [
      "a package without a lineage record",
      { ...approved, CustomerMetadataProperties: {} },
      "LineageMismatch",
      /frugal:dataset-version is missing.*frugal:artifact-digest is missing/,
    ],
    [
      "a package of two containers",
      { ...approved, InferenceSpecification: { Containers: [{}, {}] } },
      "InvalidInput",
      /has 2 containers/,
    ],
    [
      "a package whose artefact is elsewhere",
      { ...approved, InferenceSpecification: { Containers: [{ ModelDataUrl: "s3://other/model.tar.gz" }] } },
      "ArtifactChanged",
      /not the address of the tested artefact/,
    ],
    [
      "a package that is gone",
      awsError("ValidationException", "ModelPackage x does not exist."),
      "NotApproved",
      /does not exist/,
    ],
  ];
  for (const [what, found, name, message] of refusals) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(setup(found).handler(input), { name, message });
    });
  }

  it("refuses an artefact whose bytes are others, whose checksum is not kept, or that is gone", async () => {
    const changed = setup();
    changed.s3.put(path, "other bytes");
    await assert.rejects(changed.handler(input), {
      name: "ArtifactChanged",
      message: /does not hold the tested bytes/,
    });
    const unknown = setup();
    unknown.s3.put(path, artifactBytes).sha256 = undefined;
    await assert.rejects(unknown.handler(input), { name: "ArtifactChanged", message: /\(not kept\)/ });
    const gone = setup();
    gone.s3.objects.delete(path);
    await assert.rejects(gone.handler(input), { name: "ArtifactChanged", message: /does not exist any more/ });
  });

  it("knows an artefact copied in parts by its very version", async () => {
    const metadata = (version: string) => ({
      ...approved,
      CustomerMetadataProperties: approvedMetadata({ "frugal:artifact-version-id": version }),
    });
    const composite = (found: object) => {
      const made = setup(found);
      Object.assign(made.s3.put(path, artifactBytes), { sha256: "abc-3", type: "COMPOSITE", versionId: "staged" });
      return made.handler(input);
    };
    assert.equal((await composite(metadata("staged"))).endpoint, "absent");
    await assert.rejects(composite(metadata("another")), { name: "ArtifactChanged" });
    await assert.rejects(composite(approved), { name: "ArtifactChanged" });
  });

  it("refuses names that SageMaker would refuse", async () => {
    await assert.rejects(setup(approved, undefined, "x".repeat(62)).handler(input), {
      name: "InvalidInput",
      message: /1 to 63 letters.*-v7" is not one/,
    });
  });

  it("refuses an input with more than the package's ARN", async () => {
    await assert.rejects(setup().handler({ ...input, force: true }), { name: "InvalidInput", message: /force/ });
  });
});
