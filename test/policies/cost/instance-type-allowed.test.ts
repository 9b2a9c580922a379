import assert from "node:assert/strict";
import rule from "../../../policies/cost/instance-type-allowed.ts";
import { MACHINES } from "../../../policies/support/machines.ts";
import { broken, compliant, compliantOf, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const LIST = "one of ml.t3.medium, ml.t3.large, ml.m5.large, ml.m5.xlarge, ml.c5.large and ml.c5.xlarge";
const TAKE = "Take one of these, or add the type to the stage's list.";
const OWNED = "Use a type without accelerator, or let its owner be written into the list, with a last day.";
const FEWER = "Use fewer, or raise the stage's limit.";

/** A resource of `type` with nothing but `value` at `path`, and the path as messages spell it. */
function only(type: string, path: string, value: unknown): [Resource, string] {
  const props = path.split(".").reduceRight<unknown>((inner, segment) => {
    const key = segment.replace("[]", "");
    return { [key]: segment.endsWith("[]") ? [inner] : inner };
  }, value) as Record<string, unknown>;
  return [{ type, name: "x", props }, path.replaceAll("[]", "[0]")];
}

describe("instance-type-allowed", () => {
  for (const [type, paths] of Object.entries(MACHINES)) {
    it(`${type}: each place where machines are named`, async () => {
      for (const path of paths) {
        const isCount = path.endsWith("Count");
        const isElastic = path.includes("acceleratorType");
        const [resource, at] = only(type, path, isCount ? 5 : "ml.r5.24xlarge");
        const [shown, limit, check, fix] = isCount
          ? ["5", "4 or less", "count", FEWER]
          : isElastic
            ? ['"ml.r5.24xlarge"', "absent", "elastic", "Remove it; use an instance type that has the accelerator."]
            : ['"ml.r5.24xlarge"', LIST, "type", TAKE];
        violates(
          await analyze(rule, resource),
          `instance-type-allowed/${check}: ${at} is ${shown}, must be ${limit}. ${fix}`,
        );
        const [later] = only(type, path, UNKNOWN);
        notes(
          await analyze(rule, later),
          `instance-type-allowed/waits: ${at} is not known yet, must be ${limit}. ${LATER}`,
        );
        if (!isElastic) violates(await analyze(rule, only(type, path, isCount ? 4 : "ml.m5.large")[0]));
      }
      assert.ok(compliantOf(type).length > 0);
    });
  }

  for (const provider of PROVIDERS) {
    const notebook = compliant(provider, "notebook");
    const typed = (type: unknown) => broken(notebook, "instanceType", type);

    it(`${provider}: accelerated types need an owner and a day`, async () => {
      for (const type of ["ml.p4d.24xlarge", "ml.g5.xlarge", "ml.inf2.xlarge", "ml.trn1.2xlarge"]) {
        const text = `instance-type-allowed/accelerated: instanceType is "${type}", must be a type with an owner and a last day in acceleratedTypes. ${OWNED}`;
        violates(await analyze(rule, typed(type)), text);
        // The plain list cannot let one in.
        violates(await analyze(rule, typed(type), { config: { instanceTypes: [type] } }), text);
        const entry = (expires: string) => ({ config: { acceleratedTypes: [{ type, owner: "vision", expires }] } });
        violates(await analyze(rule, typed(type), entry("2099-01-01")));
        violates(await analyze(rule, typed("ml.t3.medium"), entry("2020-01-01")));
        const others = { config: { acceleratedTypes: [{ type: "ml.p3.2xlarge", owner: "x", expires: "2099-01-01" }] } };
        violates(await analyze(rule, typed(type), others), text);
        violates(await analyze(rule, typed(type), entry(new Date().toISOString().slice(0, 10))));
        for (const day of ["2020-01-01", "never"]) {
          violates(
            await analyze(rule, typed(type), entry(day)),
            `instance-type-allowed/expired: instanceType is "${type}", must be used until its last day, ${day} (owner vision). ${OWNED}`,
          );
        }
      }
    });

    it(`${provider}: the lists are settings, and a type is matched whole`, async () => {
      violates(
        await analyze(rule, notebook, { config: { instanceTypes: ["ml.m5.large"] } }),
        `instance-type-allowed/type: instanceType is "ml.t3.medium", must be ml.m5.large. ${TAKE}`,
      );
      for (const [type, shown] of [
        ["ml.t3.medium2", '"ml.t3.medium2"'],
        ["ML.T3.MEDIUM", '"ML.T3.MEDIUM"'],
        ["ml.xg5.large", '"ml.xg5.large"'],
        ["", "empty"],
        [3, "3"],
      ] as const) {
        violates(
          await analyze(rule, typed(type)),
          `instance-type-allowed/type: instanceType is ${shown}, must be ${LIST}. ${TAKE}`,
        );
      }
      // The prefix is SageMaker's; a list may leave it out.
      const accelerated = "must be a type with an owner and a last day in acceleratedTypes";
      violates(
        await analyze(rule, typed("g5.xlarge")),
        `instance-type-allowed/accelerated: instanceType is "g5.xlarge", ${accelerated}. ${OWNED}`,
      );
      // Studio's own machine is not billed.
      violates(await analyze(rule, typed("system")));
      const config = compliant(provider, "instanceConfig");
      violates(
        await analyze(rule, config, { config: { maxInstances: 1 } }),
        ...["productionVariants[0]", "productionVariants[1]", "shadowProductionVariants[0]"].map(
          (at) => `instance-type-allowed/count: ${at}.initialInstanceCount is 2, must be 1 or less. ${FEWER}`,
        ),
      );
    });

    it(`${provider}: one note or fault where a whole list is hidden or malformed`, async () => {
      const config = compliant(provider, "endpointConfig");
      notes(
        await analyze(rule, broken(config, "productionVariants", UNKNOWN)),
        `instance-type-allowed/waits: productionVariants is not known yet, must be ${LIST}. ${LATER}`,
      );
      violates(
        await analyze(rule, broken(config, "productionVariants", 7)),
        `instance-type-allowed/type: productionVariants is 7, must be ${LIST}. ${TAKE}`,
      );
    });
  }
});
