/** A serverless variant has a limit on memory and on requests at once, and nothing of it is paid by the hour unasked. */
import { demand, rowPaths, rows, within } from "../support/demand.ts";
import { ENDPOINT_CONFIG, tokensOf } from "../support/families.ts";
import { numberOf } from "../support/read.ts";
import { reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";

type Check = "memory" | "concurrency" | "provisioned" | "shape";

const FIELDS = [
  "serverlessConfig",
  "serverlessConfig.memorySizeInMb",
  "serverlessConfig.maxConcurrency",
  "serverlessConfig.provisionedConcurrency",
] as const;
const LISTS = ["productionVariants", "shadowProductionVariants"] as const;

export default rule({
  id: "serverless-capped",
  group: "cost",
  severity: "medium",
  what: "A serverless variant has more memory, or serves more requests at once, than the stage allows.",
  why: "Concurrency is the only brake on a serverless endpoint's bill, and provisioned concurrency bills by the hour.",
  fix: "Lower the numbers, or raise the stage's limit in the pack's configuration, where it is reviewed.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    memory: "The memory is above the stage's limit.",
    concurrency: "The requests at once are above the stage's limit.",
    provisioned: "Provisioned concurrency where the stage has none, or more of it than requests at once.",
    shape: "The variants or their serverless settings cannot be read.",
  } satisfies Record<Check, string>,
  settings: ["serverlessMemoryMb", "serverlessConcurrency", "provisionedConcurrency"],
  resource: {
    reads: reads(tokensOf(ENDPOINT_CONFIG), ...LISTS.flatMap((list) => rowPaths(list, FIELDS))),
    judge(subject, { settings, report }) {
      const fix = "Lower it, or raise the stage's limit.";
      for (const variants of LISTS.map((list) => rows(subject, list, FIELDS))) {
        for (const reading of variants.unseen) {
          const written = "Write the variants out.";
          demand(reading, { check: "shape", limit: "a list of variants", fix: written }, report);
        }
        for (const { at } of variants.rows) {
          const serverless = at.serverlessConfig;
          if (serverless.state === "absent") continue;
          if (serverless.state === "unknown") {
            report.waits(serverless.path, "within the stage's limits, or absent");
            continue;
          }
          const memory = at["serverlessConfig.memorySizeInMb"];
          if (memory.state === "malformed") {
            const limit = "an object of serverless settings";
            report.fault({
              check: "shape",
              path: serverless.path,
              value: show(memory.value),
              limit,
              fix: "Correct it.",
            });
            continue;
          }
          const most = settings.serverlessMemoryMb;
          demand(memory, { check: "memory", limit: `${most} or less`, fix, holds: within(1, most) }, report);
          const atOnce = at["serverlessConfig.maxConcurrency"];
          const cap = settings.serverlessConcurrency;
          demand(atOnce, { check: "concurrency", limit: `${cap} or less`, fix, holds: within(1, cap) }, report);

          const ready = at["serverlessConfig.provisionedConcurrency"];
          const isRefused = settings.provisionedConcurrency === "refuse";
          const ceiling = numberOf(atOnce) ?? cap;
          demand(
            ready,
            {
              check: "provisioned",
              limit: isRefused ? "absent" : `${ceiling} or less, the requests at once`,
              fix: isRefused ? "Leave it out: it bills by the hour." : "Lower it; more is paid for and never used.",
              ...(isRefused ? {} : { holds: within(1, ceiling) }),
              optional: true,
            },
            report,
          );
        }
      }
    },
  },
});
