/** Several approvals, and decisions that other programs send. */
import assert from "node:assert/strict";
import { packetDigest } from "../../contracts/approvals.ts";
import { makeHandler } from "../../functions/decide-approval/approve.ts";
import {
  approvalSetup,
  approve,
  approvers,
  assertAnswer,
  assertPage,
  decideEnvironment,
  portalArn,
  reject,
  signedEvent,
  taskToken,
} from "./support/approval-page.ts";
import { awsError } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";

const two = () => approvalSetup({}, { APPROVERS: approvers, APPROVALS_REQUIRED: 2 });

describe("functions/decide-approval with two approvals needed", () => {
  it("waits for the second, shows the first one's answer, and keeps both", async () => {
    const { approvals, get, post, ada, joan } = await two();
    assertPage(
      await post(ada, approve),
      200,
      /You approved[\s\S]*One more approval is needed before 2026-01-09 00:00 UTC/,
    );
    assert.equal(approvals.packetItem.decision, undefined);
    assert.equal(approvals.delivered.length, 0);
    assertPage(
      await get(joan),
      200,
      /Answers so far[\s\S]*ada@example\.com approved on 2026-01-02 00:00 UTC: well founded/,
    );
    approvals.time += 60_000;
    assertPage(await post(joan, { ...approve, comment: "me too" }), 200, /You approved/);
    const [delivered] = approvals.delivered;
    assert.deepEqual(
      { ...delivered?.decision, votes: delivered?.decision.votes.map(({ approver }) => approver) },
      {
        decision: "Approved",
        decidedBy: "joan@example.com",
        decidedAt: "2026-01-02T00:01:00.000Z",
        comment: "me too",
        packetDigest: approvals.packetItem.packetDigest,
        votes: ["ada@example.com", "joan@example.com"],
      },
    );
    assert.equal(approvals.delivered.length, 1);
  });

  it("counts each person once", async () => {
    const { approvals, get, post, ada } = await two();
    await post(ada, approve);
    assertPage(await post(ada, approve), 409, /already answered[\s\S]*Nothing was changed/);
    assertPage(await post(ada, reject), 409, /already answered/);
    assertPage(await get(ada), 409, /already answered/);
    assert.equal(approvals.packetItem.votes.length, 1);
    assert.equal(approvals.delivered.length, 0);
  });

  it("counts each person once, also with the fresh link of a reminder", async () => {
    const { approvals, ask, post, ada, joan } = await two();
    await ask({ reminder: true, taskToken: "newer" });
    const again = /approvals\/([A-Za-z0-9_-]{43})/.exec(approvals.mails.at(3)?.mail.text ?? "")?.[1] ?? "";
    assert.equal(approvals.mails.at(3)?.recipient, "ada@example.com");
    await post(again, approve);
    assertPage(await post(ada, approve), 409, /already answered/);
    assertPage(await post(joan, approve), 200, /You approved/);
    assert.deepEqual(
      approvals.delivered.map((one) => one.taskToken),
      ["newer"],
    );
  });

  it("rejects at once", async () => {
    const { approvals, post, ada, joan, mary } = await two();
    await post(ada, approve);
    assertPage(await post(joan, reject), 200, /You rejected/);
    assertPage(
      await post(mary, approve),
      409,
      /is already rejected[\s\S]*ada@example\.com approved[\s\S]*joan@example\.com rejected/,
    );
    assert.equal(approvals.delivered[0]?.decision.decision, "Rejected");
    assert.equal(approvals.delivered[0]?.decision.votes.length, 2);
  });

  it("keeps every answer of people who press at the same moment, and decides once", async () => {
    const { approvals, post, ada, joan, mary } = await two();
    const pages = await Promise.all([post(ada, approve), post(joan, approve), post(mary, approve)]);
    assert.deepEqual(pages.map(({ statusCode }) => statusCode).sort(), [200, 200, 409]);
    assert.equal(approvals.packetItem.votes.length, 2);
    assert.equal(approvals.packetItem.decision?.votes.length, 2);
    // Whoever came too late may hand the same decision on once more; never another one.
    for (const { decision } of approvals.delivered) assert.deepEqual(decision, approvals.packetItem.decision);
  });

  it("tries again when somebody else was faster, and gives up without a decision when it never ends", async () => {
    const { approvals, post, ada } = await two();
    let others = 3;
    approvals.beforeWrite = () => {
      if (others-- > 0) approvals.packetItem.revision += 1;
    };
    assertPage(await post(ada, approve), 200, /You approved/);
    const endless = await two();
    endless.approvals.beforeWrite = () => {
      endless.approvals.packetItem.revision += 1;
    };
    assertPage(await endless.post(endless.ada, approve), 500, /see what stands/);
    assert.equal(endless.approvals.packetItem.votes.length, 0);
  });
});

describe("functions/decide-approval, decisions that are sent", () => {
  const answer = (change: object = {}) => ({ approver: "ada@example.com", ...approve, ...change });

  it("takes a signed decision for a person who was asked, and keeps who sent it", async () => {
    const { approvals, asked, send } = await approvalSetup();
    const digest = packetDigest(asked);
    const got = assertAnswer(await send(answer({ packetDigest: digest })), 200, /kept and handed on/);
    assert.equal((got.decision as { decidedBy: string }).decidedBy, "ada@example.com");
    assert.equal(approvals.delivered[0]?.taskToken, taskToken);
    assert.equal(approvals.delivered[0]?.decision.votes[0]?.via, portalArn);
    assert.equal(approvals.decided.length, 1);
  });

  it("knows the person in any case, and keeps the address as it was asked", async () => {
    const { approvals, asked, send } = await approvalSetup();
    await send(answer({ approver: "ADA@example.com", packetDigest: packetDigest(asked) }));
    assert.equal(approvals.delivered[0]?.decision.decidedBy, "ada@example.com");
  });

  it("counts with the answers of links", async () => {
    const { approvals, asked, send, post, joan } = await two();
    const body = answer({ packetDigest: packetDigest(asked) });
    assert.equal(assertAnswer(await send(body), 200, /still needed: 1/).missing, 1);
    assertAnswer(await send(body), 409, /has answered already/);
    assertPage(await post(joan, approve), 200, /You approved/);
    assert.deepEqual(
      approvals.delivered[0]?.decision.votes.map(({ via }) => via),
      [portalArn, "link"],
    );
    assertAnswer(
      await send(answer({ approver: "mary@example.com", packetDigest: packetDigest(asked) })),
      409,
      /decided already/,
    );
  });

  it("refuses callers without IAM's word, people who were not asked, and the submitter as caller", async () => {
    const { approvals, asked, send } = await approvalSetup();
    const body = answer({ packetDigest: packetDigest(asked) });
    for (const caller of [null, "", "anonymous", `arn:${"x".repeat(3000)}`])
      assertAnswer(await send(body, { caller }), 403, /signed with IAM/);
    assertAnswer(await send({ ...body, approver: "eve@example.com" }), 403, /eve@example\.com was not asked/);
    assertAnswer(await send({ ...body, approver: "grace@example.com" }), 403, /was not asked/);
    const caller = "arn:aws:sts::111122223333:assumed-role/scientist/Grace@example.com";
    assertAnswer(await send(body, { caller }), 403, /submitted the model may not decide/);
    assert.equal(approvals.packetItem.votes.length, 0);
  });

  it("lets the submitter's session send where the stage lets submitters approve", async () => {
    const { asked, send } = await approvalSetup({}, {}, { SUBMITTER_MAY_APPROVE: true });
    const caller = "arn:aws:sts::111122223333:assumed-role/scientist/grace@example.com";
    assertAnswer(await send(answer({ packetDigest: packetDigest(asked) }), { caller }), 200, /handed on/);
  });

  it("refuses evidence that is not what is asked now", async () => {
    const { approvals, send } = await approvalSetup();
    const other = `sha256:${"0".repeat(64)}`;
    assertAnswer(await send(answer({ packetDigest: other })), 409, /packetDigest is not that of what is asked now/);
    assert.equal(approvals.packetItem.votes.length, 0);
  });

  const digest = `sha256:${"0".repeat(64)}`;
  const faulty: [string, unknown, object | undefined, RegExp][] = [
    ["no JSON", "decision=Approved", undefined, /not JSON/],
    [
      "a form",
      answer({ packetDigest: digest }),
      { "content-type": "application/x-www-form-urlencoded" },
      /application\/json/,
    ],
    ["no type", answer({ packetDigest: digest }), {}, /application\/json/],
    ["no comment", answer({ comment: " \n ", packetDigest: digest }), undefined, /comment/],
    ["a comment that is too long", answer({ comment: "x".repeat(1001), packetDigest: digest }), undefined, /comment/],
    ["a body that is too long", answer({ comment: "x".repeat(30_000) }), undefined, /longer than/],
    ["no digest", answer(), undefined, /packetDigest/],
    [
      "more than is asked for",
      answer({ packetDigest: digest, decidedBy: "eve@example.com" }),
      undefined,
      /decidedBy|Unrecognized/,
    ],
    ["another decision", answer({ decision: "PendingManualApproval", packetDigest: digest }), undefined, /decision/],
    ["an array", [], undefined, /not valid/],
    ["null", "null", undefined, /not valid/],
  ];
  for (const [what, body, headers, message] of faulty) {
    it(`refuses ${what}`, async () => {
      const { approvals, send } = await approvalSetup();
      assertAnswer(await send(body, { headers }), 400, message);
      assert.equal(approvals.packetItem.votes.length, 0);
    });
  }

  it("knows no other submission", async () => {
    const { asked, send, handler } = await approvalSetup();
    const body = answer({ packetDigest: packetDigest(asked) });
    assertAnswer(await send(body, { id: "sub-00000000000000000000" }), 404, /No approval of this submission/);
    for (const id of ["../x", "sub-1", "__proto__"]) assertAnswer(await send(body, { id }), 404, /names no submission/);
    assertAnswer(await handler({ ...signedEvent(body), pathParameters: null }), 404, /names no submission/);
  });

  it("takes nothing after the expiry", async () => {
    const { approvals, asked, send } = await approvalSetup();
    approvals.time = Date.parse("2026-01-09T00:00:00.000Z");
    assertAnswer(await send(answer({ packetDigest: packetDigest(asked) })), 410, /time to decide is over/);
    assert.equal(approvals.packetItem.decision, undefined);
  });

  it("keeps what could not be handed on; the same request finishes it", async () => {
    const { approvals, asked, send } = await approvalSetup();
    const body = answer({ packetDigest: packetDigest(asked) });
    approvals.taskErrors = [awsError("ThrottlingException")];
    const page = await send(body);
    assertAnswer(page, 503, /not handed on yet/);
    assert.equal(page.headers["retry-after"], "60");
    assertAnswer(await send(body), 409, /decided already/);
    assert.equal(approvals.delivered.length, 1);
    approvals.taskErrors = [];
  });

  it("says that nobody waits any more, long after", async () => {
    const { approvals, asked, send } = await approvalSetup();
    const body = answer({ packetDigest: packetDigest(asked) });
    approvals.taskErrors = [awsError("TaskTimedOut"), awsError("TaskTimedOut")];
    assertAnswer(await send(body), 503, /not handed on yet/);
    approvals.time = Date.parse("2026-01-09T02:00:00.000Z");
    assertAnswer(await send(body), 410, /time to decide is over/);
  });

  it("does not take the route of links for signed, nor the other way round", async () => {
    const { approvals, asked, handler, ada } = await approvalSetup();
    const body = answer({ packetDigest: packetDigest(asked) });
    const forged = { ...signedEvent(body, { id: asked.submissionId }), routeKey: "POST /approvals/{token}" };
    assert.equal((await handler(forged)).statusCode, 404);
    const linked = { ...signedEvent(body, { caller: null }), pathParameters: { token: ada } };
    assert.equal((await handler(linked)).statusCode, 403);
    assert.equal(approvals.packetItem.votes.length, 0);
  });

  it("tells nothing of what breaks", async () => {
    const { approvals, asked } = await approvalSetup();
    const log = fakeLog();
    const broken = { ...approvals.decide(), packet: () => Promise.reject(awsError("InternalServerError", taskToken)) };
    const body = answer({ packetDigest: packetDigest(asked) });
    const page = await makeHandler(broken, decideEnvironment, log)(signedEvent(body, { id: asked.submissionId }));
    assertAnswer(page, 500, /nothing was decided by this call/);
    assert.match(log.text(), /InternalServerError/);
    assert.equal(log.text().includes(taskToken), false);
  });
});
