/** RecordDecision against a double of the model registry. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { awsPorts } from "../../functions/record-decision/ports.ts";
import { makeHandler } from "../../functions/record-decision/record.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { packageArn } from "./support/samples.ts";

const decision = {
  decision: "Approved",
  decidedBy: "ada@example.com",
  decidedAt: "2026-01-02T03:04:05.000Z",
  comment: "good\nenough",
  packetDigest: `sha256:${"d".repeat(64)}`,
} as const;
const input = { modelPackageArn: packageArn, decision };

function setup(found: object = { ModelApprovalStatus: "PendingManualApproval" }) {
  const sagemaker = new FakeClient().on(DescribeModelPackageCommand, found).on(UpdateModelPackageCommand, {});
  return { sagemaker, handler: makeHandler(awsPorts({ sagemaker: sagemaker.as() }), fakeLog()) };
}

describe("functions/record-decision", () => {
  it("writes status, reason and the audit record in one update", async () => {
    const { sagemaker, handler } = setup();
    assert.deepEqual(await handler(input), { decision });
    assert.deepEqual(sagemaker.named("UpdateModelPackageCommand"), [
      {
        ModelPackageArn: packageArn,
        ModelApprovalStatus: "Approved",
        ApprovalDescription: "good enough",
        CustomerMetadataProperties: {
          "frugal:decision": "Approved",
          "frugal:approved-by": "ada@example.com",
          "frugal:approved-at": "2026-01-02T03:04:05.000Z",
          "frugal:packet-digest": decision.packetDigest,
        },
      },
    ]);
  });

  it("writes an expiry as a rejection by nobody, with a description that is not empty", async () => {
    const { sagemaker, handler } = setup();
    await handler({ ...input, decision: { ...decision, decision: "Rejected", decidedBy: "expiry", comment: "" } });
    const [update] = sagemaker.named("UpdateModelPackageCommand");
    assert.equal(update?.ModelApprovalStatus, "Rejected");
    assert.equal(update?.ApprovalDescription, "-");
    assert.equal(
      (update?.CustomerMetadataProperties as Record<string, string> | undefined)?.["frugal:approved-by"],
      "expiry",
    );
  });

  it("changes nothing when the package shows the decision already", async () => {
    const recorded = {
      ModelApprovalStatus: "Approved",
      CustomerMetadataProperties: {
        "frugal:decision": "Approved",
        "frugal:approved-by": "ada@example.com",
        "frugal:approved-at": "2026-01-02T03:04:04.000Z",
        "frugal:packet-digest": decision.packetDigest,
      },
    };
    const { sagemaker, handler } = setup(recorded);
    assert.deepEqual(await handler(input), { decision });
    assert.equal(sagemaker.named("UpdateModelPackageCommand").length, 0);
  });

  it("does not write over a status that somebody set by hand", async () => {
    const { sagemaker, handler } = setup({ ModelApprovalStatus: "Rejected" });
    await assert.rejects(handler(input), { name: "InvalidInput", message: /already Rejected, set by hand/ });
    assert.equal(sagemaker.named("UpdateModelPackageCommand").length, 0);
  });

  it("lets a conflict through, so that the state tries again", async () => {
    const { sagemaker, handler } = setup();
    sagemaker.on(UpdateModelPackageCommand, () => awsError("ConflictException"));
    await assert.rejects(handler(input), { name: "ConflictException" });
  });

  it("names every fault of its input", async () => {
    await assert.rejects(setup().handler({ decision: { comment: "x".repeat(1001) } }), {
      name: "InvalidInput",
      message: /modelPackageArn.*decision\.decidedBy.*decision\.comment/s,
    });
  });
});
