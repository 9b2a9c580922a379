/** What an approver is told of the price of serving. */
import assert from "node:assert/strict";
import { servingCost } from "../../components/shared/serving-cost.ts";
import { AS_OF } from "../../pricing/prices.ts";

describe("serving cost", () => {
  it("is memory and time by the price table, and its ceiling every slot busy all the month", () => {
    // 2 GB × 0.00002 USD a second: 0.1 s a request, a million of them; two slots for 730 hours.
    assert.deepEqual(servingCost("artefact", { memoryMb: 2048, maxConcurrency: 2 }, "us-east-1"), {
      kind: "serverless",
      memoryMb: 2048,
      maxConcurrency: 2,
      idleUsdPerMonth: 0,
      region: "us-east-1",
      usdPerMillionRequests: 4,
      secondsPerRequest: 0.1,
      ceilingUsdPerMonth: 210.24,
      pricesOf: AS_OF,
    });
  });

  it("has no sum where there is no price, and nothing where nothing is served", () => {
    const settings = { memoryMb: 1024, maxConcurrency: 1 };
    const { usdPerMillionRequests, ceilingUsdPerMonth, pricesOf } = servingCost("commit", settings, "eu-central-2");
    assert.deepEqual([usdPerMillionRequests, ceilingUsdPerMonth, pricesOf], [undefined, undefined, undefined]);
    assert.deepEqual(servingCost("none", settings, "us-east-1"), {
      kind: "none",
      idleUsdPerMonth: 0,
      region: "us-east-1",
    });
  });
});
