/** The whole roster over the compliant fixtures: no finding at all, and other families are left alone. */
import assert from "node:assert/strict";
import { rules } from "../../policies/index.ts";
import { allCompliant, PROVIDERS } from "./support/fixtures.ts";
import { analyze, analyzeStack, type Finding, UNKNOWN } from "./support/harness.ts";
import { against, double, trueRegistry } from "./support/registry.ts";

/** A family that no rule judges. */
const FOREIGN = { native: "aws-native:ecr:Repository", classic: "aws:ecr/repository:Repository" } as const;

describe("compliant fixtures", () => {
  for (const rule of rules) {
    for (const provider of PROVIDERS) {
      it(`${rule.meta.id} has nothing to say about ${provider} resources that comply`, async () => {
        await against(trueRegistry(), async () => {
          const found: Finding[] = [];
          for (const resource of allCompliant(provider)) found.push(...(await analyze(rule, resource)));
          found.push(...(await analyzeStack(rule, allCompliant(provider))));
          assert.deepEqual(found, []);
        });
      });
    }

    it(`${rule.meta.id} leaves other families alone, whatever they hold`, async () => {
      const registry = double({});
      await against(registry, async () => {
        for (const provider of PROVIDERS) {
          const other = {
            type: FOREIGN[provider],
            name: "other",
            props: { policy: UNKNOWN, tags: 7, acl: "public-read" },
          };
          assert.deepEqual(await analyze(rule, other), []);
          assert.deepEqual(await analyzeStack(rule, [other]), []);
        }
        assert.deepEqual(registry.asked, []);
      });
    });
  }

  it("every type that a rule judges has a fixture, so that none is judged untested", () => {
    const fixtures = new Set(PROVIDERS.flatMap((provider) => allCompliant(provider)).map((resource) => resource.type));
    const judged = rules.flatMap(({ meta }) => [...meta.judges.resource, ...meta.judges.stack]);
    // A website configuration has no compliant form: it is what the rule forbids.
    const without = [...new Set(judged)].filter(
      (type) => !fixtures.has(type) && !type.includes("WebsiteConfiguration"),
    );
    assert.deepEqual(without, []);
  });
});
