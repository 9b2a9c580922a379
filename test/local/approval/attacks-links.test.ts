/** Attacks by links, on the emulators with the real page, functions, roles and states. */
import assert from "node:assert/strict";
import { packetDigest } from "../../../contracts/approvals.ts";
import { open, send } from "../../../local/walkthrough/browser.ts";
import { ApprovalBench } from "./bench.ts";
import { ADA, approve, assertDecided, assertUntouched, JOAN, linksOf, MARY, reject } from "./people.ts";

describe("attacks on an approval by links", function () {
  this.timeout(60_000);
  let bench: ApprovalBench;
  before(async () => {
    bench = await ApprovalBench.open();
  });
  after(() => bench?.close());

  it("replayed: a used link takes nothing more, nor does a colleague's", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    const others = await asked.link(JOAN);
    assert.equal((await open(link, approve)).status, 200);
    for (const again of [link, others])
      for (const form of [approve, reject]) {
        const page = await open(again, form);
        assert.equal(page.status, 409);
        assert.match(page.text, /Nothing was changed/);
      }
    await assertDecided(asked, "Approved", ADA);
    assert.equal((await asked.item())?.votes.length, 1);
  });

  it("changed: no token but the mailed one opens anything", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    const token = link.slice(-43);
    const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    const made = [
      flipped,
      token.toLowerCase(),
      token.slice(1),
      `${token}A`,
      `${token}%00`,
      "..%2f..",
      `${token}/x`,
      "%",
    ];
    for (const one of made) {
      const url = `${bench.url}/approvals/${one}`;
      assert.ok([400, 404].includes((await open(url)).status), one);
      assert.ok([400, 404].includes((await open(url, approve)).status), one);
    }
    await assertUntouched(asked);
    await asked.stop();
  });

  it("guessed from the table: what is kept opens nothing", async () => {
    const asked = await bench.ask();
    const token = (await asked.link(ADA)).slice(-43);
    const table = await bench.tableText();
    assert.equal(table.includes(token), false);
    const hash = /"pk":"link#(sha256:[0-9a-f]{64})"/.exec(table)?.[1] ?? "";
    assert.notEqual(hash, "");
    for (const guess of [hash, hash.slice(7, 50), Buffer.from(hash.slice(7), "hex").toString("base64url")])
      assert.equal((await open(`${bench.url}/approvals/${guess}`, approve)).status, 404);
    await assertUntouched(asked);
    await asked.stop();
  });

  it("forged: the form decides neither for whom, nor about what, nor when", async () => {
    const [asked, other] = await Promise.all([bench.ask(), bench.ask()]);
    const link = await asked.link(ADA);
    await other.link(ADA);
    const page = await open(link, {
      ...approve,
      approver: "mallory@example.com",
      decidedBy: "mallory@example.com",
      submissionId: other.packet.submissionId,
      packetDigest: packetDigest(other.packet),
      modelPackageArn: other.packageArn,
      decidedAt: "2000-01-01T00:00:00.000Z",
      via: "arn:aws:iam::111122223333:root",
    });
    assert.equal(page.status, 200);
    await assertDecided(asked, "Approved", ADA);
    const vote = (await asked.item())?.votes[0];
    assert.equal(vote?.via, "link");
    assert.ok(Date.now() - Date.parse(vote?.at ?? "") < 60_000);
    await assertUntouched(other);
    await other.stop();
  });

  it("malformed: other types, doubled fields, too much, or nothing", async () => {
    const asked = await bench.ask();
    const link = await asked.link(ADA);
    const form = "application/x-www-form-urlencoded";
    const bodies: [string, string | undefined][] = [
      ["application/json", JSON.stringify(approve)],
      ["text/plain", "decision=Approved&comment=x"],
      [
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="decision"\r\n\r\nApproved\r\n--b--',
      ],
      [form, "decision=Approved&decision=Rejected&comment=x"],
      [form, "decision=approved&comment=x"],
      [form, "decision=Approved"],
      [form, `decision=Approved&comment=${"x".repeat(1_001)}`],
      [form, `decision=Approved&comment=${"x".repeat(2_000_000)}`],
      [form, ""],
      [form, undefined],
    ];
    for (const [type, body] of bodies) {
      const page = await send(link, {
        method: "POST",
        headers: { "content-type": type },
        ...(body === undefined ? {} : { body }),
      });
      assert.equal(page.status, 400, `${type} ${body?.slice(0, 40)}`);
      assert.match(page.text, /Your decision was not taken/);
    }
    for (const method of ["PUT", "DELETE", "PATCH"]) assert.ok((await send(link, { method })).status >= 400, method);
    await assertUntouched(asked);
    await asked.stop();
  });

  it("of a package that is asked about anew: the old link is out of date", async () => {
    const submissionId = "sub-aaaaaaaaaaaaaaaaaaaa";
    const first = await bench.ask({}, { submissionId });
    const link = await first.link(ADA);
    await first.stop();
    const second = await bench.ask({}, { submissionId, note: "once more" });
    await linksOf(second, ADA, 2);
    const page = await open(link, approve);
    assert.equal(page.status, 410);
    assert.match(page.text, /out of date/);
    await assertUntouched(second);
    await second.stop();
  });

  it("at the same moment: exactly one answer stands", async () => {
    for (let round = 0; round < 3; round++) {
      const asked = await bench.ask();
      const links = await Promise.all([ADA, JOAN, MARY].map((person) => asked.link(person)));
      const pages = await Promise.all([
        ...links.map((link, at) => open(link, at % 2 === 0 ? approve : reject)),
        ...links.map((link, at) => open(link, at % 2 === 0 ? reject : approve)),
      ]);
      assert.ok(
        pages.every(({ status }) => status === 200 || status === 409),
        pages.map(({ status }) => status).join(),
      );
      const item = await asked.item();
      assert.equal(item?.votes.length, 1);
      await assertDecided(asked, item?.decision?.decision ?? "", item?.votes[0]?.approver ?? "");
    }
  });

  it("in the moment of the expiry: the page, the table and the package agree", async () => {
    for (const early of [150, 50, 0]) {
      const asked = await bench.ask({ seconds: 2 });
      const link = await asked.link(ADA);
      const item = await asked.item();
      await new Promise((resolve) => setTimeout(resolve, (item?.expiresAt ?? 0) * 1000 - Date.now() - early));
      const page = await open(link, approve);
      const end = await asked.ended();
      assert.equal(end.status, "SUCCEEDED", `${end.error} ${end.cause}`);
      const { status, metadata } = await asked.package();
      const kept = (await asked.item())?.decision;
      assert.equal(status, kept?.decision, "package and table");
      assert.equal(metadata["frugal:approved-by"], kept?.decidedBy);
      if (page.status === 410) assert.equal(kept?.decidedBy, "expiry");
      else assert.equal(kept?.decidedBy, ADA, `the page answered ${page.status}`);
    }
  });
});
