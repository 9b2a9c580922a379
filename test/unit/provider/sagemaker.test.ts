import assert from "node:assert/strict";
import { AwsError, Client } from "../../../local/provider/emulator/client.ts";
import type { Target } from "../../../local/provider/native/backend.ts";
import { typeSpec } from "../../../local/provider/native/spec.ts";
import { SageMaker } from "../../../local/provider/sagemaker/resource.ts";
import { SAGEMAKER_TYPES } from "../../../local/provider/sagemaker/table.ts";

const ARN = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/e";
type Answer = (input: Record<string, unknown>) => Record<string, unknown>;

/** A SageMaker that answers from a table and keeps what it was asked. */
class Scripted extends Client {
  readonly calls: [operation: string, input: Record<string, unknown>][] = [];
  readonly #answers: Record<string, Answer>;
  constructor(answers: Record<string, Answer>) {
    super({ url: "http://127.0.0.1:1", region: "us-east-1", accountId: "111122223333" });
    this.#answers = answers;
  }
  override async json(_service: string, target: string, input: object): Promise<Record<string, unknown>> {
    const operation = target.replace("SageMaker.", "");
    this.calls.push([operation, input as Record<string, unknown>]);
    const answer = this.#answers[operation];
    if (!answer) throw new Error(`${operation} was not expected`);
    return answer(input as Record<string, unknown>);
  }
  asked(operation: string): Record<string, unknown>[] {
    return this.calls.filter(([name]) => name === operation).map(([, input]) => input);
  }
}

function target(type: string): Target {
  const spec = typeSpec(`aws-native:sagemaker:${type}`);
  assert.ok(spec);
  return { spec, urn: "urn", outputs: {} };
}

/** Answers one after the other, the last one again and again. */
function sequence(...answers: Record<string, unknown>[]): Answer {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)] ?? {};
}
const noTags = { ListTags: () => ({ Tags: [] }) };
const missing: Answer = () => {
  throw new AwsError("ValidationException", `Could not find endpoint "${ARN}".`, 400);
};

describe("SageMaker's types", () => {
  it("stand in the service spec, each with what its row names", () => {
    for (const [cfnType, row] of Object.entries(SAGEMAKER_TYPES)) {
      const spec = typeSpec(`aws-native:sagemaker:${cfnType.split("::")[2]}`);
      assert.ok(spec, cfnType);
      for (const property of row.updates ?? []) assert.ok(spec.properties.byCfn(property), `${cfnType}.${property}`);
      assert.equal(spec.tags !== undefined, true, `${cfnType} has tags`);
    }
  });

  it("wait until an endpoint serves", async () => {
    const client = new Scripted({
      ...noTags,
      CreateEndpoint: () => ({ EndpointArn: ARN }),
      DescribeEndpoint: sequence(
        { EndpointStatus: "Creating" },
        { EndpointStatus: "InService", EndpointArn: ARN, EndpointName: "e" },
      ),
    });
    const live = await new SageMaker(client).create(target("Endpoint"), { EndpointName: "e", EndpointConfigName: "c" });
    assert.equal(live.id, ARN);
    assert.equal(live.model.EndpointName, "e");
  });

  it("report why an endpoint failed, and take it away again", async () => {
    const client = new Scripted({
      CreateEndpoint: () => ({ EndpointArn: ARN }),
      DescribeEndpoint: sequence({ EndpointStatus: "Failed", FailureReason: "no memory" }),
      DeleteEndpoint: missing,
    });
    const made = new SageMaker(client).create(target("Endpoint"), { EndpointName: "e", EndpointConfigName: "c" });
    await assert.rejects(made, /endpoint\/e is Failed: no memory/);
    assert.deepEqual(client.asked("DeleteEndpoint"), [{ EndpointName: "e" }]);
  });

  it("take an endpoint that alarms rolled back for a failed update", async () => {
    const client = new Scripted({
      UpdateEndpoint: () => ({ EndpointArn: ARN }),
      DescribeEndpoint: sequence({
        EndpointStatus: "InService",
        EndpointConfigName: "old",
        FailureReason: "alarm errors went off",
      }),
    });
    const update = new SageMaker(client).update(
      target("Endpoint"),
      ARN,
      { EndpointConfigName: "old" },
      { EndpointConfigName: "new" },
    );
    await assert.rejects(update, /was rolled back: it serves old, not new: alarm errors went off/);
    assert.deepEqual(client.asked("UpdateEndpoint"), [{ EndpointName: "e", EndpointConfigName: "new" }]);
  });

  it("change tags without an update of the resource", async () => {
    const client = new Scripted({
      DescribeModel: () => ({ ModelName: "m" }),
      DeleteTags: () => ({}),
      AddTags: () => ({}),
      ListTags: () => ({ Tags: [{ Key: "b", Value: "2" }] }),
    });
    const arn = "arn:aws:sagemaker:us-east-1:111122223333:model/m";
    const olds = { ModelName: "m", Tags: [{ Key: "a", Value: "1" }] };
    const live = await new SageMaker(client).update(target("Model"), arn, olds, {
      ModelName: "m",
      Tags: [{ Key: "b", Value: "2" }],
    });
    assert.deepEqual(client.asked("DeleteTags"), [{ ResourceArn: arn, TagKeys: ["a"] }]);
    assert.deepEqual(client.asked("AddTags"), [{ ResourceArn: arn, Tags: [{ Key: "b", Value: "2" }] }]);
    assert.deepEqual(live.model.Tags, [{ Key: "b", Value: "2" }]);
  });

  it("name the metadata to remove from a package, since SageMaker merges it, and never tag a version", async () => {
    const arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1";
    const client = new Scripted({
      UpdateModelPackage: () => ({}),
      DescribeModelPackage: () => ({ ModelPackageArn: arn, ModelPackageStatus: "Completed", CreationTime: 1767225600 }),
    });
    const [olds, news] = [
      { CustomerMetadataProperties: { a: "1", b: "2" } },
      { CustomerMetadataProperties: { b: "3" } },
    ];
    const live = await new SageMaker(client).update(target("ModelPackage"), arn, olds, news);
    assert.deepEqual(client.asked("UpdateModelPackage"), [
      { ModelPackageArn: arn, CustomerMetadataProperties: { b: "3" }, CustomerMetadataPropertiesToRemove: ["a"] },
    ]);
    assert.equal(live.model.CreationTime, "2026-01-01T00:00:00.000Z");
  });

  it("are gone when SageMaker does not find them, and deleting them again is no fault", async () => {
    const client = new Scripted({ DescribeEndpoint: missing, DeleteEndpoint: missing });
    assert.equal(await new SageMaker(client).read(target("Endpoint"), ARN), undefined);
    await new SageMaker(client).delete(target("Endpoint"), ARN);
  });

  it("that have no row are refused with the file to add it in", async () => {
    const client = new Scripted({});
    const made = new SageMaker(client).create(target("Domain"), {});
    await assert.rejects(made, /AWS::SageMaker::Domain .*local\/provider\/sagemaker\/table\.ts/);
  });
});
