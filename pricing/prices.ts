/**
 * The price table. One line an item; each with where the price was read, when the source said it, and how sure that is.
 * How to bring it up to date stands in docs/COSTS.md. An item that is not here has no price, which the bill says.
 */
import type { Confidence, Price, Unit } from "./types.ts";

/** The day on which the whole table was last compared with its sources. */
export const AS_OF = "2026-11-23";

const LIST = "AWS bulk price list";
const PAGE = "AWS pricing page";
const API = "AWS Pricing API and Price List";
const RECORDED = "Infracost's recorded estimates for us-east-1";
const ANALOGY = "by analogy";

type Row = readonly [
  item: string,
  usd: number,
  per: number,
  unit: Unit,
  source: string,
  dated: string,
  sure: Confidence,
];

const M = 1_000_000;
const hours = (type: string, usd: number, uses: readonly string[], source: string, dated: string, sure: Confidence) =>
  uses.map((use): Row => [`sagemaker.${use}.${type}`, usd, 1, "hour", source, dated, sure]);

const US_EAST_1: readonly Row[] = [
  // SageMaker machines, by what they are used for.
  ...hours("ml.t3.medium", 0.05, ["notebook", "studio", "processing"], LIST, "2026-09", "H"),
  ...hours("ml.t3.large", 0.1, ["notebook", "studio", "processing"], LIST, "2026-09", "H"),
  ...hours("ml.m5.large", 0.115, ["hosting", "processing"], `${API}, SKU JMCWJEAPVJNFJ5P4`, "2026-08-11", "H"),
  ...hours("ml.m5.large", 0.115, ["training"], API, "2026-07-30", "H"),
  ...hours("ml.m5.large", 0.115, ["transform"], `${ANALOGY} with hosting, processing and training`, "2026-08-11", "L"),
  ...hours("ml.c5.xlarge", 0.204, ["hosting", "processing", "training"], "several secondary tables", "2026", "M"),
  ...hours("ml.m5.xlarge", 0.23, ["notebook", "processing", "training"], LIST, "2026-09", "H"),
  ...hours("ml.g4dn.xlarge", 0.736, ["notebook", "processing", "training"], LIST, "2026-09", "H"),
  ...hours("ml.g4dn.xlarge", 0.7364, ["studio"], LIST, "2026-09", "H"),
  ...hours("ml.g4dn.xlarge", 0.736, ["hosting"], "secondary tables", "2026-09", "M"),
  ...hours("ml.g5.xlarge", 1.408, ["training"], LIST, "2026-09", "H"),
  ["sagemaker.storage.notebook", 0.14, 1, "GB-month", "AWS Price List", "2026-10-01", "H"],
  ["sagemaker.storage.hosting", 0.14, 1, "GB-month", "secondary tables", "2026-10-01", "M"],
  ["sagemaker.storage.training", 0.14, 1, "GB-month", "secondary tables", "2026-10-01", "M"],
  ["sagemaker.storage.processing", 0.1, 1, "GB-month", `${ANALOGY} with an eu-west-1 bill`, "2026", "L"],
  // Memory × time while a request runs: 3 GB is 0.00006 by SKU PUE6HBQ8KFHBUN5T.
  [
    "sagemaker.serverless.compute",
    0.00002,
    1,
    "GB-second",
    "AWS serverless benchmarking toolkit and Price List",
    "2026-09-01",
    "H",
  ],
  ["sagemaker.serverless.data", 0.016, 1, "GB", "AWS serverless benchmarking toolkit", "2023", "M"],

  // Functions, machines of states, events, requests.
  ["lambda.requests", 0.2, M, "piece", PAGE, "2026-09", "H"],
  ["lambda.compute.x86", 0.0000166667, 1, "GB-second", PAGE, "2026-09", "H"],
  ["lambda.compute.arm", 0.0000133334, 1, "GB-second", PAGE, "2026-09", "H"],
  ["lambda.tmp", 0.0000000309, 1, "GB-second", RECORDED, "2026-08-21", "M"],
  ["states.transitions", 0.025, 1_000, "piece", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["states.express.requests", 1, M, "piece", RECORDED, "2026-08-21", "M"],
  ["states.express.compute", 0.060012, 1, "GB-hour", RECORDED, "2026-08-21", "M"],
  ["events.custom", 1, M, "piece", `${RECORDED}; an article`, "2026-03", "H"],
  ["events.archive.in", 0.1, 1, "GB", RECORDED, "2026-08-21", "M"],
  ["events.archive.kept", 0.023, 1, "GB-month", RECORDED, "2026-08-21", "M"],
  ["events.pipes", 0.4, M, "piece", RECORDED, "2026-08-21", "M"],
  ["scheduler.invocations", 1, M, "piece", `${RECORDED}; an article`, "2026-03", "M"],
  ["api.http.requests", 1, M, "piece", `${RECORDED}; AWS whitepaper`, "2026-08-21", "H"],
  ["api.websocket.messages", 1, M, "piece", RECORDED, "2026-08-21", "M"],
  ["sns.requests", 0.5, M, "piece", RECORDED, "2026-08-21", "M"],
  ["sns.email", 2, 100_000, "piece", RECORDED, "2026-08-21", "M"],
  ["sqs.requests", 0.4, M, "piece", RECORDED, "2026-08-21", "M"],
  ["sqs.fifo.requests", 0.5, M, "piece", RECORDED, "2026-08-21", "M"],
  ["ses.emails", 0.16, 1_000, "piece", "AWS Price List", "2026-07-22", "H"],

  // What is kept.
  ["s3.storage", 0.023, 1, "GB-month", LIST, "2026-09", "H"],
  ["s3.writes", 0.005, 1_000, "piece", LIST, "2026-09", "H"],
  ["s3.reads", 0.0004, 1_000, "piece", LIST, "2026-09", "H"],
  ["internet.out", 0.09, 1, "GB", "secondary tables", "2026", "M"],
  ["dynamodb.writes", 0.625, M, "piece", RECORDED, "2026-08-21", "M"],
  ["dynamodb.reads", 0.125, M, "piece", RECORDED, "2026-08-21", "M"],
  ["dynamodb.write-capacity", 0.00065, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["dynamodb.read-capacity", 0.00013, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["dynamodb.storage", 0.25, 1, "GB-month", RECORDED, "2026-08-21", "M"],
  ["dynamodb.recovery", 0.2, 1, "GB-month", RECORDED, "2026-08-21", "M"],
  ["ecr.storage", 0.1, 1, "GB-month", RECORDED, "2026-08-21", "M"],
  ["ssm.parameter.advanced", 0.05, 1, "month", RECORDED, "2026-08-21", "M"],
  ["secrets.secret", 0.4, 1, "month", RECORDED, "2026-08-21", "M"],
  ["secrets.calls", 0.05, 10_000, "piece", RECORDED, "2026-08-21", "M"],
  ["kms.key", 1, 1, "month", RECORDED, "2026-08-21", "M"],
  ["kms.requests", 0.03, 10_000, "piece", RECORDED, "2026-08-21", "M"],
  ["kms.requests.asymmetric", 0.15, 10_000, "piece", RECORDED, "2026-08-21", "M"],

  // What watches.
  ["logs.in", 0.5, 1, "GB", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["logs.kept", 0.03, 1, "GB-month", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["logs.queried", 0.005, 1, "GB", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["cloudwatch.metric", 0.3, 1, "month", `${API}; ${RECORDED}`, "2026-07-30", "H"],
  ["cloudwatch.alarm", 0.1, 1, "month", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["cloudwatch.alarm.fast", 0.3, 1, "month", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["cloudwatch.alarm.composite", 0.5, 1, "month", "c3x.dev and other secondary tables", "2026", "M"],
  ["cloudwatch.dashboard", 3, 1, "month", `${RECORDED}; ${PAGE}`, "2026-08-21", "H"],
  ["xray.recorded", 5, M, "piece", PAGE, "2026", "H"],
  ["budgets.action-day", 0.1, 1, "day", "AWS Price List and page", "2026", "H"],

  // Networks.
  ["network.nat", 0.045, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["network.nat.data", 0.045, 1, "GB", RECORDED, "2026-08-21", "M"],
  ["network.endpoint", 0.01, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["network.endpoint.data", 0.01, 1, "GB", RECORDED, "2026-08-21", "M"],
  ["network.balancer.application", 0.0225, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["network.balancer.network", 0.0225, 1, "hour", RECORDED, "2026-08-21", "M"],
  ["network.balancer.classic", 0.025, 1, "hour", RECORDED, "2026-08-21", "M"],
];

export const PRICES: readonly Price[] = US_EAST_1.map(([item, usd, per, unit, source, dated, confidence]) => ({
  item,
  region: "us-east-1",
  usd,
  per,
  unit,
  source,
  dated,
  confidence,
}));
