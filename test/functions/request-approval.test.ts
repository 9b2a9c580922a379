/** RequestApproval: what is kept, who is asked, and what a retried state comes to. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LinkItem, PacketItem, packetDigest } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { Environment, makeHandler } from "../../functions/request-approval/request.ts";
import { readEnvironment } from "../../functions/shared/environment.ts";
import { requestEnvironment, topicArn } from "./support/approval-page.ts";
import { FakeApprovals } from "./support/fake-approvals.ts";
import { awsError } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { artifactDigest, dataBucket, datasetVersion, packet, submission } from "./support/samples.ts";

const taskToken = "secret-task-token-1";
const input = { taskToken, packet: packet(), expiresAt: "2026-01-09T00:00:00Z", reminder: false };
const expiresAt = Date.parse(input.expiresAt) / 1000;

function setup(change: Record<string, string> = {}) {
  const approvals = new FakeApprovals();
  const log = fakeLog();
  const environment = readEnvironment(Environment, {
    APPROVALS_TABLE: "frugal-dev-approvals",
    APPROVAL_URL: "https://abc123.execute-api.us-east-1.amazonaws.com/",
    APPROVERS: JSON.stringify(["ada@example.com", "Grace@Example.com", "joan@example.com"]),
    APPROVALS_REQUIRED: "1",
    SENDER: "models@example.com",
    SUBMITTER_MAY_APPROVE: "false",
    DATA_BUCKET: dataBucket,
    TOPIC_ARN: topicArn,
    ...change,
  });
  return { approvals, log, handler: makeHandler(approvals.request(), environment, log) };
}

const linkOf = (text: string) => /https:\/\/\S+\/approvals\/([A-Za-z0-9_-]{43})/.exec(text);

describe("functions/request-approval", () => {
  it("keeps the packet with the task token, and of each link only the hash", async () => {
    const { approvals, handler } = setup();
    assert.deepEqual(await handler(input), { submissionId: submission.submissionId, sent: 2 });
    const kept = PacketItem.parse(approvals.packetItem);
    assert.equal(kept.pk, `packet#${submission.submissionId}`);
    assert.equal(kept.taskToken, taskToken);
    assert.equal(kept.packetDigest, packetDigest(packet()));
    assert.deepEqual(JSON.parse(kept.packet), packet());
    assert.equal(kept.expiresAt, expiresAt);
    assert.ok(kept.ttl > expiresAt);

    const tokens = approvals.mails.map(({ mail }) => linkOf(mail.text)?.[1] ?? "");
    assert.equal(new Set(tokens).size, 2);
    const table = JSON.stringify([...approvals.items]);
    for (const [index, token] of tokens.entries()) {
      assert.equal(table.includes(token), false, "the table must not hold a link's random part");
      const hash = createHash("sha256").update(token).digest("hex");
      const link = LinkItem.parse(approvals.items.get(`link#sha256:${hash}`));
      assert.equal(link.approver, approvals.mails[index]?.recipient);
      assert.equal(link.packetDigest, kept.packetDigest);
    }
  });

  it("shows in text and HTML what there is to decide", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    const mail = approvals.mails[0]?.mail;
    assert.equal(
      mail?.subject,
      "[dev] Approve frugal-dev-breast-cancer version 7? rocAuc 0.9900, champion 0.9800, margin +0.0100",
    );
    for (const body of [mail?.text ?? "", mail?.html ?? ""]) {
      for (const shown of [
        "0.9900",
        "0.9800",
        "+0.0100",
        "171",
        datasetVersion,
        artifactDigest,
        "baseline",
        "grace@example.com",
        "2026-01-09 00:00 UTC",
        "More rows than last month",
        "−0.0150 to +0.0300",
        "mean_radius: 6.9 to 11.7",
        "no prices for us-east-1 are on record",
      ]) {
        assert.ok(body.includes(shown), `${shown} must be shown`);
      }
      assert.equal(linkOf(body)?.[0].startsWith("https://abc123.execute-api.us-east-1.amazonaws.com/approvals/"), true);
    }
  });

  it("does not let a subject or a body break out", async () => {
    const { approvals, handler } = setup();
    const stage = "dev\r\nBcc: eve@example.com<img src=x>";
    const note = "<script>\r\nDecide here:\nhttps://evil.example.com";
    await handler({ ...input, packet: packet({ stage, note, lineage: { ...packet().lineage, run: "a=b" } }) });
    const mail = approvals.mails[0]?.mail;
    assert.doesNotMatch(mail?.subject ?? "", /[\r\n]/);
    assert.doesNotMatch(mail?.html ?? "", /<img|<script/);
    assert.doesNotMatch(mail?.text ?? "", /\r/);
    assert.equal(mail?.text.match(/^Decide here:$/gm)?.length, 1, "a note must not look like a line of the message");
    assert.doesNotMatch(approvals.notices[0]?.notice.subject ?? "", /[\r\n]/);
  });

  it("asks the submitter only where the stage lets submitters approve", async () => {
    const strict = setup();
    await strict.handler(input);
    assert.deepEqual(
      strict.approvals.mails.map(({ recipient }) => recipient),
      ["ada@example.com", "joan@example.com"],
    );
    const lenient = setup({ SUBMITTER_MAY_APPROVE: "true" });
    await lenient.handler(input);
    assert.equal(lenient.approvals.mails.length, 3);
    const role = setup();
    const submittedBy = "arn:aws:sts::111122223333:assumed-role/scientist/joan@example.com";
    await role.handler({ ...input, packet: packet({ submittedBy }) });
    assert.deepEqual(
      role.approvals.mails.map(({ recipient }) => recipient),
      ["ada@example.com", "Grace@Example.com"],
    );
  });

  it("refuses when nobody is left to approve, and keeps nothing", async () => {
    const { approvals, handler } = setup({ APPROVERS: '["grace@example.com"]' });
    await assert.rejects(handler(input), { name: "InvalidInput", message: /submitterMayApprove/ });
    assert.equal(approvals.items.size, 0);
  });

  it("gives a retried state's new token to the packet and sends new links", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    await handler({ ...input, taskToken: "secret-task-token-2" });
    assert.equal(approvals.packetItem.taskToken, "secret-task-token-2");
    assert.equal(new Set(approvals.mails.map(({ mail }) => linkOf(mail.text)?.[1])).size, 4);
  });

  const decision = {
    decision: "Approved",
    decidedBy: "ada@example.com",
    decidedAt: "2026-01-02T00:00:00.000Z",
    comment: "fine",
    packetDigest: packetDigest(packet()),
    votes: [],
  } satisfies ApprovalDecision;

  it("hands on a decision that was made before the state was retried, and asks nobody again", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    approvals.packetItem.decision = decision;
    assert.deepEqual(await handler({ ...input, taskToken: "new" }), { submissionId: submission.submissionId, sent: 0 });
    assert.deepEqual(approvals.delivered, [{ taskToken: "new", decision }]);
    assert.equal(approvals.mails.length, 2);
  });

  it("asks anew when the earlier decision came too late or was about other evidence", async () => {
    const late = setup();
    await late.handler(input);
    Object.assign(late.approvals.packetItem, { decision, lapsedAt: "2026-01-02T00:00:01.000Z" });
    assert.equal((await late.handler({ ...input, taskToken: "new" })).sent, 2);
    assert.equal(late.approvals.packetItem.decision, undefined);
    const other = setup();
    await other.handler(input);
    other.approvals.packetItem.decision = decision;
    const next = packet({ modelPackageArn: packet().modelPackageArn.replace(/7$/, "8") });
    assert.equal((await other.handler({ ...input, packet: next, taskToken: "new" })).sent, 2);
    assert.equal(other.approvals.delivered.length, 0);
  });

  it("goes on when one message is refused, and fails when all are", async () => {
    const { approvals, handler, log } = setup();
    approvals.mailErrors.set("ada@example.com", awsError("MessageRejected", "Email address is not verified."));
    assert.equal((await handler(input)).sent, 1);
    assert.match(log.text(), /message refused.*ada@example\.com.*MessageRejected/);
    approvals.mailErrors.set("joan@example.com", awsError("TooManyRequestsException"));
    await assert.rejects(handler(input), { name: "MessageRejected" });
  });

  it("refuses an expiry that is past", async () => {
    await assert.rejects(setup().handler({ ...input, expiresAt: "2026-01-01T00:00:00Z" }), {
      name: "InvalidInput",
      message: /expires at 2026-01-01T00:00:00Z, which is past/,
    });
  });

  it("logs neither task token nor link, whatever happens", async () => {
    const { approvals, handler, log } = setup();
    await handler(input);
    approvals.mailErrors.set("ada@example.com", awsError("MessageRejected"));
    approvals.mailErrors.set("joan@example.com", awsError("MessageRejected"));
    await handler(input).catch(() => undefined);
    await handler({ ...input, packet: {} }).catch(() => undefined);
    assert.ok(log.entries.length >= 3);
    assert.equal(log.text().includes(taskToken), false);
    const told = JSON.stringify([approvals.requested, approvals.notices]);
    assert.equal(told.includes(taskToken) || /approvals\/[A-Za-z0-9_-]{43}/.test(told), false);
    for (const { mail } of approvals.mails) assert.equal(log.text().includes(linkOf(mail.text)?.[1] ?? "none"), false);
  });

  it("tells the bus and the topic the same, without a link", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    const digest = packetDigest(packet());
    assert.deepEqual(approvals.requested, [
      {
        packet: packet(),
        packetDigest: digest,
        expiresAt: "2026-01-09T00:00:00.000Z",
        reminder: false,
        approvers: ["ada@example.com", "joan@example.com"],
        required: 1,
        decisionUrl: `https://abc123.execute-api.us-east-1.amazonaws.com/decisions/${submission.submissionId}`,
      },
    ]);
    const [told] = approvals.notices;
    assert.equal(told?.topicArn, topicArn);
    assert.equal(told?.notice.subject, "dev: frugal-dev-breast-cancer version 7 waits for approval");
    assert.match(told?.notice.message ?? "", /0\.9900[\s\S]*mean_radius: 6\.9 to 11\.7/);
    assert.doesNotMatch(told?.notice.message ?? "", /\/approvals\//);
  });

  it("asks by mail even where neither the bus nor the topic takes anything", async () => {
    const { approvals, handler, log } = setup();
    approvals.tellError = awsError("InternalFailure");
    assert.equal((await handler(input)).sent, 2);
    assert.match(log.text(), /event refused.*notice refused|notice refused.*event refused/);
  });

  it("reminds those who have not answered, with fresh links, and keeps answers and earlier links", async () => {
    const { approvals, handler } = setup({ APPROVALS_REQUIRED: "2" });
    await handler(input);
    const vote = {
      approver: "ada@example.com",
      decision: "Approved",
      at: "2026-01-02T01:00:00.000Z",
      comment: "ok",
      via: "link",
    };
    approvals.packetItem.votes.push(vote as never);
    approvals.time = Date.parse("2026-01-08T11:30:00.000Z");
    assert.deepEqual(await handler({ ...input, reminder: true, taskToken: "newer" }), {
      submissionId: submission.submissionId,
      sent: 1,
    });
    assert.equal(approvals.packetItem.taskToken, "newer");
    assert.deepEqual(approvals.packetItem.votes, [vote]);
    const [, joans, again] = approvals.mails;
    assert.equal(again?.recipient, "joan@example.com");
    assert.match(
      again?.mail.subject ?? "",
      /^\[dev\] Reminder, 12 hours left: Approve frugal-dev-breast-cancer version 7\?/,
    );
    assert.match(again?.mail.text ?? "", /12 hours left; unanswered it will be rejected/);
    assert.notEqual(linkOf(again?.mail.text ?? "")?.[1], linkOf(joans?.mail.text ?? "")?.[1]);
    const links = [...approvals.items.keys()].filter((pk) => pk.startsWith("link#"));
    assert.equal(links.length, 3);
    assert.equal(approvals.requested[1]?.reminder, true);
    assert.match(approvals.notices[1]?.notice.subject ?? "", /still waits, 12 hours left/);
  });

  it("finishes with what was decided between the two tokens", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    approvals.packetItem.decision = decision;
    await handler({ ...input, reminder: true, taskToken: "newer" });
    assert.deepEqual(approvals.delivered, [{ taskToken: "newer", decision }]);
    assert.equal(approvals.mails.length, 2);
  });

  it("finishes at once where fewer approvals are asked for now, and enough have come", async () => {
    const { approvals, handler } = setup({ APPROVALS_REQUIRED: "2" });
    await handler(input);
    const at = "2026-01-02T01:00:00.000Z";
    approvals.packetItem.votes.push({
      approver: "ada@example.com",
      decision: "Approved",
      at,
      comment: "ok",
      via: "link",
    });
    const lenient = makeHandler(approvals.request(), { ...requestEnvironment, APPROVALS_REQUIRED: 1 }, fakeLog());
    await lenient({ ...input, reminder: true, taskToken: "newer" });
    assert.equal(approvals.delivered[0]?.decision.decidedBy, "ada@example.com");
    assert.equal(approvals.mails.length, 2);
  });

  it("does not write over an answer that comes while it writes", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    let first = true;
    approvals.beforeWrite = () => {
      if (!first) return;
      first = false;
      Object.assign(approvals.packetItem, { decision, revision: approvals.packetItem.revision + 1 });
    };
    assert.equal((await handler({ ...input, reminder: true, taskToken: "newer" })).sent, 0);
    assert.deepEqual(approvals.packetItem.decision, decision);
    assert.equal(approvals.delivered[0]?.taskToken, "newer");
  });

  it("gives up, for the state to try again, when the answers keep coming", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    approvals.beforeWrite = () => {
      approvals.packetItem.revision += 1;
    };
    await assert.rejects(handler({ ...input, reminder: true }), /the state tries again/);
  });

  it("refuses when fewer are left than must approve", async () => {
    const { approvals, handler } = setup({ APPROVALS_REQUIRED: "3" });
    await assert.rejects(handler(input), {
      name: "InvalidInput",
      message: /3 approvals are needed, and without grace@example\.com, who submitted it, 2 can be asked/,
    });
    assert.equal(approvals.items.size, 0);
  });

  it("asks anew for another package of the same submission after an expiry", async () => {
    const { approvals, handler } = setup();
    await handler(input);
    const expired = { ...decision, decision: "Rejected", decidedBy: "expiry" } as const;
    Object.assign(approvals.packetItem, { decision: expired, deliveredAt: "2026-01-09T00:00:00.000Z" });
    assert.equal((await handler({ ...input, taskToken: "same" })).sent, 0, "the same packet stays as it was ended");
    const next = packet({ modelPackageArn: packet().modelPackageArn.replace(/7$/, "8") });
    assert.equal((await handler({ ...input, packet: next, taskToken: "next" })).sent, 2);
    assert.equal(approvals.packetItem.decision, undefined);
  });
});
