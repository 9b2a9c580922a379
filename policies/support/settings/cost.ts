/** Settings of the cost rules. */
import type { Price, Unit, Usage } from "../../../pricing/types.ts";
import { choice, decimal, type Setting, texts, whole } from "./shapes.ts";

/** An accelerated instance type that somebody answers for. */
export interface AcceleratedType {
  readonly type: string;
  readonly owner: string;
  /** Its last day, as YYYY-MM-DD. */
  readonly expires: string;
}

const acceleratedTypes: Setting<readonly AcceleratedType[]> = {
  description: "Instance types with an accelerator that may be used, each with its owner and last day.",
  default: [],
  schema: {
    type: "array",
    items: {
      type: "object",
      properties: {
        type: { type: "string", minLength: 1 },
        owner: { type: "string", minLength: 1 },
        expires: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
      },
      required: ["type", "owner", "expires"],
    },
  },
};

const UNITS = [
  ...["hour", "day", "month", "second", "GB", "GB-month", "GB-second", "GB-hour", "piece"],
] as const satisfies readonly Unit[];

/** A price of one's own: from an agreement with AWS, or of something that the table does not have. */
const ownPrices: Setting<readonly Price[]> = {
  description:
    "Prices beside or in place of the price table's: item as messages name it, region, US dollars for `per` units, where it stands and since when.",
  default: [],
  schema: {
    type: "array",
    items: {
      type: "object",
      properties: {
        item: { type: "string", minLength: 1 },
        region: { type: "string", pattern: "^[a-z]{2}(-[a-z]+)+-[0-9]$" },
        usd: { type: "number", minimum: 0 },
        per: { type: "number", minimum: 1 },
        unit: { type: "string", enum: UNITS },
        source: { type: "string", minLength: 1 },
        dated: { type: "string", pattern: "^[0-9]{4}(-[0-9]{2}){0,2}$" },
        confidence: { type: "string", enum: ["H", "M", "L"] },
      },
      required: ["item", "region", "usd", "per", "unit", "source", "dated", "confidence"],
    },
  },
};

/** What is used in a month, so that the bill is more than its idle part. */
const declaredUsage: Setting<readonly Usage[]> = {
  description:
    "Use in a month: of a resource by its name and meter (`on`, `meter`), or of an item of the price table (`item`, `region`). What is not declared counts as none.",
  default: [],
  schema: {
    type: "array",
    items: {
      type: "object",
      properties: {
        on: { type: "string", minLength: 1 },
        meter: { type: "string", minLength: 1 },
        item: { type: "string", minLength: 1 },
        region: { type: "string", minLength: 1 },
        perMonth: { type: "number", minimum: 0 },
      },
      required: ["perMonth"],
    },
  },
};

const idleMarker: Setting<string> = {
  description: "What the start script of a notebook says in a line of its own when it installs the idle stopper.",
  default: "frugal-idle-stop",
  schema: { type: "string", minLength: 1 },
};

export const costSettings = {
  serverlessMemoryMb: whole("Megabytes of memory that a serverless variant has at most.", 4096, 1024, 6144),
  serverlessConcurrency: whole("Requests at once that a serverless variant serves at most.", 20, 1, 200),
  provisionedConcurrency: choice(
    "Whether serverless variants may have provisioned concurrency, which bills by the hour: refuse or allow.",
    "allow",
    "refuse",
  ),
  instanceTypes: texts(
    "Instance types without accelerator that may be used.",
    ["ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge"],
    { minItems: 1 },
  ),
  acceleratedTypes,
  maxInstances: whole("Machines that one variant, job or group has at most.", 4, 1),
  limitUsdPerMonth: decimal("US dollars under which the bill of a month stays, with the declared usage.", 100, 0),
  idleUsdPerMonth: decimal("US dollars under which the bill of a month stays in which nobody does anything.", 20, 0),
  declaredUsage,
  ownPrices,
  hourlyReason: choice(
    "Whether what is paid by the hour must carry a tag that says why and until when: optional or demand.",
    "optional",
    "demand",
  ),
  budgets: texts("Budgets that watch this stage and are kept outside its program.", []),
  budgetAction: choice("Whether a budget must also act, by denying new jobs and endpoints.", "optional", "demand"),
  jobSeconds: whole("Seconds that a job may run at most.", 14_400, 60),
  transformSeconds: whole("Seconds that a state machine waits for a batch transform at most.", 14_400, 60),
  spotSeconds: whole("Seconds of running time above which training uses spare capacity; 0: never asked for.", 0, 0),
  warmEndpoints: texts("Asynchronous endpoints that are kept warm, which the bill then holds.", []),
  idleMinutes: whole("Minutes without work after which a notebook or an app is stopped at the latest.", 120, 60),
  idleMarker,
  idleVersion: whole("Version of the idle stopper at least.", 1, 1),
  lifecycles: texts("Lifecycle configurations outside this program that are known to stop idle notebooks.", []),
} as const;
