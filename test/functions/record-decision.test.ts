/** RecordDecision against doubles of the model registry and of the approvals table. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { packetDigest } from "../../contracts/approvals.ts";
import type { ApprovalDecision, Vote } from "../../contracts/submission.ts";
import { awsPorts } from "../../functions/record-decision/ports.ts";
import { makeHandler } from "../../functions/record-decision/record.ts";
import { approvalSetup, approvers } from "./support/approval-page.ts";
import { FakeApprovals } from "./support/fake-approvals.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { packageArn, packet, submission } from "./support/samples.ts";

const at = "2026-01-02T03:04:05.000Z";
const vote = (approver: string, change: Partial<Vote> = {}): Vote => ({
  approver,
  decision: "Approved",
  at,
  comment: "good\nenough",
  via: "link",
  ...change,
});
const decision: ApprovalDecision = {
  decision: "Approved",
  decidedBy: "ada@example.com",
  decidedAt: at,
  comment: "good\nenough",
  packetDigest: `sha256:${"d".repeat(64)}`,
  votes: [vote("ada@example.com")],
};
const input = { modelPackageArn: packageArn, decision };
const pending = { ModelApprovalStatus: "PendingManualApproval" };

function setup(found: object = pending, approvals = new FakeApprovals()) {
  const sagemaker = new FakeClient().on(DescribeModelPackageCommand, () => found).on(UpdateModelPackageCommand, {});
  const log = fakeLog();
  const unused = new FakeClient();
  const registry = awsPorts({ sagemaker: sagemaker.as(), dynamodb: unused.as(), events: unused.as(), table: "t" });
  return { sagemaker, approvals, log, handler: makeHandler(approvals.record(registry), { STAGE: "dev" }, log) };
}
const updates = (sagemaker: FakeClient) => sagemaker.named("UpdateModelPackageCommand");
const metadataOf = (sagemaker: FakeClient) =>
  updates(sagemaker)[0]?.CustomerMetadataProperties as Record<string, string> | undefined;

describe("functions/record-decision", () => {
  it("writes status, reason and the audit record in one update", async () => {
    const { sagemaker, handler } = setup();
    assert.deepEqual(await handler(input), { decision });
    assert.deepEqual(updates(sagemaker), [
      {
        ModelPackageArn: packageArn,
        ModelApprovalStatus: "Approved",
        ApprovalDescription: "good enough",
        CustomerMetadataProperties: {
          "frugal:decision": "Approved",
          "frugal:approved-by": "ada@example.com",
          "frugal:approved-at": at,
          "frugal:packet-digest": decision.packetDigest,
        },
      },
    ]);
  });

  it("names everybody who approved, whole addresses only, and what each said", async () => {
    const { sagemaker, handler } = setup();
    const many = Array.from({ length: 20 }, (_, n) =>
      vote(`person-number-${n}@example.com`, { comment: `reason ${n}` }),
    );
    await handler({ ...input, decision: { ...decision, decidedBy: many[19]?.approver ?? "", votes: many } });
    const approvedBy = metadataOf(sagemaker)?.["frugal:approved-by"] ?? "";
    assert.ok(approvedBy.length <= 256);
    assert.ok(approvedBy.startsWith("person-number-0@example.com person-number-1@example.com"));
    assert.ok(approvedBy.split(" ").every((address) => address.endsWith("@example.com")));
    assert.match(
      String(updates(sagemaker)[0]?.ApprovalDescription),
      /^person-number-0@example\.com approved: reason 0 person-number-1@example\.com approved: reason 1/,
    );
    assert.ok(String(updates(sagemaker)[0]?.ApprovalDescription).length <= 1024);
  });

  it("names the one who rejected, whoever had approved before", async () => {
    const { sagemaker, handler } = setup();
    const votes = [vote("ada@example.com"), vote("joan@example.com", { decision: "Rejected", comment: "no" })];
    await handler({ ...input, decision: { ...decision, decision: "Rejected", decidedBy: "joan@example.com", votes } });
    assert.equal(metadataOf(sagemaker)?.["frugal:approved-by"], "joan@example.com");
    assert.equal(
      updates(sagemaker)[0]?.ApprovalDescription,
      "ada@example.com approved: good enough joan@example.com rejected: no",
    );
  });

  for (const [was, made, becomes] of [
    ["PendingReview", "Approved", "Approved"],
    ["PendingReview", "Rejected", "Archived"],
    ["Draft", "Approved", "Approved"],
    ["Archived", "Approved", undefined],
    ["Approved", "Approved", undefined],
    [undefined, "Approved", undefined],
  ] as const) {
    it(`makes a card that is ${was ?? "not there"} ${becomes ?? "nothing else"} when the package is ${made}`, async () => {
      const card = was === undefined ? {} : { ModelCard: { ModelCardStatus: was, ModelCardContent: "{}" } };
      const { sagemaker, handler } = setup({ ...pending, ...card });
      await handler({ ...input, decision: { ...decision, decision: made, votes: [] } });
      assert.deepEqual(
        updates(sagemaker)[0]?.ModelCard,
        becomes === undefined ? undefined : { ModelCardStatus: becomes },
      );
    });
  }

  it("changes nothing when the package shows the decision already", async () => {
    const recorded = {
      ModelApprovalStatus: "Approved",
      CustomerMetadataProperties: {
        "frugal:decision": "Approved",
        "frugal:approved-by": "ada@example.com",
        "frugal:approved-at": "2026-01-02T03:04:00.000Z",
        "frugal:packet-digest": decision.packetDigest ?? "",
      },
    };
    const { sagemaker, handler } = setup(recorded);
    assert.deepEqual(await handler(input), { decision });
    assert.equal(updates(sagemaker).length, 0);
  });

  it("does not write over a status that somebody set by hand", async () => {
    const { sagemaker, handler } = setup({ ModelApprovalStatus: "Rejected" });
    await assert.rejects(handler(input), { name: "InvalidInput", message: /already Rejected, set by hand/ });
    assert.equal(updates(sagemaker).length, 0);
  });

  it("lets a conflict through, so that the state tries again", async () => {
    const { sagemaker, handler } = setup();
    sagemaker.on(UpdateModelPackageCommand, () => awsError("ConflictException"));
    await assert.rejects(handler(input), { name: "ConflictException" });
  });

  it("fails where the package is gone", async () => {
    const { handler } = setup(awsError("ValidationException", "ModelPackage x does not exist."));
    await assert.rejects(handler(input), { name: "InvalidInput", message: /no model package/ });
  });

  it("names every fault of its input", async () => {
    await assert.rejects(setup().handler({ decision: { comment: "x".repeat(1001) } }), {
      name: "InvalidInput",
      message: /The input of RecordDecision is not valid/,
    });
  });
});

describe("functions/record-decision where nobody decided", () => {
  const ended = (by: "expiry" | "failure", more: object = { packet: packet() }) => ({
    modelPackageArn: packageArn,
    ended: { by, comment: "Nobody decided within 168 hours.", ...more },
  });

  it("rejects by expiry, with the digest of the packet that nobody answered, and closes the links", async () => {
    const { approvals, get, post, ada } = await approvalSetup();
    const { sagemaker, handler } = setup(pending, approvals);
    const { decision: made } = await handler(ended("expiry"));
    assert.equal(made.decidedBy, "expiry");
    assert.equal(made.packetDigest, packetDigest(packet()));
    assert.deepEqual(made.votes, []);
    assert.equal(metadataOf(sagemaker)?.["frugal:approved-by"], "expiry");
    assert.equal(metadataOf(sagemaker)?.["frugal:packet-digest"], packetDigest(packet()));
    assert.equal(updates(sagemaker)[0]?.ApprovalDescription, "Nobody decided within 168 hours.");
    assert.equal((await get(ada)).statusCode, 410);
    assert.equal((await post(ada, { decision: "Approved", comment: "late" })).statusCode, 410);
    assert.deepEqual(approvals.packetItem.decision, made);
    assert.equal(approvals.decided.at(-1)?.decision.decidedBy, "expiry");
    // A retry of the state comes to the same.
    assert.equal((await handler(ended("expiry"))).decision.decidedBy, "expiry");
  });

  it("keeps approvals that did not suffice in the record", async () => {
    const { approvals, post, ada } = await approvalSetup({}, { APPROVERS: approvers, APPROVALS_REQUIRED: 2 });
    await post(ada, { decision: "Approved", comment: "fine" });
    const { handler } = setup(pending, approvals);
    const { decision: made } = await handler(ended("expiry"));
    assert.equal(made.decision, "Rejected");
    assert.equal(made.votes[0]?.approver, "ada@example.com");
    assert.match(made.comment, /1 of 2 approvals had come, from ada@example\.com/);
  });

  it("records a person's decision that was kept in the last moment, instead of the expiry", async () => {
    const { approvals, get, post, ada } = await approvalSetup();
    approvals.taskErrors = [awsError("TaskTimedOut")];
    assert.equal((await post(ada, { decision: "Approved", comment: "just in time" })).statusCode, 503);
    const { sagemaker, handler } = setup(pending, approvals);
    const { decision: made } = await handler(ended("expiry"));
    assert.equal(made.decidedBy, "ada@example.com");
    assert.equal(updates(sagemaker)[0]?.ModelApprovalStatus, "Approved");
    assert.equal((await get(ada)).statusCode, 409);
    assert.ok(approvals.packetItem.deliveredAt);
    assert.equal(approvals.decided.length, 1, "it was told when it was made");
  });

  it("lets exactly one stand when a person and the expiry meet", async () => {
    const { approvals, post, ada } = await approvalSetup();
    const { handler } = setup(pending, approvals);
    let met = false;
    approvals.beforeWrite = () => {
      if (met) return;
      met = true;
      const item = approvals.packetItem;
      Object.assign(item, { decision: { ...decision, packetDigest: item.packetDigest }, revision: item.revision + 1 });
    };
    assert.equal((await handler(ended("expiry"))).decision.decidedBy, "ada@example.com");
    assert.equal((await post(ada, { decision: "Rejected", comment: "x" })).statusCode, 409);
  });

  it("gives up, for the state to try again, when answers keep coming", async () => {
    const { approvals } = await approvalSetup();
    approvals.beforeWrite = () => {
      approvals.packetItem.revision += 1;
    };
    await assert.rejects(setup(pending, approvals).handler(ended("expiry")), /the state tries again/);
  });

  it("rejects by failure what still waits, with or without a packet", async () => {
    const { approvals, get, ada } = await approvalSetup();
    const found = { ...pending, CustomerMetadataProperties: { "frugal:submission": submission.submissionId } };
    const { sagemaker, handler } = setup(found, approvals);
    const { decision: made } = await handler(ended("failure", { comment: "The submission was stopped." }));
    assert.equal(made.decidedBy, "failure");
    assert.equal(made.packetDigest, packetDigest(packet()), "what was asked about is known from the table");
    assert.equal(updates(sagemaker)[0]?.ModelApprovalStatus, "Rejected");
    assert.match((await get(ada)).body, /This request has ended[\s\S]*The submission was stopped/);
    const nobody = setup();
    const early = await nobody.handler(ended("failure", { comment: "x" }));
    assert.equal(early.decision.packetDigest, undefined);
    assert.equal("frugal:packet-digest" in (metadataOf(nobody.sagemaker) ?? {}), false);
  });

  it("changes nothing by failure about a package that is decided or gone", async () => {
    for (const found of [
      { ModelApprovalStatus: "Approved" },
      { ModelApprovalStatus: "Rejected" },
      awsError("ValidationException", "ModelPackage x does not exist."),
    ]) {
      const { sagemaker, handler } = setup(found);
      await handler(ended("failure"));
      assert.equal(updates(sagemaker).length, 0);
    }
  });

  it("notes that nobody will take a decision whose submission failed", async () => {
    const { approvals, get, post, ada } = await approvalSetup();
    approvals.taskErrors = [awsError("TaskDoesNotExist")];
    await post(ada, { decision: "Approved", comment: "fine" });
    const { sagemaker, handler } = setup(pending, approvals);
    assert.equal((await handler(ended("failure"))).decision.decidedBy, "failure");
    assert.equal(updates(sagemaker)[0]?.ModelApprovalStatus, "Rejected");
    assert.ok(approvals.packetItem.lapsedAt);
    assert.equal((await get(ada)).statusCode, 410);
  });

  it("does not close what is asked about another package of the same submission", async () => {
    const other = packageArn.replace(/7$/, "8");
    const { approvals, get, ada } = await approvalSetup({ modelPackageArn: other });
    const found = { ...pending, CustomerMetadataProperties: { "frugal:submission": submission.submissionId } };
    await setup(found, approvals).handler(ended("expiry"));
    await setup(found, approvals).handler(ended("failure", {}));
    assert.equal(approvals.packetItem.decision, undefined);
    assert.equal((await get(ada)).statusCode, 200);
  });

  it("does not write an expiry over a status that somebody set by hand", async () => {
    const { handler } = setup({ ModelApprovalStatus: "Approved" });
    await assert.rejects(handler(ended("expiry")), { name: "InvalidInput", message: /set by hand/ });
  });

  it("records whether or not the bus hears of it", async () => {
    const approvals = new FakeApprovals();
    approvals.tellError = awsError("InternalFailure");
    const { sagemaker, handler, log } = setup(pending, approvals);
    await handler(ended("expiry"));
    assert.equal(updates(sagemaker).length, 1);
    assert.match(log.text(), /not announced/);
  });
});
