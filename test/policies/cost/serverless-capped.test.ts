import rule from "../../../policies/cost/serverless-capped.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const LOWER = "Lower it, or raise the stage's limit.";
const at = "productionVariants[0].serverlessConfig";

describe("serverless-capped", () => {
  for (const provider of PROVIDERS) {
    const config = compliant(provider, "endpointConfig");

    for (const [field, check, most] of [
      ["memorySizeInMb", "memory", 4096],
      ["maxConcurrency", "concurrency", 20],
    ] as const) {
      it(`${provider}: ${field} above its limit, absent or no number`, async () => {
        for (const [value, shown] of [
          [most + 1, String(most + 1)],
          [0, "0"],
          [undefined, "absent"],
          [String(most), `"${most}"`],
        ] as const) {
          violates(
            await analyze(rule, broken(config, `${at}.${field}`, value)),
            `serverless-capped/${check}: ${at}.${field} is ${shown}, must be ${most} or less. ${LOWER}`,
          );
        }
        violates(await analyze(rule, broken(config, `${at}.${field}`, most)));
        notes(
          await analyze(rule, broken(config, `${at}.${field}`, UNKNOWN)),
          `serverless-capped/waits: ${at}.${field} is not known yet, must be ${most} or less. ${LATER}`,
        );
      });
    }

    it(`${provider}: the limits are settings`, async () => {
      violates(
        await analyze(rule, config, { config: { serverlessMemoryMb: 1024, serverlessConcurrency: 4 } }),
        `serverless-capped/memory: ${at}.memorySizeInMb is 2048, must be 1024 or less. ${LOWER}`,
        `serverless-capped/concurrency: ${at}.maxConcurrency is 5, must be 4 or less. ${LOWER}`,
      );
    });

    it(`${provider}: provisioned concurrency, allowed up to the requests at once, or refused`, async () => {
      const path = `${at}.provisionedConcurrency`;
      violates(await analyze(rule, broken(config, path, 5)));
      violates(
        await analyze(rule, broken(config, path, 6)),
        `serverless-capped/provisioned: ${path} is 6, must be 5 or less, the requests at once. Lower it; more is paid for and never used.`,
      );
      violates(
        await analyze(rule, broken(config, path, 1), { config: { provisionedConcurrency: "refuse" } }),
        `serverless-capped/provisioned: ${path} is 1, must be absent. Leave it out: it bills by the hour.`,
      );
      notes(
        await analyze(rule, broken(config, path, UNKNOWN)),
        `serverless-capped/waits: ${path} is not known yet, must be 5 or less, the requests at once. ${LATER}`,
      );
    });

    it(`${provider}: a shadow variant is capped too, and one with instances is left alone`, async () => {
      const instances = compliant(provider, "instanceConfig");
      const path = "shadowProductionVariants[0].serverlessConfig";
      violates(
        await analyze(rule, broken(instances, path, { memorySizeInMb: 6144, maxConcurrency: 1 })),
        `serverless-capped/memory: ${path}.memorySizeInMb is 6144, must be 4096 or less. ${LOWER}`,
      );
      violates(await analyze(rule, instances));
    });

    it(`${provider}: what cannot be read`, async () => {
      violates(
        await analyze(rule, broken(config, at, 7)),
        `serverless-capped/shape: ${at} is 7, must be an object of serverless settings. Correct it.`,
      );
      violates(
        await analyze(rule, broken(config, "productionVariants", {})),
        "serverless-capped/shape: productionVariants is {}, must be a list of variants. Write the variants out.",
      );
      notes(
        await analyze(rule, broken(config, at, UNKNOWN)),
        `serverless-capped/waits: ${at} is not known yet, must be within the stage's limits, or absent. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(config, "productionVariants[0]", UNKNOWN)),
        `serverless-capped/waits: productionVariants[0] is not known yet, must be a list of variants. ${LATER}`,
      );
    });
  }
});
