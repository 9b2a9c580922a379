/** The gate at its boundaries. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { GateRules } from "../../../contracts/tasks.ts";
import { championValue, decideGate } from "../../../functions/gate/decide.ts";
import { evaluation, packageArn } from "../../functions/support/samples.ts";

const rules: GateRules = { metric: "rocAuc", minimum: 0.9, minimumGain: 0, minimumSamples: 100 };
const candidate = (rocAuc: number, sampleSize = 171) => ({
  ...evaluation,
  sampleSize,
  metrics: { ...evaluation.metrics, rocAuc },
});
const champion = (value: string) => ({
  modelPackageArn: packageArn,
  metadata: { "frugal:metric-name": "rocAuc", "frugal:metric-value": value },
});
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

describe("functions/gate decide", () => {
  it("lets a candidate pass exactly at each threshold", () => {
    assert.equal(decideGate(rules, candidate(0.9, 100)).passed, true);
    assert.equal(decideGate({ ...rules, minimumGain: 0.1 }, candidate(0.9), champion("0.8")).passed, true);
    assert.equal(decideGate(rules, candidate(0.95), champion("0.95")).passed, true);
    assert.equal(decideGate({ ...rules, minimumGain: -0.01 }, candidate(0.94), champion("0.95")).passed, true);
  });

  it("stops one just below each threshold", () => {
    assert.equal(decideGate(rules, candidate(0.8999999, 100)).passed, false);
    assert.equal(decideGate(rules, candidate(0.9, 99)).passed, false);
    assert.equal(decideGate({ ...rules, minimumGain: 0.1 }, candidate(0.8999999), champion("0.8")).passed, false);
    assert.equal(
      decideGate({ ...rules, minimum: 0, minimumGain: -0.01 }, candidate(0.9399), champion("0.95")).passed,
      false,
    );
  });

  it("lists every reason", () => {
    const { reasons } = decideGate({ ...rules, minimumGain: 0.05 }, candidate(0.8, 10), champion("0.95"));
    assert.deepEqual(reasons, [
      "The test has 10 rows: at least 100 are asked for.",
      "rocAuc is 0.8: at least 0.9 is asked for.",
      "rocAuc is 0.8 where the champion has 0.95: a gain of at least 0.05 is asked for.",
    ]);
  });

  it("passes if and only if there is no reason, and tells the margin", () => {
    const gain = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fraction,
        fraction,
        fc.option(fraction, { nil: undefined }),
        gain,
        fc.nat(500),
        (value, minimum, before, minimumGain, rows) => {
          const verdict = decideGate(
            { ...rules, minimum, minimumGain },
            candidate(value, rows + 1),
            before === undefined ? undefined : champion(String(before)),
          );
          assert.equal(verdict.passed, verdict.reasons.length === 0);
          assert.equal(verdict.candidate, value);
          assert.equal(verdict.margin, before === undefined ? undefined : value - before);
          if (value >= minimum && rows + 1 >= 100 && (before === undefined || value - before >= minimumGain)) {
            assert.equal(verdict.passed, true);
          }
        },
      ),
    );
  });

  it("never passes by a champion whose record cannot be read", () => {
    for (const value of ["", " ", "NaN", "Infinity", "high"]) {
      assert.equal(championValue(champion(value), "rocAuc"), undefined);
      assert.equal(decideGate(rules, candidate(1), champion(value)).passed, false);
    }
    assert.equal(decideGate(rules, candidate(1), { modelPackageArn: packageArn, metadata: {} }).passed, false);
  });
});
