/** The figures are scikit-learn's, to 1e-9, on the same files. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EvaluationRules } from "../../../contracts/evaluation.ts";
import { measure } from "../../../functions/evaluate/measure.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import {
  binaryRules,
  multiclassRules,
  normal,
  random,
  regressionRules,
  rowsFrom,
} from "../../functions/support/evaluations.ts";

interface Case {
  name: string;
  rules: EvaluationRules;
  classes: number;
  labels: number[];
  predictions: number[][];
}

const seeds = Array.from({ length: 6 }, (_, seed) => seed + 1);
const rowCounts = [2, 3, 7, 40, 171, 2500];

/** One row a place; the first `classes` labels are 0, 1, … so that every class is there. */
function make(
  name: string,
  rules: EvaluationRules,
  count: number,
  classes: number,
  row: (at: number) => [number, number[]],
) {
  const rows = Array.from({ length: count }, (_, at) => row(at));
  return { name, rules, classes, labels: rows.map(([label]) => label), predictions: rows.map(([, answer]) => answer) };
}

function binaryCases(seed: number, count: number): Case[] {
  const uniform = random(seed * 1000 + count);
  const label = (at: number, share: number) => (at < 2 ? at : uniform() < share ? 1 : 0);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const name = (what: string) => `binary-${what}-${seed}-${count}`;
  const of = (what: string, share: number, answer: (label: number) => number, rules = binaryRules) =>
    make(name(what), rules, count, 2, (at) => {
      const truth = label(at, share);
      return [truth, [answer(truth)]];
    });
  return [
    of("plain", 0.4, (truth) => sigmoid(2 * truth - 1 + 1.5 * normal(uniform))),
    of("threshold", 0.4, (truth) => sigmoid(2 * truth - 1 + normal(uniform)), { ...binaryRules, threshold: 0.8 }),
    of("ties", 0.5, (truth) => Math.round(4 * sigmoid(truth - 0.5 + normal(uniform))) / 4),
    of("rare", 0.02, (truth) => sigmoid(3 * truth - 4 + normal(uniform))),
    of("perfect", 0.5, (truth) => truth),
    of("wrong", 0.5, (truth) => 1 - truth),
    of("constant", 0.3, () => 0.3),
    of("certain", 0.5, (truth) => (uniform() < 0.9 ? truth : 1 - truth)),
  ];
}

function multiclassCases(seed: number, count: number): Case[] {
  const uniform = random(seed * 2000 + count);
  const classes = Math.min(count, 3 + (seed % 4));
  if (classes < 3) return [];
  const softmax = (scores: number[]) => {
    const all = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    return scores.map((score) => Math.exp(score) / all);
  };
  const name = (what: string) => `multiclass-${what}-${seed}-${count}`;
  const labelOf = (at: number, skew = 1) => (at < classes ? at : Math.floor(classes * uniform() ** skew));
  const answer = (truth: number, k = classes) =>
    softmax(Array.from({ length: k }, (_, at) => (at === truth ? 1.5 : 0) + normal(uniform)));
  const of = (what: string, row: (at: number) => [number, number[]]) =>
    make(name(what), multiclassRules, count, classes, row);
  const withTruth =
    (skew: number, said: (truth: number) => number[]) =>
    (at: number): [number, number[]] => {
      const truth = labelOf(at, skew);
      return [truth, said(truth)];
    };
  const oneHot = (truth: number) => Array.from({ length: classes }, (_, at) => (at === truth ? 1 : 0));
  return [
    of("plain", withTruth(1, answer)),
    of("skewed", withTruth(6, answer)),
    of("perfect", withTruth(1, oneHot)),
    of(
      "constant",
      withTruth(1, () => softmax(oneHot(1))),
    ),
    of(
      "equal",
      withTruth(1, () => Array.from({ length: classes }, () => 1 / classes)),
    ),
    of(
      "ties",
      withTruth(1, (truth) => (uniform() < 0.5 ? oneHot(truth) : softmax(oneHot((truth + 1) % classes)))),
    ),
    of("missing", (at) => {
      const truth = at < 2 ? at : Math.floor(2 * uniform());
      return [truth, answer(truth)];
    }),
    of(
      "classes",
      withTruth(1, (truth) => [uniform() < 0.7 ? truth : Math.floor(classes * uniform())]),
    ),
    of(
      "never",
      withTruth(1, (truth) => [truth === 0 ? 1 : truth]),
    ),
  ];
}

function regressionCases(seed: number, count: number): Case[] {
  const uniform = random(seed * 3000 + count);
  const name = (what: string) => `regression-${what}-${seed}-${count}`;
  const of = (what: string, row: () => [number, number[]]) => make(name(what), regressionRules, count, 0, row);
  const from = (truth: () => number, said: (truth: number) => number) => (): [number, number[]] => {
    const value = truth();
    return [value, [said(value)]];
  };
  return [
    of(
      "plain",
      from(
        () => normal(uniform),
        (value) => value + 0.5 * normal(uniform),
      ),
    ),
    of(
      "far",
      from(
        () => 1e6 + normal(uniform),
        (value) => value + 0.1 * normal(uniform),
      ),
    ),
    of(
      "worse",
      from(
        () => normal(uniform),
        (value) => -3 * value + 10,
      ),
    ),
    of(
      "perfect",
      from(
        () => normal(uniform),
        (value) => value,
      ),
    ),
    of(
      "constant",
      from(
        () => normal(uniform),
        () => 0.25,
      ),
    ),
    of(
      "flat",
      from(
        () => 2,
        (value) => value + uniform(),
      ),
    ),
    of(
      "flat-perfect",
      from(
        () => 2,
        (value) => value,
      ),
    ),
    of(
      "heavy",
      from(
        () => Math.exp(3 * normal(uniform)),
        (value) => value * Math.exp(normal(uniform)),
      ),
    ),
  ];
}

describe("evaluation agrees with scikit-learn", function () {
  this.timeout(180_000);
  const cases = seeds.flatMap((seed) =>
    rowCounts.flatMap((count) => [
      ...binaryCases(seed, count),
      ...multiclassCases(seed, count),
      ...regressionCases(seed, count),
    ]),
  );
  let folder: string;
  let theirs: Record<string, number>[];

  before(async () => {
    const { python } = await ensureVenv();
    folder = mkdtempSync(join(tmpdir(), "agreement-"));
    for (const { name, labels, predictions } of cases) {
      writeFileSync(join(folder, `${name}.labels.csv`), labels.map((label) => `${label}\n`).join(""));
      writeFileSync(join(folder, `${name}.predictions.csv`), predictions.map((row) => `${row.join(",")}\n`).join(""));
    }
    const list = cases.map(({ name, rules, classes }) => ({ name, classes, ...rules }));
    writeFileSync(join(folder, "cases.json"), JSON.stringify(list));
    const script = new URL("scikit_learn.py", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(python, [script, folder], { maxBuffer: 50_000_000 });
    theirs = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const problem of ["binary", "multiclass", "regression"] as const) {
    it(`${problem}: every metric of every file to 1e-9`, () => {
      let compared = 0;
      for (const [at, { name, rules, labels, predictions }] of cases.entries()) {
        if (rules.problem !== problem) continue;
        const lines = { labels: labels.map(String), predictions: predictions.map((row) => row.join(",")) };
        const { metrics, intervals } = measure(rowsFrom(rules, lines.labels, lines.predictions), 1.96);
        const expected = theirs[at] ?? {};
        assert.deepEqual(Object.keys(metrics).sort(), Object.keys(expected).sort(), name);
        for (const [metric, value] of Object.entries(metrics)) {
          const wanted = expected[metric] ?? Number.NaN;
          const tolerance = 1e-9 * Math.max(1, Math.abs(wanted));
          assert.ok(
            Math.abs(value - wanted) <= tolerance,
            `${name}: ${metric} is ${value}, scikit-learn says ${wanted}`,
          );
          compared++;
        }
        for (const [metric, { low, high, standardError }] of Object.entries(intervals)) {
          const value = metrics[metric as keyof typeof metrics] ?? Number.NaN;
          assert.ok(
            low <= value && value <= high && standardError >= 0,
            `${name}: ${metric} ${value} in ${low} to ${high}`,
          );
        }
      }
      assert.ok(compared > 500, `${compared} figures`);
    });
  }
});
