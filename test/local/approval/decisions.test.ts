/** The approval on the emulators, as people meet it: asked by mail, decided on the page, recorded in the registry. */
import assert from "node:assert/strict";
import { packetDigest } from "../../../contracts/approvals.ts";
import { open, send } from "../../../local/walkthrough/browser.ts";
import { ApprovalBench } from "./bench.ts";
import { ADA, approve, assertDecided, JOAN, linksOf, reject } from "./people.ts";

describe("an approval on the emulators", function () {
  this.timeout(120_000);
  let bench: ApprovalBench;
  before(async () => {
    bench = await ApprovalBench.open();
  });
  after(() => bench?.close());

  it("asks everybody but the submitter, shows the evidence, and records an approval with who, when, why and on what", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    assert.deepEqual(Object.keys(await asked.links()).sort(), [ADA, JOAN, "mary@example.com"]);
    const page = await open(link);
    assert.equal(page.status, 200);
    for (const shown of ["0.9900", "0.9800", "171", "mean_radius: 6.9 to 11.7", "More rows than last month"])
      assert.ok(page.text.includes(shown), shown);
    const done = await open(link, approve);
    assert.equal(done.status, 200, done.text);
    await assertDecided(asked, "Approved", ADA);
    const { metadata, description } = await asked.package();
    assert.equal(metadata["frugal:approved-by"], ADA);
    assert.equal(metadata["frugal:decision"], "Approved");
    assert.equal(metadata["frugal:packet-digest"], packetDigest(asked.packet));
    assert.match(metadata["frugal:approved-at"] ?? "", /^\d{4}-\d\d-\d\dT/);
    assert.equal(description, approve.comment);
  });

  it("tells the bus and the topic the same as the mail, and how it ended, without a token or a link", async () => {
    await bench.told();
    const asked = await bench.ask({}, { note: "heard everywhere" });
    await open(await asked.link(ADA), reject);
    await assertDecided(asked, "Rejected", ADA);
    const told = await bench.told();
    const event = (what: string) =>
      told.find((one) => one.by === "bus" && one.what === what)?.body as Record<string, unknown>;
    const requested = event("Model approval requested");
    assert.deepEqual(requested?.packet, asked.packet);
    assert.equal(requested?.packetDigest, packetDigest(asked.packet));
    assert.equal(requested?.decisionUrl, `${bench.url}/decisions/${asked.packet.submissionId}`);
    const decided = event("Model approval decided");
    assert.equal(decided?.modelPackageArn, asked.packageArn);
    assert.deepEqual(decided?.decision, (await asked.item())?.decision);
    const notices = told.filter((one) => one.by === "topic").map(({ what }) => what);
    assert.match(notices[0] ?? "", /^dev: frugal-dev-breast-cancer version \d+ waits for approval$/);
    assert.ok(notices.includes("dev: a model was rejected"), notices.join());
    const text = JSON.stringify(told);
    assert.ok(text.includes("heard everywhere"));
    assert.equal(text.includes((await asked.item())?.taskToken ?? "?"), false);
    assert.doesNotMatch(text, /\/approvals\//);
  });

  it("records a rejection with its reason", async () => {
    const asked = await bench.ask();
    assert.equal((await open(await asked.link(JOAN), reject)).status, 200);
    await assertDecided(asked, "Rejected", JOAN);
    assert.equal((await asked.package()).description, reject.comment);
  });

  it("is not moved by whatever only looks: mail scanners, previews, prefetching browsers", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    const before = JSON.stringify(await asked.item());
    const looks: Record<string, string>[] = [
      { "user-agent": "Mozilla/5.0 (compatible; Microsoft-SafeLinks)" },
      { purpose: "prefetch", "x-moz": "prefetch", "sec-purpose": "prefetch;prerender" },
      { "user-agent": "Slackbot-LinkExpanding 1.0", range: "bytes=0-32768" },
    ];
    for (const headers of looks) {
      assert.equal((await send(link, { headers })).status, 200);
      await send(link, { method: "HEAD", headers });
      await send(`${link}?decision=Approved&comment=x`, { headers });
      await send(link, { method: "OPTIONS", headers });
    }
    assert.equal(JSON.stringify(await asked.item()), before);
    assert.equal((await asked.package()).status, "PendingManualApproval");
    await asked.stop();
  });

  it("rejects by expiry, says so, and takes no decision after that", async () => {
    const asked = await bench.ask({ seconds: 3 });
    const link = await asked.link(ADA);
    await assertDecided(asked, "Rejected", "expiry");
    const late = await open(link, approve);
    assert.equal(late.status, 410, late.text);
    assert.match(late.text, /has expired[\s\S]*Too few answered/);
    const { metadata, status } = await asked.package();
    assert.equal(metadata["frugal:approved-by"], "expiry");
    assert.equal(
      metadata["frugal:packet-digest"],
      packetDigest(asked.packet),
      "the machine and the page mean the same packet",
    );
    assert.equal(status, "Rejected");
    assert.equal((await open(link)).status, 410);
  });

  it("reminds with a fresh link while the first stays good, and takes the decision by either", async () => {
    for (const which of [0, 1]) {
      const asked = await bench.ask({ seconds: 63, remindSeconds: 60 });
      await asked.link(ADA);
      const links = await linksOf(asked, ADA, 2);
      const mails = await bench.mails(asked.packet.submissionId);
      assert.match(mails.at(-1)?.subject ?? "", /^\[dev\] Reminder, (1 minute|0 minutes) left: Approve/);
      assert.equal((await open(links[which] ?? "", approve)).status, 200);
      await assertDecided(asked, "Approved", ADA);
    }
  });

  it("loses no decision that is made while the reminder replaces the task token", async () => {
    const pages: number[] = [];
    const decideAt = async (late: number): Promise<void> => {
      const asked = await bench.ask({ seconds: 63, remindSeconds: 60 });
      const link = await asked.link(ADA);
      const expiresAt = (await asked.item())?.expiresAt ?? 0;
      await new Promise((resolve) => setTimeout(resolve, (expiresAt - 60) * 1000 + late - Date.now()));
      pages.push((await open(link, approve)).status);
      await assertDecided(asked, "Approved", ADA);
      assert.equal((await asked.item())?.votes.length, 1);
    };
    // The expiry is kept in whole seconds, so the moment lies somewhere in this one.
    for (const lates of [
      [0, 200, 400],
      [600, 800, 1000],
    ])
      await Promise.all(lates.map(decideAt));
    assert.ok(
      pages.every((status) => status === 200 || status === 503),
      pages.join(),
    );
  });

  it("keeps a decision whose submission was stopped, and approves nothing by the page alone", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    await asked.stop();
    const page = await open(link, approve);
    assert.equal(page.status, 503, "nobody waits, but the clean-up may still come");
    assert.match(page.text, /is kept, but not handed on yet/);
    assert.equal((await asked.package()).status, "PendingManualApproval", "a page alone approves nothing");
  });
});
