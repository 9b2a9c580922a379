/** Events in every order, repeated, late, cut off in the middle: one graph. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeHandler } from "../../../functions/record-lineage/record.ts";
import { eventOf } from "./events.ts";
import { batchArn, endpointArn, jobArn, packageArn, scope, type Twice, version, World } from "./world.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const recorder = (world: World) => makeHandler(world, world, scope, silent);

/** A job's start and end, a batch test, a package's registration and approval, an endpoint, with one more repetition. */
const events = [jobArn, jobArn, batchArn, packageArn, packageArn, endpointArn];

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length < 2) {
    yield [...items];
    return;
  }
  for (const [index, item] of items.entries())
    for (const rest of permutations([...items.slice(0, index), ...items.slice(index + 1)])) yield [item, ...rest];
}

async function recorded(world: World, order: readonly string[]): Promise<string[]> {
  const handler = recorder(world);
  for (const arn of order) await handler(eventOf(arn));
  return world.graph();
}

const wanted = `
action #approval
artifact artefact
artifact dataset
artifact package
context endpoint
context run
job batch
job training
`.trim();

describe("lineage recorder: one graph", () => {
  for (const twice of ["same", "error"] as Twice[]) {
    it(`whatever the order of ${events.length} events, each delivered twice (CreateArtifact twice: ${twice})`, async () => {
      const first = await recorded(new World(twice).everything(), [...events, ...events]);
      assert.equal(first.filter((line) => !line.includes("--")).length, wanted.split("\n").length);
      assert.equal(first.filter((line) => line.includes("-->")).length, 10);
      let orders = 0;
      for (const order of permutations(events)) {
        orders += 1;
        const again = [...order, ...[...order].reverse()];
        assert.deepEqual(await recorded(new World(twice).everything(), again), first, order.join());
      }
      assert.equal(orders, 720);
    });

    it(`joins what SageMaker made before, and makes nothing beside it (${twice})`, async () => {
      const world = new World(twice).everything();
      for (const make of Object.values(world.automatic)) make();
      const before = world.graph().filter((line) => !line.includes("-->"));
      const after = (await recorded(world, events)).filter((line) => !line.includes("-->"));
      // Their job, package, model artefact and endpoint were joined; new are dataset, run, batch job and our approval.
      assert.equal(after.length, before.length + 4);
      for (const [uri, kind] of [
        [jobArn, "job"],
        [packageArn, "artifact"],
        [endpointArn, "context"],
      ] as const)
        assert.equal(world.entity(uri, kind).length, 1, uri);
    });
  }

  it("is the same when SageMaker's own entities come late, the truth moves on, and events come in any order", async () => {
    const final = new World().everything();
    for (const make of Object.values(final.automatic)) make();
    const expected = await recorded(final, events);
    const happenings = ["startJob", "endJob", "runBatch", "register", "approve", "deploy"] as const;
    const made = ["job", "package", "endpoint"] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Twice>("same", "error"),
        fc.array(fc.constantFrom(...events), { maxLength: 12 }),
        fc.shuffledSubarray([...made], { minLength: 3 }),
        fc.array(fc.nat({ max: 25 }), { minLength: 3, maxLength: 3 }),
        fc.shuffledSubarray([...events], { minLength: 6 }),
        async (twice, early, automatics, times, late) => {
          const world = new World(twice);
          const handler = recorder(world);
          const pending = [...happenings];
          for (const [at, arn] of early.entries()) {
            const next = pending.shift();
            if (next) world[next]();
            for (const [n, name] of automatics.entries()) if (times[n] === at) world.automatic[name]();
            // An early event may be about something that is not there yet.
            await handler(eventOf(arn));
          }
          for (const next of pending) world[next]();
          for (const name of automatics) world.automatic[name]();
          for (const arn of late) await handler(eventOf(arn));
          assert.deepEqual(world.graph(), expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is the same after being cut off at any write, and retried", async () => {
    const expected = await recorded(new World().everything(), events);
    for (let patience = 0; ; patience += 1) {
      const world = new World("error").everything();
      const handler = recorder(world);
      world.patience = patience;
      let cut = false;
      for (const arn of events) {
        await handler(eventOf(arn)).catch((error: Error) => {
          assert.equal(error.name, "ThrottlingException");
          cut = true;
        });
      }
      world.patience = Number.POSITIVE_INFINITY;
      for (const arn of [...events].reverse()) await handler(eventOf(arn));
      assert.deepEqual(world.graph(), expected, `cut off after ${patience} writes`);
      if (!cut) break;
      assert.ok(patience < 100);
    }
  });

  it("is the same after being cut off while ours is merged into SageMaker's", async () => {
    const final = new World().everything();
    for (const make of Object.values(final.automatic)) make();
    const expected = await recorded(final, events);
    for (let patience = 0, cut = true; cut; patience += 1) {
      const world = new World("error").everything();
      await recorded(world, events);
      for (const make of Object.values(world.automatic)) make();
      world.patience = patience;
      cut = false;
      const handler = recorder(world);
      for (const arn of events) await handler(eventOf(arn)).catch(() => (cut = true));
      world.patience = Number.POSITIVE_INFINITY;
      for (const arn of events) await handler(eventOf(arn));
      assert.deepEqual(world.graph(), expected, `cut off after ${patience} writes`);
    }
  });

  it("follows a dataset version to those that it was made from, and ends where one is its own ancestor", async () => {
    const raw = `raw@sha256:${"1".repeat(64)}`;
    const older = `older@sha256:${"2".repeat(64)}`;
    const parents: Record<string, string[]> = { [version]: [raw, older], [raw]: [older], [older]: [] };
    const world: World & { parentsOf?: unknown } = new World().everything();
    world.parentsOf = async ({ version: child }: { version: string }) => parents[child] ?? [];
    const derived = (await recorded(world, events)).filter((line) => line.includes("--DerivedFrom-->"));
    assert.equal(derived.length, 3);
    assert.ok(
      derived.every((line) => /datasets\/(raw|older)\/.*--> artifact s3:\/\/data\/datasets\/(churn|raw)\//.test(line)),
    );
    parents[older] = [raw];
    const circle: World & { parentsOf?: unknown } = new World().everything();
    circle.parentsOf = async ({ version: child }: { version: string }) => (parents[child] ?? []).slice(0, 1);
    assert.equal((await recorded(circle, events)).filter((line) => line.includes("--DerivedFrom-->")).length, 3);
  });

  it("asks little when there is nothing to do: one question an entity and one an association, two for a job", async () => {
    const world = new World().everything();
    await recorded(world, events);
    world.calls = 0;
    const answer = await recorder(world)(eventOf(endpointArn));
    assert.equal(answer.changes, 0);
    // 7 entities (run, dataset, job, artefact, package, approval, endpoint), 7 associations.
    assert.equal(world.calls, 14);
  });
});
