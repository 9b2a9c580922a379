/** RequestApproval: what is kept, who is asked, and what a retried state comes to. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LinkItem, PacketItem, packetDigest } from "../../contracts/approvals.ts";
import { Environment, makeHandler } from "../../functions/request-approval/request.ts";
import { readEnvironment } from "../../functions/shared/environment.ts";
import { FakeApprovals } from "./support/fake-approvals.ts";
import { awsError } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { artifactDigest, datasetVersion, packet, submission } from "./support/samples.ts";

const taskToken = "secret-task-token-1";
const input = { taskToken, packet: packet(), expiresAt: "2026-01-09T00:00:00Z" };
const expiresAt = Date.parse(input.expiresAt) / 1000;

function setup(change: Record<string, string> = {}) {
  const approvals = new FakeApprovals();
  const log = fakeLog();
  const environment = readEnvironment(Environment, {
    APPROVALS_TABLE: "frugal-dev-approvals",
    APPROVAL_URL: "https://abc123.execute-api.us-east-1.amazonaws.com/",
    APPROVERS: JSON.stringify(["ada@example.com", "Grace@Example.com", "joan@example.com"]),
    SENDER: "models@example.com",
    SUBMITTER_MAY_APPROVE: "false",
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
      ]) {
        assert.ok(body.includes(shown), `${shown} must be shown`);
      }
      assert.equal(linkOf(body)?.[0].startsWith("https://abc123.execute-api.us-east-1.amazonaws.com/approvals/"), true);
    }
  });

  it("does not let a subject or a body break out", async () => {
    const { approvals, handler } = setup();
    const evil = packet({ stage: "dev\r\nBcc: eve@example.com", lineage: { ...packet().lineage, run: "a=b" } });
    const html = packet({ submissionId: "<script>" });
    await handler({
      ...input,
      packet: { ...evil, submissionId: html.submissionId, stage: `${evil.stage}<img src=x>` },
    });
    const mail = approvals.mails[0]?.mail;
    assert.doesNotMatch(mail?.subject ?? "", /[\r\n]/);
    assert.doesNotMatch(mail?.html ?? "", /<img|<script/);
    assert.doesNotMatch(mail?.text ?? "", /\r/);
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
    comment: "",
    packetDigest: packetDigest(packet()),
  } as const;

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
    for (const { mail } of approvals.mails) assert.equal(log.text().includes(linkOf(mail.text)?.[1] ?? "none"), false);
  });
});
