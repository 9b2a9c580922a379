/** Attacks on an approval that needs two people, on the emulators with the real page, functions, roles and states. */
import assert from "node:assert/strict";
import { open } from "../../../local/walkthrough/browser.ts";
import { ApprovalBench } from "./bench.ts";
import { ADA, approve, JOAN, linksOf, MARY, reject } from "./people.ts";

describe("attacks on an approval that needs two", function () {
  this.timeout(60_000);
  let bench: ApprovalBench;
  before(async () => {
    bench = await ApprovalBench.open(2);
  });
  after(() => bench?.close());

  it("one person alone does not make two, by no link of theirs", async () => {
    const asked = await bench.ask({ seconds: 66, remindSeconds: 60 });
    const link = await asked.link(ADA);
    const pages = await Promise.all([open(link, approve), open(link, approve), open(link, approve)]);
    assert.deepEqual(pages.map(({ status }) => status).sort(), [200, 409, 409]);
    // The reminder goes only to those who have not answered.
    const joans = await linksOf(asked, JOAN, 2);
    assert.deepEqual([(await asked.links())[ADA]?.length, joans.length], [1, 2]);
    assert.equal((await open(link, approve)).status, 409);
    assert.equal((await asked.item())?.decision, undefined, "the reminder keeps the answer and waits for the other");
    assert.equal((await asked.package()).status, "PendingManualApproval");
    assert.equal((await open(joans[0] ?? "", approve)).status, 200);
    assert.equal((await asked.ended()).status, "SUCCEEDED");
    const { status, metadata, description } = await asked.package();
    assert.equal(status, "Approved");
    assert.equal(metadata["frugal:approved-by"], `${ADA} ${JOAN}`);
    assert.match(description ?? "", /^ada@example\.com approved: .* joan@example\.com approved: /);
  });

  it("three at the same moment: every answer that counts is kept once, one decision stands", async () => {
    for (let round = 0; round < 3; round++) {
      const asked = await bench.ask();
      const links = await Promise.all([ADA, JOAN, MARY].map((person) => asked.link(person)));
      const pages = await Promise.all(links.map((link) => open(link, approve)));
      assert.deepEqual(pages.map(({ status }) => status).sort(), [200, 200, 409]);
      assert.equal((await asked.ended()).status, "SUCCEEDED");
      const item = await asked.item();
      assert.equal(item?.votes.length, 2);
      assert.equal(
        (await asked.package()).metadata["frugal:approved-by"],
        item?.votes.map(({ approver }) => approver).join(" "),
      );
    }
  });

  it("a rejection beside approvals at the same moment: one decision stands, everywhere the same", async () => {
    for (let round = 0; round < 3; round++) {
      const asked = await bench.ask();
      const links = await Promise.all([ADA, JOAN, MARY].map((person) => asked.link(person)));
      await Promise.all(links.map((link, at) => open(link, at === 1 ? reject : approve)));
      assert.equal((await asked.ended()).status, "SUCCEEDED");
      assert.equal((await asked.package()).status, (await asked.item())?.decision?.decision);
    }
  });
});
