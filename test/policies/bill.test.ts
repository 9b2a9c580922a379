/** What the project's own stages cost while nobody uses them. The limits are the ones that the policies hold them to. */
import assert from "node:assert/strict";
import { STAGE_SETTINGS } from "../../policies/stages.ts";
import { SETTINGS } from "../../policies/support/settings.ts";
import { bill } from "../../pricing/bill.ts";
import type { Billed } from "../../pricing/types.ts";
import { type Estate, runProgram, stageConfig } from "../components/estate.ts";

const billOf = (estate: Estate) =>
  bill(
    estate.resources.map(
      ({ type, name, inputs }): Billed => ({
        urn: `urn:pulumi:stage::frugal::${type}::${name}`,
        type,
        props: inputs,
        region: "us-east-1",
      }),
    ),
  );

describe("the bill of the project's own stages", function () {
  this.timeout(60_000);

  for (const stage of ["dev", "prod"] as const) {
    const limit = STAGE_SETTINGS[stage].idleUsdPerMonth ?? SETTINGS.idleUsdPerMonth.default;

    it(`${stage} costs less than ${limit} USD a month while idle, and nothing of it is without a price`, async () => {
      const { totalIdle, unpriced, lines } = billOf(await runProgram(stage, stageConfig(stage)));
      assert.deepEqual(unpriced, []);
      const dear = lines.filter((line) => line.idleUsdPerMonth > 0).map(({ urn, what }) => `${urn}: ${what}`);
      assert.ok(totalIdle < limit, `${totalIdle} USD: ${dear.join("; ")}`);
      // Nothing stands for the hour: no machine, no gateway, no capacity kept ready.
      assert.deepEqual(
        lines.filter((line) => line.byTime),
        [],
      );
    });
  }

  it("dev is promised for less than a dollar", () => {
    assert.equal(STAGE_SETTINGS.dev.idleUsdPerMonth, 1);
  });
});
