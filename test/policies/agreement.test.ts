/**
 * Where checkov or cdk-nag has the same demand, the same resources were put to that tool (agreement/record.ts), and its verdict
 * must be ours. Where it is not, the rule's file says why beside the id.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policies/index.ts";
import { type AgreementCase, CASES } from "./agreement/cases.ts";
import { caseDigest, type Recorded } from "./agreement/recorded.ts";
import { analyze, analyzeStack, type Resource } from "./support/harness.ts";
import { against, double } from "./support/registry.ts";

const recorded: Recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "fixtures", "policies", "agreement.json"), "utf8"),
);

/** Ids that cannot be put to their tool, with the reason; the rule's file says it too. */
const NOT_PUT: Readonly<Record<string, string>> = {
  "bucket-retained CKV_AWS_143": "reads an inline block that the pinned provider replaced by a resource of its own",
};

/** Outside ids with a case each; prowler, Security Hub and AWS Config judge accounts, not programs. */
const named = rules.flatMap(({ meta }) =>
  (meta.outside ?? [])
    .filter(({ source }) => source === "checkov" || source === "cdk-nag")
    .flatMap(({ ids, note }) => ids.map((id) => ({ rule: meta.id, id, note }))),
);

async function verdict({ rule: id }: AgreementCase, resources: readonly Resource[]): Promise<"pass" | "fail"> {
  const rule = rules.find(({ meta }) => meta.id === id);
  assert.ok(rule, id);
  const own = await Promise.all(resources.map((resource) => analyze(rule, resource)));
  const found = [...own.flat(), ...(await analyzeStack(rule, resources))];
  return found.some(({ text }) => !text.startsWith(`${id}/waits`)) ? "fail" : "pass";
}

describe("agreement with checkov and cdk-nag", () => {
  it("each id that a rule names has a case, and each case is named", () => {
    assert.deepEqual(
      CASES.map(({ rule, id }) => `${rule} ${id}`).sort(),
      named
        .map(({ rule, id }) => `${rule} ${id}`)
        .filter((name) => !(name in NOT_PUT))
        .sort(),
    );
  });

  for (const one of CASES) {
    it(`${one.rule}: ${one.id}`, async () => {
      const theirs = recorded.cases[one.id];
      assert.equal(theirs?.digest, caseDigest(one), "recorded for other resources: npm run policies:agreement");
      await against(double({}), async () => {
        assert.deepEqual([await verdict(one, one.good), await verdict(one, one.bad)], ["pass", "fail"], "our verdict");
      });
      const agrees = theirs?.good === "pass" && theirs.bad === "fail";
      const note = named.find(({ rule, id }) => rule === one.rule && id === one.id)?.note;
      assert.ok(
        agrees || note,
        `${one.tool} says ${theirs?.good} and ${theirs?.bad}: explain the difference in the rule`,
      );
    });
  }
});
