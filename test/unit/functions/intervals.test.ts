/** Intervals: their arithmetic, and that they hold the true figure as often as they say. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EvaluationRules, MetricName } from "../../../contracts/evaluation.ts";
import { measure } from "../../../functions/evaluate/measure.ts";
import {
  differenceInterval,
  meanInterval,
  positiveInterval,
  scaleInterval,
  scoreInterval,
  shareInterval,
  zOf,
} from "../../../functions/shared/intervals.ts";
import {
  binaryRules,
  multiclassRules,
  normal,
  random,
  regressionRules,
  rowsFrom,
} from "../../functions/support/evaluations.ts";

const z = zOf(0.95);
const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

describe("functions/shared intervals", () => {
  it("take the quantiles of the normal distribution", () => {
    // scipy.stats.norm.ppf of (1 + confidence) / 2.
    near(zOf(0.5), 0.6744897501960817);
    near(zOf(0.8), 1.2815515655446004);
    near(zOf(0.95), 1.959963984540054);
    near(zOf(0.99), 2.5758293035489004);
    near(zOf(0.999999), 4.891638475699412, 1e-9);
  });

  it("give Wilson's interval of a share", () => {
    // scipy.stats.binomtest(15, 20).proportion_ci(method="wilson")
    const { low, high, standardError } = shareInterval(15 / 20, 20, z);
    near(low, 0.531299122381256);
    near(high, 0.8881374, 1e-6);
    near(standardError, Math.sqrt((0.75 * 0.25) / 20));
  });

  it("are not empty where all or none are right, nor where there is nothing", () => {
    const all = shareInterval(1, 30, z);
    assert.equal(all.high, 1);
    near(all.low, 30 / (30 + z * z));
    assert.ok(all.standardError > 0);
    assert.deepEqual(shareInterval(0, 0, z), { low: 0, high: 1, standardError: 1 / (2 * z) });
  });

  it("take no figure for surer than if each row were a trial", () => {
    const tight = scoreInterval(0.999, 1e-6, 100, z);
    assert.deepEqual(tight, shareInterval(0.999, 100, z));
    assert.deepEqual(scoreInterval(1, 0, 100, z), shareInterval(1, 100, z));
    near(scoreInterval(0.8, 0.05, 100, z).standardError, 0.05);
  });

  it("combine: a mean's and a difference's are narrower than the sum of their parts", () => {
    const a = { value: 0.9, interval: { low: 0.8, high: 0.95, standardError: 0.04 } };
    const b = { value: 0.7, interval: { low: 0.67, high: 0.74, standardError: 0.03 } };
    const difference = differenceInterval(a, b);
    near(difference.low, 0.2 - Math.hypot(0.1, 0.04));
    near(difference.high, 0.2 + Math.hypot(0.05, 0.03));
    near(difference.standardError, 0.05);
    near(meanInterval([a, b]).low, 0.8 - Math.hypot(0.1, 0.03) / 2);
    near(scaleInterval(a.value, a.interval, 2).low, 0.7);
  });

  it("hold the value and stay in range, whatever it is", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, fc.double({ min: 0, max: 1e9, noNaN: true }), share, (value, trials, error) => {
        for (const interval of [shareInterval(value, trials, z), scoreInterval(value, error, trials, z)]) {
          assert.ok(0 <= interval.low && interval.low <= value && value <= interval.high && interval.high <= 1);
          assert.ok(interval.standardError >= 0);
        }
        const { low, high } = positiveInterval(value, error, z);
        assert.ok(0 <= low && low <= value && value <= high && Number.isFinite(high));
      }),
    );
  });

  it("grow with the confidence, and shrink with the trials", () => {
    const width = (trials: number, confidence: number) => {
      const { low, high } = shareInterval(0.8, trials, zOf(confidence));
      return high - low;
    };
    assert.ok(width(100, 0.9) < width(100, 0.95) && width(100, 0.95) < width(100, 0.99));
    assert.ok(width(1000, 0.95) < width(100, 0.95));
  });
});

/**
 * How often the interval of a test's figure holds the true one, which is the figure of very many rows. The bounds are wide
 * enough for 500 tests of a right interval at 0.95 (four standard errors are 0.04), and too narrow for a wrong one.
 */
describe("functions/evaluate intervals hold the truth as often as they say", function () {
  this.timeout(60_000);
  const tests = 500;
  const count = 171;
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  type Row = (uniform: () => number) => [label: number, answer: number | number[]];
  const score =
    (share: number, gap: number): Row =>
    (uniform) => {
      const label = uniform() < share ? 1 : 0;
      return [label, sigmoid(gap * (label - 0.5) + normal(uniform))];
    };
  const threeClasses: Row = (uniform) => {
    const label = Math.min(2, Math.floor(3.5 * uniform() ** 1.5));
    const scores = [0, 1, 2].map((at) => Math.exp((at === label ? 2 : 0) + normal(uniform)));
    const all = scores.reduce((sum, one) => sum + one, 0);
    return [label, scores.map((one) => one / all)];
  };
  const line: Row = (uniform) => {
    const x = normal(uniform);
    return [x + 0.5 * normal(uniform), x];
  };
  const models: [what: string, rules: EvaluationRules, row: Row, least: number][] = [
    ["a middling binary classifier", binaryRules, score(0.37, 1.5), 0.91],
    ["a good binary classifier", binaryRules, score(0.37, 3), 0.91],
    ["a rare class", binaryRules, score(0.1, 2), 0.87],
    ["three classes of different size", multiclassRules, threeClasses, 0.91],
    ["a regression", regressionRules, line, 0.91],
  ];
  for (const [what, rules, row, least] of models) {
    it(what, () => {
      const draw = (seed: number, rows: number) => {
        const uniform = random(seed);
        const drawn = Array.from({ length: rows }, () => row(uniform));
        return rowsFrom(
          rules,
          drawn.map(([label]) => String(label)),
          drawn.map(([, answer]) => String(answer)),
        );
      };
      const truth = measure(draw(1, 300_000), z).metrics;
      const held: Partial<Record<string, number>> = {};
      for (let test = 0; test < tests; test++) {
        for (const [name, { low, high }] of Object.entries(measure(draw(test + 2, count), z).intervals)) {
          const value = truth[name as MetricName] ?? Number.NaN;
          held[name] = (held[name] ?? 0) + (low <= value && value <= high ? 1 : 0);
        }
      }
      assert.equal(Object.keys(held).length, Object.keys(truth).length);
      for (const [name, times = 0] of Object.entries(held)) {
        const share = times / tests;
        assert.ok(
          share >= least && share <= 0.995,
          `${name}: ${share} of the intervals hold ${truth[name as MetricName]}`,
        );
      }
    });
  }
});
