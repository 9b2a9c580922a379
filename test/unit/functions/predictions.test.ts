/** What a line of labels or predictions may be. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EvaluationRules } from "../../../contracts/evaluation.ts";
import { emptyColumn, metricFault, takePrediction } from "../../../functions/evaluate/predictions.ts";
import { binaryRules, multiclassRules, regressionRules, rowsFrom } from "../../functions/support/evaluations.ts";

function taken(problem: EvaluationRules["problem"], ...lines: string[]) {
  const column = emptyColumn();
  for (const line of lines) takePrediction(column, line, problem);
  return column.faultCount > 0 ? column.faults : [...column.values.take()];
}

describe("functions/evaluate predictions", () => {
  it("reads a binary model's answers", () => {
    assert.deepEqual(taken("binary", "0.25", " 1 ", "1e-3", "[0.5]", "0.25,0.75"), [0.25, 1, 0.001, 0.5, 0.75]);
    assert.deepEqual(taken("binary", '{"probability":0.4,"predicted_label":0}', '{"score": 0.3}'), [0.4, 0.3]);
    assert.deepEqual(taken("binary", '"[0.1, 0.9]"', '{"predictions":[{"score":0.7}]}'), [0.9, 0.7]);
  });

  it("refuses a binary answer that is no probability", () => {
    for (const line of [
      "",
      "yes",
      "1.01",
      "-0.1",
      "NaN",
      "Infinity",
      "1,0.93",
      "0.1,0.2,0.7",
      "[",
      "{}",
      "null",
      "[[]]",
    ]) {
      assert.match(String(taken("binary", line)), /^line 1 is ".*", not a probability, 0 to 1$/, line);
    }
  });

  it("reads a multiclass model's answers, probabilities or classes but not both", () => {
    assert.deepEqual(taken("multiclass", "0.2,0.3,0.5", "[0.25,0.25,0.5]"), [0.2, 0.3, 0.5, 0.25, 0.25, 0.5]);
    assert.deepEqual(taken("multiclass", '{"probabilities":[0.5,0.5]}', '"[0.5, 0.5]"'), [0.5, 0.5, 0.5, 0.5]);
    assert.deepEqual(taken("multiclass", "2", "0", '{"predicted_label":1}'), [2, 0, 1]);
    assert.match(String(taken("multiclass", "2", "0.5,0.5")), /line 2 is "0.5,0.5", not a class as on the first line/);
    assert.match(
      String(taken("multiclass", "0.5,0.5", "1")),
      /line 2 is "1", not 2 probabilities as on the first line/,
    );
    assert.match(String(taken("multiclass", "0.5,0.3")), /not probabilities that sum up to 1/);
    assert.match(String(taken("multiclass", "1.5")), /not a probability for each class or a class from 0 on/);
  });

  it("reads a regression's answers", () => {
    assert.deepEqual(taken("regression", "-1.5", "[3]", '{"score":1e6}'), [-1.5, 3, 1e6]);
    for (const line of ["", "a", "1,2", "Infinity"]) assert.match(String(taken("regression", line)), /not a number/);
  });

  it("says why rows cannot be judged", () => {
    const half = "0.5,0.5";
    assert.throws(() => rowsFrom(binaryRules, ["0", "0"], ["0.1", "0.2"]), /fewer than two classes/);
    assert.throws(() => rowsFrom(binaryRules, ["0", "2"], ["0.1", "0.2"]), /line 2 is "2", not a class, 0 or 1/);
    assert.throws(
      () => rowsFrom(multiclassRules, ["0", "2"], [half, half]),
      /has the class 2, but .* of 2 classes, 0 to 1/,
    );
    assert.throws(
      () => rowsFrom(multiclassRules, ["0", "1.5"], [half, half]),
      /line 2 is "1.5", not a class, 0 to 999/,
    );
    assert.throws(
      () => rowsFrom(regressionRules, ["0", "x"], ["1"]),
      /not a number; labels has 2 rows, predictions has 1/,
    );
    assert.throws(() => rowsFrom(regressionRules, [], []), /labels has no rows; predictions has no rows/);
  });

  it("chooses the most probable class, and the first of equal ones", () => {
    const rows = rowsFrom(multiclassRules, ["0", "1"], ["0.4,0.4,0.2", "0.1,0.2,0.7"]);
    assert.ok(rows.problem !== "regression");
    assert.deepEqual([...rows.predicted], [0, 2]);
    assert.deepEqual([...(rowsFrom(multiclassRules, ["0", "3"], ["1", "2"]) as typeof rows).predicted], [1, 2]);
  });

  it("knows which metric belongs to which problem", () => {
    assert.equal(metricFault(binaryRules), undefined);
    assert.equal(metricFault({ ...binaryRules, metric: "rmse" }), "rmse is a metric of regression, not of binary");
    assert.match(
      metricFault({ ...regressionRules, metric: "f1" }) ?? "",
      /of binary and multiclass, not of regression/,
    );
  });

  it("survives any line", () => {
    const value = fc.oneof(fc.json(), fc.string(), fc.double().map(String), fc.array(fc.double()).map(String));
    fc.assert(
      fc.property(
        fc.constantFrom("binary", "multiclass", "regression"),
        fc.array(value, { maxLength: 4 }),
        (problem, lines) => {
          const column = emptyColumn();
          for (const line of lines) takePrediction(column, line, problem as EvaluationRules["problem"]);
          assert.equal(column.rows, lines.length);
          for (const one of column.values.take()) assert.ok(Number.isFinite(one));
        },
      ),
      { numRuns: 10_000 },
    );
  }).timeout(60_000);
});
