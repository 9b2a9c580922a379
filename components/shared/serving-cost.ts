/** What serving a candidate would cost as the stage is configured; the approver sees it beside the figures. */
import type { ServingCost } from "../../contracts/submission.ts";
import { HOURS, priceTable, usdPerUnit } from "../../pricing/table.ts";
import type { Flow, StageSettings } from "./settings.ts";

/** Assumed, and said so: a tabular model answers a request of a few rows in less. */
const SECONDS_PER_REQUEST = 0.1;
const MILLION = 1_000_000;

/**
 * A serverless endpoint costs nothing while nobody asks; then memory × time, by the price table. A region without a price gets
 * no sum. What goes in and out (0.016 USD a GB) is left out: it is not known how long a request is.
 */
export function servingCost(
  flow: Flow,
  serving: Pick<StageSettings["serving"], "memoryMb" | "maxConcurrency">,
  region: string,
): ServingCost {
  if (flow === "none") return { kind: "none", idleUsdPerMonth: 0, region };
  const { memoryMb, maxConcurrency } = serving;
  const cost: ServingCost = { kind: "serverless", memoryMb, maxConcurrency, idleUsdPerMonth: 0, region };
  const table = priceTable();
  const price = table.find(region, "sagemaker.serverless.compute");
  if (!price) return cost;
  const usdPerSecond = (memoryMb / 1024) * usdPerUnit(price);
  return {
    ...cost,
    usdPerMillionRequests: cents(usdPerSecond * SECONDS_PER_REQUEST * MILLION),
    secondsPerRequest: SECONDS_PER_REQUEST,
    ceilingUsdPerMonth: cents(usdPerSecond * maxConcurrency * HOURS * 3600),
    pricesOf: table.asOf,
  };
}

/** Whole cents: the packet's text must not depend on arithmetic's last digits. */
const cents = (usd: number): number => Math.round(usd * 100) / 100;
