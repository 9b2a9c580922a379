import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Entry } from "../../../local/sagemaker/control/store.ts";
import { EventBus } from "../../../local/sagemaker/events/bus.ts";
import * as shapes from "../../../local/sagemaker/events/shapes.ts";

const TIME = 1_767_225_600;
const entry = (kind: string, fields: Record<string, unknown>): Entry => ({
  kind,
  name: "x",
  arn: `arn:aws:sagemaker:us-east-1:111122223333:${kind}/x`,
  tags: [{ Key: "stage", Value: "dev" }],
  fields: { CreationTime: TIME, LastModifiedTime: TIME + 60, ...fields },
});

describe("details of SageMaker's events", () => {
  it("package: ISO times, no list of updated fields on creation", () => {
    const fields = {
      ModelPackageGroupName: "churn",
      ModelPackageVersion: 7,
      ModelPackageArn: "arn",
      ModelPackageStatus: "Completed",
      ModelApprovalStatus: "Approved",
      CustomerMetadataProperties: { a: "b" },
      InferenceSpecification: { Containers: [] },
      LastModifiedTime: undefined,
    };
    const created = shapes.packageEvent(entry("model-package", fields));
    assert.equal(created.detailType, "SageMaker Model Package State Change");
    assert.deepEqual(created.detail, {
      ModelPackageGroupName: "churn",
      ModelPackageVersion: 7,
      ModelPackageArn: "arn",
      ModelPackageStatus: "Completed",
      ModelApprovalStatus: "Approved",
      CreationTime: "2026-01-01T00:00:00Z",
      InferenceSpecification: { Containers: [] },
      ModelMetrics: {},
      MetadataProperties: {},
    });
    const updated = shapes.packageEvent(entry("model-package", fields), ["CustomerMetadataProperties"]);
    assert.deepEqual(updated.detail.UpdatedModelPackageFields, ["CustomerMetadataProperties"]);
    assert.equal(updated.detail.ModelApprovalStatus, "Approved");
  });

  it("training: times are strings of digits; the reason only when Failed; Tags an object", () => {
    const fields = {
      TrainingJobStatus: "Completed",
      SecondaryStatus: "Completed",
      TrainingEndTime: TIME + 60,
      FailureReason: "old",
      SecondaryStatusTransitions: [{ Status: "Starting", StartTime: TIME }],
    };
    const { detail, detailType } = shapes.trainingEvent(entry("training-job", fields));
    assert.equal(detailType, "SageMaker Training Job State Change");
    assert.equal(detail.CreationTime, "1767225600000");
    assert.equal(detail.TrainingEndTime, "1767225660000");
    assert.equal(detail.FailureReason, undefined);
    assert.deepEqual(detail.Tags, { stage: "dev" });
    assert.deepEqual(detail.SecondaryStatusTransitions, [{ Status: "Starting", StartTime: 1_767_225_600_000 }]);
    const failed = shapes.trainingEvent(entry("training-job", { ...fields, TrainingJobStatus: "Failed" }));
    assert.equal(failed.detail.FailureReason, "old");
  });

  it("processing and transform: times are numbers of milliseconds", () => {
    const processing = shapes.processingEvent(entry("processing-job", { ProcessingJobStatus: "InProgress" }));
    assert.equal(processing.detailType, "SageMaker Processing Job State Change");
    assert.equal(processing.detail.CreationTime, 1_767_225_600_000);
    assert.deepEqual(processing.detail.ExperimentConfig, {});
    const transform = shapes.transformEvent(
      entry("transform-job", { TransformJobStatus: "Failed", FailureReason: "why" }),
    );
    assert.equal(transform.detailType, "SageMaker Transform Job State Change");
    assert.equal(transform.detail.FailureReason, "why");
  });

  it("endpoint: UPPER_SNAKE status, weights and counts only", () => {
    const fields = {
      EndpointStatus: "InService",
      ProductionVariants: [{ VariantName: "v", DesiredWeight: 1, DesiredInstanceCount: 2, CurrentWeight: 1 }],
    };
    const { detail } = shapes.endpointEvent(entry("endpoint", fields));
    assert.equal(detail.EndpointStatus, "IN_SERVICE");
    assert.deepEqual(detail.ProductionVariants, [{ DesiredWeight: 1, DesiredInstanceCount: 2 }]);
    assert.equal(detail.LastModifiedTime, 1_767_225_660_000);
    for (const [status, upper] of [
      ["Creating", "CREATING"],
      ["RollingBack", "ROLLING_BACK"],
      ["UpdateRollbackFailed", "UPDATE_ROLLBACK_FAILED"],
    ] as const)
      assert.equal(shapes.upperSnake(status), upper);
  });

  it("deployment: the old configuration outside, the new one in PendingDeploymentSummary", () => {
    const VariantStatus = [{ Status: "Baking", StartTime: TIME }];
    const fields = {
      EndpointConfigName: "old",
      EndpointStatus: "Updating",
      PendingDeploymentSummary: {
        EndpointConfigName: "new",
        StartTime: TIME,
        ProductionVariants: [{ VariantName: "v", CurrentWeight: 1, DesiredInstanceCount: 3, VariantStatus }],
      },
    };
    const { detail, detailType } = shapes.deploymentEvent(entry("endpoint", fields));
    assert.equal(detailType, "SageMaker Endpoint Deployment State Change");
    assert.equal(detail.EndpointConfigName, "old");
    assert.deepEqual(detail.PendingDeploymentSummary, {
      EndpointConfigName: "new",
      StartTime: 1_767_225_600_000,
      ProductionVariants: [
        {
          VariantName: "v",
          CurrentWeight: 1,
          DesiredInstanceCount: 3,
          VariantStatus: [{ Status: "Baking", StartTime: 1_767_225_600_000 }],
        },
      ],
    });
  });

  it("model and endpoint configuration", () => {
    assert.equal(shapes.modelEvent(entry("model", {})).detailType, "SageMaker Model State Change");
    assert.equal(
      shapes.endpointConfigEvent(entry("endpoint-config", {})).detailType,
      "SageMaker Endpoint Config State Change",
    );
  });
});

describe("sending events", () => {
  let server: Server;
  let received: { DetailType: string; Detail: string; Source: string; Resources: string[] }[];
  let refuse: number;
  let base: string;

  beforeEach(async () => {
    received = [];
    refuse = 0;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (refuse > 0) {
        refuse -= 1;
        response.writeHead(503).end();
        return;
      }
      received.push(...JSON.parse(Buffer.concat(chunks).toString("utf8")).Entries);
      response.end('{"FailedEntryCount": 0}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const bus = (repeat: boolean, tries = 50) =>
    new EventBus({ ministackUrl: base, repeat, retryMs: 5, tries, log: (line) => logged.push(line) });
  const logged: string[] = [];
  const event = (resource: string, number: number, detailType = "SageMaker Model Package State Change") => ({
    detailType,
    resource,
    detail: { number },
  });
  const numbers = (resource: string) =>
    received.filter((item) => item.Resources[0] === resource).map((item) => JSON.parse(item.Detail).number);

  it("keeps the order of one resource while the emulator is down, and sends every second package event twice", async () => {
    refuse = 3;
    const events = bus(true);
    for (const number of [1, 2, 3, 4]) events.publish(event("a", number));
    await events.drained();
    assert.deepEqual(numbers("a"), [1, 2, 2, 3, 4, 4]);
    assert.ok(received.every((item) => item.Source === "aws.sagemaker"));
  });

  it("repeats nothing when told so, and other kinds never", async () => {
    const quiet = bus(false);
    for (const number of [1, 2]) quiet.publish(event("b", number));
    await quiet.drained();
    assert.deepEqual(numbers("b"), [1, 2]);
    const loud = bus(true);
    for (const number of [1, 2]) loud.publish(event("c", number, "SageMaker Endpoint State Change"));
    await loud.drained();
    assert.deepEqual(numbers("c"), [1, 2]);
  });

  it("copies the detail when it is published, and says which event was lost", async () => {
    const events = bus(false, 2);
    const detail = { number: 1 };
    events.publish({ detailType: "SageMaker Model State Change", resource: "d", detail });
    detail.number = 2;
    await events.drained();
    assert.deepEqual(numbers("d"), [1]);
    refuse = 100;
    events.publish(event("e", 1));
    await events.drained();
    assert.match(logged.at(-1) ?? "", /^event lost: SageMaker Model Package State Change of e: 503/);
  });
});
