import assert from "node:assert/strict";
import { liveInputs, previewOutputs } from "../../../local/provider/native/outputs.ts";
import { type TypeSpec, typeSpec } from "../../../local/provider/native/spec.ts";
import { UNKNOWN } from "../../../local/provider/server/wire.ts";

function spec(token: string): TypeSpec {
  const found = typeSpec(token);
  assert.ok(found, token);
  return found;
}
const fn = spec("aws-native:lambda:Function");

describe("outputs at preview", () => {
  it("are the inputs, and unknown for what AWS makes up", () => {
    const outputs = previewOutputs(fn, { functionName: "f", role: "r" });
    assert.deepEqual(outputs, { functionName: "f", role: "r", arn: UNKNOWN, snapStartResponse: UNKNOWN });
  });

  it("keep name, id and ARN through an update in place", () => {
    const outputs = previewOutputs(fn, { functionName: "f", role: "r" }, { arn: "arn:f", snapStartResponse: {} });
    assert.equal(outputs.arn, "arn:f");
    assert.equal(outputs.snapStartResponse, UNKNOWN);
    const rule = previewOutputs(
      spec("aws-native:sagemaker:Endpoint"),
      { endpointConfigName: "c" },
      { endpointArn: "a", endpointName: "e" },
    );
    assert.deepEqual(rule, { endpointConfigName: "c", endpointArn: "a", endpointName: "e" });
  });
});

describe("inputs after a refresh", () => {
  const covered =
    (...names: string[]) =>
    (name: string) =>
      names.includes(name);

  it("stay as they were where AWS holds what was asked for", () => {
    const asked = {
      functionName: "f",
      memorySize: 128,
      tags: [
        { key: "b", value: "2" },
        { key: "a", value: "1" },
      ],
    };
    const live = {
      functionName: "f",
      memorySize: 128,
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
      timeout: 3,
    };
    assert.deepEqual(liveInputs(fn, asked, live, covered("memorySize", "tags")), asked);
  });

  it("show what was changed by hand", () => {
    const live = { memorySize: 512, environment: { variables: { A: "2" } } };
    const found = liveInputs(fn, { memorySize: 128, environment: { variables: { A: "1" } } }, live, covered());
    assert.deepEqual(found, live);
  });

  it("do not count what a service adds inside a value", () => {
    const asked = { loggingConfig: { logGroup: "/x" } };
    assert.deepEqual(liveInputs(fn, asked, { loggingConfig: { logGroup: "/x", logFormat: "Text" } }, covered()), asked);
  });

  it("lose what was taken away, but only where the reader would have told", () => {
    const asked = { description: "d", kmsKeyArn: "k" };
    assert.deepEqual(liveInputs(fn, asked, {}, covered("description")), { kmsKeyArn: "k" });
  });

  it("keep an empty value that AWS stores as nothing", () => {
    const asked = { description: "", tags: [] };
    assert.deepEqual(liveInputs(fn, asked, {}, covered("description", "tags")), asked);
  });
});
