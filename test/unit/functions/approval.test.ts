/** Forms, link states and people: 10,000 inputs of any kind, no crash, no way around. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { linkState } from "../../../functions/decide-approval/decide.ts";
import { HttpEvent, linkToken, readForm } from "../../../functions/decide-approval/request.ts";
import { isSubmitter } from "../../../functions/request-approval/decide.ts";

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
  const packet = { pk: "p", taskToken: "t", packet: "{}", packetDigest: digest, expiresAt: 100, ttl: 200 };
  const decision = { decision: "Approved", decidedBy: "a", decidedAt: "x", comment: "", packetDigest: digest } as const;

  it("is open to the last millisecond and not after", () => {
    assert.equal(linkState(link, packet, 99_999), "open");
    assert.equal(linkState(link, packet, 100_000), "ended");
    assert.equal(linkState({ ...link, expiresAt: 50 }, packet, 50_000), "ended");
  });

  it("tells the other states apart", () => {
    assert.equal(linkState(undefined, packet, 0), "unknown");
    assert.equal(linkState(link, undefined, 0), "unknown");
    assert.equal(linkState({ ...link, packetDigest: "other" }, packet, 0), "replaced");
    assert.equal(linkState(link, { ...packet, decision }, 0), "undelivered");
    assert.equal(linkState(link, { ...packet, decision }, 1e9), "undelivered");
    assert.equal(linkState(link, { ...packet, decision, deliveredAt: "x" }, 0), "decided");
    assert.equal(linkState(link, { ...packet, decision, lapsedAt: "x" }, 0), "ended");
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
