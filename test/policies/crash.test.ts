/** A rule never throws, never hangs and never aborts the run, whatever it is fed; and a crash is a violation. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { rules } from "../../policies/index.ts";
import { rule } from "../../policies/support/rule.ts";
import { compliant, compliantOf, leavesOf } from "./support/fixtures.ts";
import { analyze, analyzeStack, type Resource, UNKNOWNS } from "./support/harness.ts";
import { against, trueRegistry } from "./support/registry.ts";

const RUNS = 1_000;

/** Anything that can arrive over the wire, with the words that rules look for and every unknown among it. */
const words = [
  "Allow",
  "Statement",
  "*",
  "Action",
  "frugal:run",
  "arn:aws:iam::111122223333:role/x",
  '{"Statement":{}}',
  "__proto__",
  "constructor",
];
const leaf = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(...words, ...Object.values(UNKNOWNS)),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...words, "key", "value", "States", "Type"), fc.string({ maxLength: 8 })),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** A compliant resource in which some places hold anything: closer to the rules than pure noise. */
function nearly(types: readonly string[]): fc.Arbitrary<Resource> {
  const originals = types.flatMap(compliantOf);
  const bases: Resource[] = originals.length > 0 ? originals : types.map((type) => ({ type, name: "x", props: {} }));
  return fc.constantFrom(...bases).chain((base) => {
    const roots = Object.keys(base.props);
    const leaves = leavesOf(base.props);
    return fc
      .tuple(
        fc.subarray(roots),
        fc.subarray(leaves, { maxLength: 2 }),
        fc.array(anything, { minLength: 8, maxLength: 8 }),
      )
      .map(([tops, paths, values]) => {
        const copy = structuredClone(base);
        for (const [i, path] of paths.entries()) replace(copy.props, path, values[i]);
        for (const [i, key] of tops.slice(0, 4).entries()) copy.props[key] = values[4 + i];
        return copy;
      });
  });
}

function replace(props: Record<string, unknown>, path: string, value: unknown): void {
  const keys = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted ?? index ?? plain ?? "",
  );
  const last = keys.pop() ?? "";
  let at: unknown = props;
  for (const key of keys) at = (at as Record<string, unknown> | undefined)?.[key];
  if (typeof at === "object" && at !== null) (at as Record<string, unknown>)[last] = value;
}

describe("crash", function () {
  this.timeout(120_000);

  for (const { meta, ...one } of rules) {
    const judged = { meta, ...one };
    if (meta.judges.resource.length > 0) {
      it(`${meta.id}: ${RUNS} arbitrary resources, no throw and no crash`, async () => {
        await against(trueRegistry(), () =>
          fc.assert(
            fc.asyncProperty(nearly(meta.judges.resource), async (resource) => {
              const found = await analyze(judged, resource);
              const crash = found.find(({ text }) => text.includes("/crash:"));
              assert.equal(crash, undefined);
            }),
            { numRuns: RUNS },
          ),
        );
      });
    }
    if (meta.judges.stack.length > 0 || (meta.judges.whole && Object.keys(meta.reads.stack).length > 0)) {
      it(`${meta.id}: ${RUNS} arbitrary stacks, no throw and no crash`, async () => {
        const types = [...new Set([...meta.judges.stack, ...Object.keys(meta.reads.stack)])];
        await against(trueRegistry(), () =>
          fc.assert(
            fc.asyncProperty(fc.array(nearly(types), { maxLength: 4 }), async (resources) => {
              const named = resources.map((resource, i) => ({ ...resource, name: `r${i}` }));
              const found = await analyzeStack(judged, named);
              assert.equal(
                found.find(({ text }) => text.includes("/crash:")),
                undefined,
              );
            }),
            { numRuns: RUNS },
          ),
        );
      });
    }
  }

  const crashing = (severity: "high" | "critical") =>
    rule({
      id: "crash-test",
      group: "hygiene",
      severity,
      what: "What.",
      why: "Why.",
      fix: "Fix.",
      levels: { dev: "advisory", prod: "mandatory" },
      checks: { some: "Some." },
      resource: {
        reads: { "aws-native:s3:Bucket": ["bucketName"] },
        judge(subject) {
          subject.one("tags");
        },
      },
      stack: {
        types: ["aws-native:s3:Bucket"],
        reads: { "aws-native:s3:Bucket": ["bucketName"] },
        judge(node, { report }) {
          if (node.name === "bad") throw new Error("broken\nsecond line");
          report.fault({ check: "some", path: "bucketName", value: "x", limit: "y", fix: "Do it." });
        },
      },
    });

  it("reading a path that is not declared crashes, and a crash is a violation at the rule's level", async () => {
    const text =
      "crash-test/crash: the rule failed on this resource (reads tags of aws-native:s3:Bucket without declaring it), so it cannot be said to comply. Report this as a fault of the policy pack.";
    const bucket = compliant("native", "bucket");
    assert.deepEqual(await analyze(crashing("high"), bucket), [{ text, level: "mandatory", on: undefined }]);
    assert.deepEqual(await analyze(crashing("high"), bucket, { level: "advisory" }), [
      { text, level: "advisory", on: undefined },
    ]);
  });

  it("a critical rule's crash is mandatory even where the stage relaxes the rule", async () => {
    const [found] = await analyze(crashing("critical"), compliant("native", "bucket"), { level: "advisory" });
    assert.equal(found?.level, "mandatory");
  });

  it("a stack rule that crashes on one resource still judges the next", async () => {
    const bucket = compliant("native", "bucket");
    const found = await analyzeStack(crashing("high"), [
      { ...bucket, name: "bad" },
      { ...bucket, name: "good" },
    ]);
    assert.deepEqual(
      found.map(({ on, text }) => [on, text.split(":")[0]]),
      [
        ["bad", "crash-test/crash"],
        ["good", "crash-test/some"],
      ],
    );
  });
});
