import rule from "../../../policies/reliability/variants-sound.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const SHARE = "Give each variant its share of the traffic.";
const MORE = "Run at least that many, so that one may fail or be replaced while the others serve.";
const ROUTER = "Use instances, or put a router in front that splits and captures.";
const END = "Say when the comparison ends; a shadow costs as much as what serves.";

describe("variants-sound", () => {
  for (const provider of PROVIDERS) {
    const instances = compliant(provider, "instanceConfig");
    const serverless = compliant(provider, "endpointConfig");
    const until = provider === "native" ? `tags[${(instances.props.tags as unknown[]).length - 1}]` : "tags";
    const untilKey = provider === "native" ? until : `${until}["frugal:shadow-until"]`;
    const untilValue = provider === "native" ? `${until}.value` : untilKey;

    it(`${provider}: weights`, async () => {
      for (const [value, shown] of [
        [-0.1, "-0.1"],
        ["1", '"1"'],
      ] as const) {
        for (const list of ["productionVariants", "shadowProductionVariants"]) {
          const path = `${list}[0].initialVariantWeight`;
          violates(
            await analyze(rule, broken(instances, path, value)),
            `variants-sound/weights: ${path} is ${shown}, must be a number of 0 or more. ${SHARE}`,
          );
        }
      }
      const weight = "productionVariants[0].initialVariantWeight";
      violates(
        await analyze(rule, broken(serverless, weight, 0)),
        `variants-sound/weights: ${weight} is 0, must be above 0 in sum. ${SHARE}`,
      );
      violates(
        await analyze(rule, broken(instances, weight, 0)),
        `variants-sound/weights: productionVariants is variants whose weights are all 0, must be above 0 in sum. ${SHARE}`,
      );
      violates(await analyze(rule, broken(serverless, weight, undefined)));
      // Who cannot be seen may take the traffic; where there is nobody, nothing is to be shared.
      violates(
        await analyze(rule, broken(broken(serverless, weight, 0), "productionVariants[1]", 7)),
        "variants-sound/shape: productionVariants[1] is 7, must be a list of variants. Write the variants out.",
      );
      violates(await analyze(rule, broken(serverless, "productionVariants", [])));
      notes(
        await analyze(rule, broken(instances, weight, UNKNOWN)),
        `variants-sound/waits: ${weight} is not known yet, must be a number of 0 or more. ${LATER}`,
      );
    });

    it(`${provider}: names`, async () => {
      for (const path of ["productionVariants[1].variantName", "shadowProductionVariants[0].variantName"]) {
        violates(
          await analyze(rule, broken(instances, path, "champion")),
          `variants-sound/names: ${path} is "champion", must be a name no other variant has. Give it a name of its own.`,
        );
        violates(await analyze(rule, broken(instances, path, undefined)));
        violates(
          await analyze(rule, broken(instances, path, 7)),
          `variants-sound/names: ${path} is 7, must be a name no other variant has. Give it a name of its own.`,
        );
      }
    });

    it(`${provider}: what AWS refuses beside a serverless variant`, async () => {
      const [one] = serverless.props.productionVariants as Record<string, unknown>[];
      violates(
        await analyze(rule, broken(serverless, "productionVariants", [one, { ...one, variantName: "b" }])),
        `variants-sound/single: productionVariants is 2 variants, must be the only variant of a serverless one. ${ROUTER}`,
      );
      const [machine] = instances.props.productionVariants as Record<string, unknown>[];
      violates(
        await analyze(rule, broken(serverless, "productionVariants", [one, { ...machine, variantName: "b" }])),
        `variants-sound/single: productionVariants is 2 variants, must be the only variant of a serverless one. ${ROUTER}`,
      );
      const dated = { ...serverless, props: { ...serverless.props, tags: instances.props.tags } };
      violates(
        await analyze(rule, broken(dated, "shadowProductionVariants", [{ ...one, variantName: "b" }])),
        `variants-sound/single: shadowProductionVariants is 1 of them, must be absent beside a serverless variant. ${ROUTER}`,
      );
      violates(
        await analyze(rule, broken(serverless, "dataCaptureConfig", { enableCapture: true })),
        `variants-sound/single: dataCaptureConfig is {"enableCapture":true}, must be absent beside a serverless variant. ${ROUTER}`,
      );
      notes(
        await analyze(rule, broken(serverless, "dataCaptureConfig", UNKNOWN)),
        `variants-sound/waits: dataCaptureConfig is not known yet, must be absent beside a serverless variant. ${LATER}`,
      );
      violates(await analyze(rule, broken(instances, "dataCaptureConfig", { enableCapture: true })));
    });

    it(`${provider}: too few instances`, async () => {
      const path = "productionVariants[0].initialInstanceCount";
      for (const [value, shown] of [
        [1, "1"],
        [undefined, "absent"],
        ["2", '"2"'],
      ] as const) {
        violates(
          await analyze(rule, broken(instances, path, value)),
          `variants-sound/redundant: ${path} is ${shown}, must be 2 or more. ${MORE}`,
        );
      }
      violates(await analyze(rule, broken(instances, path, 3)));
      violates(await analyze(rule, broken(instances, path, 1), { config: { minInstances: 1 } }));
      violates(await analyze(rule, broken(instances, path, undefined), { config: { minInstances: 1 } }));
      violates(await analyze(rule, broken(broken(instances, path, 1), "asyncInferenceConfig", {})));
      notes(
        await analyze(rule, broken(instances, "asyncInferenceConfig", UNKNOWN)),
        ...Array<string>(3).fill(
          `variants-sound/waits: asyncInferenceConfig is not known yet, must be there, or absent beside enough instances. ${LATER}`,
        ),
      );
      notes(
        await analyze(rule, broken(serverless, "productionVariants[0].serverlessConfig", UNKNOWN)),
        `variants-sound/waits: productionVariants[0].serverlessConfig is not known yet, must be there, or beside enough instances. ${LATER}`,
      );
    });

    it(`${provider}: managed scaling counts by its own minimum, unless it is off`, async () => {
      const scaling = "productionVariants[0].managedInstanceScaling";
      const one = broken(instances, "productionVariants[0].initialInstanceCount", 1);
      violates(await analyze(rule, broken(one, scaling, { status: "ENABLED", minInstanceCount: 2 })));
      violates(
        await analyze(rule, broken(instances, scaling, { status: "ENABLED", minInstanceCount: 1 })),
        `variants-sound/redundant: ${scaling}.minInstanceCount is 1, must be 2 or more. ${MORE}`,
      );
      violates(await analyze(rule, broken(instances, scaling, { status: "DISABLED", minInstanceCount: 1 })));
    });

    it(`${provider}: a shell into what serves`, async () => {
      for (const path of ["productionVariants[1].enableSsmAccess", "shadowProductionVariants[0].enableSsmAccess"]) {
        violates(
          await analyze(rule, broken(instances, path, true)),
          `variants-sound/ssm: ${path} is true, must be absent or false. Leave it out; read logs and captured data instead.`,
        );
        violates(await analyze(rule, broken(instances, path, false)));
        violates(await analyze(rule, broken(instances, path, true), { config: { ssmAccess: "allow" } }));
      }
    });

    it(`${provider}: a shadow variant without an end, or past it`, async () => {
      violates(
        await analyze(rule, broken(instances, untilKey, undefined)),
        `variants-sound/shadow: tags is without frugal:shadow-until, must be with frugal:shadow-until. ${END}`,
      );
      for (const day of ["2020-02-01", "soon", "2099-12-31T00:00:00Z", "+002099-12-31", "2099-12"]) {
        violates(
          await analyze(rule, broken(instances, untilValue, day)),
          `variants-sound/shadow: ${untilValue} is "${day}", must be a day to come, as YYYY-MM-DD. ${END}`,
        );
      }
      const today = new Date().toISOString().slice(0, 10);
      violates(await analyze(rule, broken(instances, untilValue, today)));
      notes(
        await analyze(rule, broken(instances, untilValue, UNKNOWN)),
        `variants-sound/waits: ${untilValue} is not known yet, must be a day to come, as YYYY-MM-DD. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(instances, "tags", UNKNOWN)),
        `variants-sound/waits: tags is not known yet, must be tags with frugal:shadow-until. ${LATER}`,
      );
    });

    it(`${provider}: variants of no shape, or not known yet`, async () => {
      violates(
        await analyze(rule, broken(serverless, "productionVariants", "x")),
        'variants-sound/shape: productionVariants is "x", must be a list of variants. Write the variants out.',
      );
      violates(
        await analyze(rule, broken(serverless, "productionVariants[0]", 7)),
        "variants-sound/shape: productionVariants[0] is 7, must be a list of variants. Write the variants out.",
      );
      notes(
        await analyze(rule, broken(serverless, "productionVariants", UNKNOWN)),
        `variants-sound/waits: productionVariants is not known yet, must be a list of variants. ${LATER}`,
      );
    });
  }
});
