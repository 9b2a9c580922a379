/** The whole roster over the compliant fixtures: no finding at all, and other families are left alone. */
import assert from "node:assert/strict";
import { rules } from "../../policies/index.ts";
import { allCompliant, FIXTURES_CONFIG, PROVIDERS } from "./support/fixtures.ts";
import { analyze, analyzeStack, type Finding, type Resource, UNKNOWN } from "./support/harness.ts";
import { against, double, trueRegistry } from "./support/registry.ts";

/** A family that no rule judges, and that costs nothing. */
const FOREIGN = { native: "aws-native:xray:Group", classic: "aws:xray/group:Group" } as const;
/** For the rules on everything of AWS: something that is not AWS's. */
const ELSEWHERE = { native: "google-native:storage/v1:Bucket", classic: "random:index/randomId:RandomId" } as const;

/** What is deprecated is still judged, so it has fixtures: only the rule that says so is not asked about them. */
const isDeprecated = ({ type, props }: Resource): boolean =>
  type.includes("V2") || (type === "aws:s3/bucket:Bucket" && props.policy !== undefined);

/** What a rule refuses in whatever form has fixtures for the others, which it still concerns. */
const isRefused: Readonly<Record<string, (resource: Resource) => boolean>> = {
  "nothing-deprecated": isDeprecated,
  "iam-no-wildcard": ({ type }) => type === "aws-native:iam:User",
  "no-unpriced-hourly": ({ type }) => UNPRICED.test(type),
  "stage-monthly-bill": ({ type }) => UNPRICED.test(type),
};
/** What they make is not seen by the bill. */
const UNPRICED =
  /:cloudformation[:/]|:cloudcontrol\/|:ExtensionResource$|:InferenceExperiment$|:ssm[:/](?:document:)?Document$/;
/** Types without a compliant form: a rule is there to refuse them. */
const FORBIDDEN = /WebsiteConfiguration|aws:iam\/(?:user|accessKey|userLoginProfile):|:serverlessrepository\//;

describe("compliant fixtures", () => {
  for (const rule of rules) {
    for (const provider of PROVIDERS) {
      it(`${rule.meta.id} has nothing to say about ${provider} resources that comply`, async () => {
        await against(trueRegistry(), async () => {
          const found: Finding[] = [];
          const asked = allCompliant(provider).filter((resource) => !isRefused[rule.meta.id]?.(resource));
          for (const resource of asked) found.push(...(await analyze(rule, resource)));
          const config = FIXTURES_CONFIG[rule.meta.id] ?? {};
          found.push(...(await analyzeStack(rule, asked, { config })));
          assert.deepEqual(found, []);
        });
      });
    }

    it(`${rule.meta.id} leaves other families alone, whatever they hold`, async () => {
      const registry = double({});
      await against(registry, async () => {
        for (const provider of PROVIDERS) {
          const other = {
            type: (rule.meta.judges.every.length > 0 ? ELSEWHERE : FOREIGN)[provider],
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
    const without = [...new Set(judged)].filter((type) => !fixtures.has(type) && !FORBIDDEN.test(type));
    assert.deepEqual(without, []);
  });
});
