/** Histograms and the distance between two of them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cumulatedShare, missingShare, numericShares, shift } from "../../../contracts/distribution.ts";
import { type Column, HISTOGRAM_BUCKETS, histogramEdges } from "../../../contracts/statistics.ts";

/** Statistics of a list of numbers, as the publication makes them with SQL. */
function column(numbers: readonly number[], missing = 0): Column {
  const sorted = [...numbers].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (const number of sorted) counts.set(number, (counts.get(number) ?? 0) + 1);
  const base = { name: "x", type: "number", count: numbers.length, missing, distinct: counts.size } as const;
  if (counts.size <= HISTOGRAM_BUCKETS) {
    return { ...base, values: [...counts].map(([value, count]) => ({ value, count })) };
  }
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] ?? 0;
  const edges = histogramEdges(
    Array.from({ length: HISTOGRAM_BUCKETS + 1 }, (_, n) => quantile(n / HISTOGRAM_BUCKETS)),
  );
  const inBucket = edges.slice(1).map((edge, n) => sorted.filter((x) => x > (edges[n] ?? 0) && x <= edge).length);
  return { ...base, histogram: { edges, counts: inBucket } };
}

/** Repeatable, about uniform between 0 and 1. */
function uniform(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

const numbers = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 60, maxLength: 400 });

describe("contracts/statistics: histogram edges", () => {
  it("rise strictly, and hold every value between the first and the last", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const made = column(list);
        if (!made.histogram) return;
        const { edges, counts } = made.histogram;
        assert.ok(edges.every((edge, n) => n === 0 || edge > (edges[n - 1] ?? Number.POSITIVE_INFINITY)));
        assert.equal(counts.length, edges.length - 1);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          list.length,
        );
      }),
    );
  });

  it("give a frequent value a narrow bucket of its own", () => {
    const list = [...Array.from({ length: 400 }, () => 0.3), ...uniform(600)];
    const { edges = [], counts = [] } = column(list).histogram ?? {};
    const at = edges.findIndex((edge) => edge >= 0.3);
    assert.ok((edges[at] ?? 0) - (edges[at - 1] ?? 0) < 1e-5);
    assert.ok((counts[at - 1] ?? 0) >= 400);
  });

  it("are few digits for ordinary numbers", () => {
    for (const edge of column(uniform(1000)).histogram?.edges ?? []) assert.ok(String(edge).length <= 12, String(edge));
  });

  it("are none for a column with one value", () => {
    assert.deepEqual(histogramEdges([3, 3, 3]), []);
    assert.deepEqual(histogramEdges([]), []);
  });
});

describe("contracts/distribution", () => {
  it("finds nothing between a column and itself", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const found = shift(column(list), column(list));
        assert.ok(found && Math.abs(found.psi) < 1e-9 && found.ks === 0 && found.missing === 0);
      }),
    );
  });

  it("finds next to nothing between two samples of one population", () => {
    const found = shift(column(uniform(5000, 1)), column(uniform(5000, 99)));
    assert.ok(found && found.psi < 0.02 && (found.ks ?? 1) < 0.05, JSON.stringify(found));
  });

  it("measures a known shift: a fifth of a uniform distribution moved out of it", () => {
    const before = uniform(10_000);
    const found = shift(column(before), column(before.map((x) => x + 0.2)));
    assert.ok(found && Math.abs((found.ks ?? 0) - 0.2) < 0.01, JSON.stringify(found));
    assert.ok((found?.psi ?? 0) > 0.25);
  });

  it("compares few values with many, at the values' steps", () => {
    const before = column(Array.from({ length: 1000 }, (_, n) => n % 2));
    const after = column([...Array.from({ length: 500 }, () => 0), ...uniform(500).map((x) => x * 1e-9 + 1)]);
    const found = shift(before, after);
    assert.ok(found && found.psi < 0.01, JSON.stringify(found));
  });

  it("is a cumulative share: from 0 to 1 and never falling", () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.double({ noNaN: true, min: -2e12, max: 2e12 })), (list, points) => {
        const shares = numericShares(column(list));
        assert.ok(shares);
        const found = [...points].sort((a, b) => a - b).map((x) => cumulatedShare(shares, x));
        assert.ok(found.every((y, n) => y >= -1e-12 && y <= 1 + 1e-12 && y >= (found[n - 1] ?? 0) - 1e-12));
        assert.equal(cumulatedShare(shares, -3e12), 0);
        assert.ok(Math.abs(cumulatedShare(shares, 3e12) - 1) < 1e-9);
      }),
    );
  });

  it("compares texts by value, by hand", () => {
    const texts = (counts: Record<string, number>): Column => ({
      name: "x",
      type: "string",
      count: Object.values(counts).reduce((sum, count) => sum + count, 0),
      missing: 0,
      distinct: Object.keys(counts).length,
      values: Object.entries(counts).map(([value, count]) => ({ value, count })),
    });
    const found = shift(texts({ a: 50, b: 50 }), texts({ a: 80, b: 20 }));
    const byHand = 0.3 * Math.log(0.8 / 0.5) + -0.3 * Math.log(0.2 / 0.5);
    assert.ok(found && Math.abs(found.psi - byHand) < 1e-12);
    assert.equal(found?.ks, undefined);
    assert.ok(
      (shift(texts({ a: 50, b: 50 }), texts({ a: 50, c: 50 }))?.psi ?? 0) > 1,
      "a value that vanished is large",
    );
  });

  it("says nothing about a column without a distribution", () => {
    const date: Column = {
      name: "d",
      type: "date",
      count: 3,
      missing: 0,
      distinct: 3,
      min: "2026-01-01",
      max: "2026-01-03",
    };
    assert.equal(shift(date, date), undefined);
    assert.equal(shift(date, column(uniform(100))), undefined);
  });

  it("tells the change of missing values as a share", () => {
    assert.equal(missingShare({ count: 75, missing: 25 }), 0.25);
    assert.equal(missingShare({ count: 0, missing: 0 }), 0);
    assert.equal(shift(column(uniform(100)), column(uniform(100), 100))?.missing, 0.5);
  });
});
