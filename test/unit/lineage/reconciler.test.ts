/** The reconciler: finds what no event brought, adds it, and says so; a rehearsal adds nothing. */
import assert from "node:assert/strict";
import { reconcile } from "../../../functions/reconcile-lineage/reconcile.ts";
import { makeHandler } from "../../../functions/reconcile-lineage/run.ts";
import type { Listing } from "../../../functions/reconcile-lineage/subjects.ts";
import { batchArn, endpointArn, jobArn, packageArn, scope, version, World } from "./world.ts";

async function* listed(...arns: string[]): AsyncGenerator<string> {
  yield* arns;
}
const all = [endpointArn, packageArn, jobArn, batchArn];
const repair = (world: World, dryRun = false, arns = all) =>
  reconcile(world, world, scope, listed(...arns), { dryRun });

describe("lineage reconciler", () => {
  it("records everything that no event brought, once", async () => {
    const world = new World().everything();
    const first = await repair(world);
    assert.deepEqual([first.looked, first.kept, first.failed, first.more], [4, 4, [], false]);
    assert.equal(first.changes.filter(({ what }) => what === "entity").length, 8);
    assert.equal(first.changes.filter(({ what }) => what === "association").length, 10);
    const again = await repair(world);
    assert.deepEqual(again.changes, []);
  });

  it("a rehearsal tells the same and changes nothing", async () => {
    const world = new World().everything();
    const told = await repair(world, true);
    assert.deepEqual(world.graph(), []);
    const done = await repair(world);
    const texts = (result: typeof told): string[] => result.changes.map(({ text }) => text).sort();
    assert.deepEqual(texts(told), texts(done));
  });

  it("mends a single association that was lost, and names it", async () => {
    const world = new World().everything();
    await repair(world);
    const before = world.graph();
    world.forget(packageArn, endpointArn);
    const { changes } = await repair(world);
    assert.deepEqual(changes, [
      {
        subject: endpointArn,
        what: "association",
        text: `model-package ${packageArn} ContributedTo endpoint ${endpointArn}`,
      },
    ]);
    assert.deepEqual(world.graph(), before);
  });

  it("makes one of two when SageMaker's own entity came after ours", async () => {
    const world = new World().everything();
    await repair(world);
    world.automatic.job();
    const { changes } = await repair(world);
    assert.deepEqual(
      changes.map(({ what }) => what),
      ["doubled"],
    );
    assert.equal(world.entity(jobArn, "job").length, 1);
    assert.ok(world.graph().some((line) => line.includes(version.slice(13, 40)) && line.includes(`job ${jobArn}`)));
    assert.deepEqual((await repair(world)).changes, []);
  });

  it("looks at each shared entity once a run", async () => {
    const world = new World().everything();
    await repair(world);
    world.calls = 0;
    await repair(
      world,
      false,
      Array.from({ length: 50 }, () => packageArn),
    );
    // 6 entities and 5 associations for the first, none for the other 49.
    assert.equal(world.calls, 11);
  });

  it("goes on after a subject that cannot be read, and tells it", async () => {
    const world = new World().everything();
    world.modelPackage = async () => {
      throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    };
    const { failed, kept } = await repair(world);
    assert.deepEqual(failed, [
      { subject: endpointArn, because: "Rate exceeded" },
      { subject: packageArn, because: "Rate exceeded" },
    ]);
    assert.equal(kept, 2);
  });

  it("stops at its limit and says that there is more", async () => {
    const { looked, more } = await reconcile(new World(), new World(), scope, listed(...all), { limit: 2 });
    assert.deepEqual([looked, more], [2, true]);
  });

  it("the scheduled round looks two days back, and fails when something failed", async () => {
    const world = new World().everything();
    const lines: string[] = [];
    const log = { info: () => {}, warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    let asked: Listing | undefined;
    const list = (listing: Listing) => {
      asked = listing;
      return listed(...all);
    };
    const now = Date.parse("2026-03-03T00:00:00Z");
    const handler = makeHandler(world, world, list, { ...scope, groups: ["g"] }, log, () => now);
    assert.deepEqual(await handler({}), { looked: 4, kept: 4, changed: 18, failed: 0 });
    assert.equal(asked?.since?.toISOString(), "2026-03-01T00:00:00.000Z");
    assert.equal(lines.filter((line) => line === "lineage was missing").length, 18);
    world.tagsOf = async () => {
      throw new Error("denied");
    };
    await assert.rejects(handler({}), /2 of 4 subjects could not be reconciled; the first: .*training-job.*denied/);
    const inTime = { getRemainingTimeInMillis: () => 1000 };
    assert.equal((await handler({}, inTime)).looked, 0);
  });
});
