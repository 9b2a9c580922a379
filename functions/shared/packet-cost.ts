/** What serving would cost, in words: only what the packet says, with its assumptions. No I/O. */
import type { ServingCost } from "../../contracts/submission.ts";
import { count, dollars } from "./numbers.ts";
import type { Fact } from "./packet-facts.ts";

export function servingCost(cost: ServingCost): Fact[] {
  if (cost.kind === "none") return [{ label: "Serving", value: "this stage serves nothing, so it costs nothing" }];
  const settings = [
    ...(cost.memoryMb === undefined ? [] : [`${count(cost.memoryMb)} MB`]),
    ...(cost.maxConcurrency === undefined ? [] : [`at most ${cost.maxConcurrency} at once`]),
  ].join(", ");
  const facts: Fact[] = [
    { label: "Serving", value: `serverless${settings === "" ? "" : `, ${settings}`}` },
    { label: "While nobody asks", value: `${dollars(cost.idleUsdPerMonth)} a month` },
  ];
  if (cost.pricesOf === undefined) {
    const value = `not calculated: no prices for ${cost.region} are on record`;
    return [...facts, { label: "When it is used", value }];
  }
  const assumed = cost.secondsPerRequest === undefined ? "" : `, if each takes ${cost.secondsPerRequest} s (assumed)`;
  if (cost.usdPerMillionRequests !== undefined) {
    facts.push({ label: "A million requests", value: `${dollars(cost.usdPerMillionRequests)}${assumed}` });
  }
  if (cost.ceilingUsdPerMonth !== undefined) {
    const value = `${dollars(cost.ceilingUsdPerMonth)}, if every slot were busy all the time`;
    facts.push({ label: "At most in a month", value });
  }
  facts.push({ label: "Prices", value: `list prices of ${cost.region}, ${cost.pricesOf}` });
  return facts;
}
