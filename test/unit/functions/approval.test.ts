/** Forms, link states and people: 10,000 inputs of any kind, no crash, no way around. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ApprovalDecision, Vote } from "../../../contracts/submission.ts";
import { askState } from "../../../functions/decide-approval/decide.ts";
import { HttpEvent, linkToken, readForm } from "../../../functions/decide-approval/request.ts";
import { decisionOf, isSubmitter } from "../../../functions/shared/votes.ts";

const event = (body: string | undefined, isBase64Encoded = false) => ({
  requestContext: { http: { method: "POST" } },
  headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  ...(body === undefined ? {} : { body }),
  isBase64Encoded,
});

describe("functions/decide-approval forms", () => {
  it("reads any bytes without a crash, and never takes a decision that is none", function () {
    this.timeout(20_000);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String()), fc.boolean(), (body, encoded) => {
        const form = readForm(event(body, encoded));
        if ("faults" in form) return assert.ok(form.faults.length > 0);
        assert.ok(form.decision === "Approved" || form.decision === "Rejected");
      }),
      { numRuns: 10_000 },
    );
  });

  it("gives back the comment that was written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (comment) => {
        const form = readForm(event(new URLSearchParams({ decision: "Approved", comment }).toString()));
        fc.pre(!("faults" in form));
        const plain = comment
          .replace(/\r\n?/g, "\n")
          .replace(/[^\P{Cc}\n\t]/gu, "")
          .trim();
        assert.equal(form.comment, plain);
      }),
    );
  });

  it("reads any event without a crash and takes only what could be a token", function () {
    this.timeout(20_000);
    fc.assert(
      fc.property(fc.anything(), fc.string({ unit: "binary" }), (anything, token) => {
        HttpEvent.safeParse(anything);
        const found = linkToken({ requestContext: { http: { method: "GET" } }, pathParameters: { token } });
        if (found !== undefined) assert.match(found, /^[A-Za-z0-9_-]{43}$/);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("functions/decide-approval link state", () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const link = {
    pk: "l",
    submissionId: "s",
    packetDigest: digest,
    approver: "a@example.com",
    expiresAt: 100,
    ttl: 200,
  };
  const packet = {
    pk: "p",
    taskToken: "t",
    packet: "{}",
    packetDigest: digest,
    expiresAt: 100,
    ttl: 200,
    required: 2,
    approvers: ["a@example.com", "b@example.com"],
    votes: [],
    revision: 1,
  };
  const decision: ApprovalDecision = {
    decision: "Approved",
    decidedBy: "a",
    decidedAt: "x",
    comment: "",
    packetDigest: digest,
    votes: [],
  };
  const vote: Vote = { approver: "A@example.com", decision: "Approved", at: "x", comment: "c", via: "link" };

  it("is open to the last millisecond and not after", () => {
    assert.equal(askState(link, packet, 99_999), "open");
    assert.equal(askState(link, packet, 100_000), "ended");
    assert.equal(askState({ ...link, expiresAt: 50 }, packet, 50_000), "ended");
  });

  it("tells the other states apart", () => {
    assert.equal(askState(undefined, packet, 0), "unknown");
    assert.equal(askState(link, undefined, 0), "unknown");
    assert.equal(askState({ ...link, packetDigest: "other" }, packet, 0), "replaced");
    assert.equal(askState(link, { ...packet, decision }, 0), "undelivered");
    assert.equal(askState(link, { ...packet, decision }, 1e9), "undelivered");
    assert.equal(askState(link, { ...packet, decision, deliveredAt: "x" }, 0), "decided");
    assert.equal(askState(link, { ...packet, decision, lapsedAt: "x" }, 0), "ended");
    assert.equal(askState(link, { ...packet, votes: [vote] }, 0), "voted");
    assert.equal(askState({ ...link, approver: "b@example.com" }, { ...packet, votes: [vote] }, 0), "open");
    for (const decidedBy of ["expiry", "failure"])
      assert.equal(askState(link, { ...packet, decision: { ...decision, decidedBy } }, 0), "ended");
  });
});

describe("functions/shared votes", () => {
  const packetDigest = `sha256:${"d".repeat(64)}`;
  const votes = fc.uniqueArray(
    fc.record({
      approver: fc.emailAddress(),
      decision: fc.constantFrom("Approved" as const, "Rejected" as const),
      at: fc.constant("2026-01-01T00:00:00.000Z"),
      comment: fc.string(),
      via: fc.constant("link"),
    }),
    { selector: ({ approver }) => approver, maxLength: 20 },
  );

  it("decides by the first rejection or by the last approval that was needed, and by nothing else", () => {
    fc.assert(
      fc.property(votes, fc.integer({ min: 1, max: 20 }), (list, required) => {
        const made = decisionOf(list, { required, packetDigest });
        const rejected = list.findIndex(({ decision }) => decision === "Rejected");
        const before = rejected < 0 ? list : list.slice(0, rejected);
        if (before.length >= required) {
          assert.equal(made?.decision, "Approved");
          assert.equal(made?.votes.length, required);
        } else if (rejected >= 0) {
          assert.equal(made?.decision, "Rejected");
          assert.equal(made?.decidedBy, list[rejected]?.approver);
        } else assert.equal(made, undefined);
      }),
    );
  });
});

describe("functions/request-approval people", () => {
  it("knows the submitter by address in any case, and by the session of an assumed role", () => {
    const session = "arn:aws:sts::111122223333:assumed-role/scientist/Ada@example.com";
    assert.equal(isSubmitter("ada@example.com", "Ada@Example.com"), true);
    assert.equal(isSubmitter("ada@example.com", session), true);
    assert.equal(isSubmitter("joan@example.com", session), false);
    assert.equal(isSubmitter("da@example.com", "ada@example.com"), false);
  });
});
