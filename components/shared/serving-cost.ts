/** What serving a candidate would cost as the stage is configured; the approver sees it beside the figures. */
import type { ServingCost } from "../../contracts/submission.ts";
import type { Flow, StageSettings } from "./settings.ts";

/**
 * A serverless endpoint costs nothing while nobody asks; a stage that serves nothing never costs anything. No price is
 * known for any region yet, so what a request costs is left out.
 */
export function servingCost(
  flow: Flow,
  serving: Pick<StageSettings["serving"], "memoryMb" | "maxConcurrency">,
  region: string,
): ServingCost {
  if (flow === "none") return { kind: "none", idleUsdPerMonth: 0, region };
  const { memoryMb, maxConcurrency } = serving;
  return { kind: "serverless", memoryMb, maxConcurrency, idleUsdPerMonth: 0, region };
}
