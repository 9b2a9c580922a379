/** Evaluate's slices against a double of S3: where the columns come from, what is measured, what is refused. */
import assert from "node:assert/strict";
import { setup } from "./support/evaluating.ts";

describe("functions/evaluate slices", () => {
  const town = { "test/slices.csv": 'town,age\n"Bath, Avon",30\nYork,40\n"Bath, Avon",50\nYork,60\n' };
  const parts = [
    {
      name: "test_features",
      format: "csv",
      files: 1,
      rows: 4,
      columns: ["a", "b"].map((name) => ({ name, type: "number", count: 4, missing: 0, distinct: 4 })),
    },
  ];

  it("measures every value of the configured columns, by all metrics in the file", async () => {
    const { run, file } = setup({ files: town, rules: { metric: "accuracy", sliceColumns: ["town"] } });
    const { slices } = await run();
    assert.deepEqual(
      slices.map(({ column, value, sampleSize, metric }) => [column, value, sampleSize, metric]),
      [
        ["town", "Bath, Avon", 2, 0.5],
        ["town", "York", 2, 1],
      ],
    );
    assert.ok(slices[0]?.interval);
    assert.deepEqual(Object.keys(file().slices[1].metrics), [
      ...["accuracy", "balancedAccuracy", "precision", "recall", "f1", "logLoss"],
    ]);
  });

  it("leaves the metric out where a slice does not define it", async () => {
    const { slices } = await setup({ files: town, rules: { sliceColumns: ["town"] } }).run();
    assert.deepEqual(
      slices.map(({ metric, interval }) => [metric, interval]),
      [
        [undefined, undefined],
        [undefined, undefined],
      ],
    );
  });

  it("takes a column of the features, by its name in the manifest or by its number", async () => {
    const rules = { metric: "accuracy" as const, sliceColumns: ["town", "b", "column 1"] };
    const { slices } = await setup({ files: town, parts, rules }).run();
    assert.deepEqual(
      slices.map(({ column, value }) => `${column}=${value}`),
      [
        "town=Bath, Avon",
        "town=York",
        "b=2",
        "b=4",
        "b=6",
        "b=8",
        "column 1=1",
        "column 1=3",
        "column 1=5",
        "column 1=7",
      ],
    );
  });

  it("refuses a column that is in no file, and a file of another length", async () => {
    await assert.rejects(setup({ files: town, parts, rules: { sliceColumns: ["income"] } }).run(), {
      name: "InvalidInput",
      message:
        /slice column income is not among the columns of test\/slices\.csv \(town, age\) or of test\/features\.csv \(a, b\)/,
    });
    const short = setup({ files: { "test/slices.csv": "town\nBath\nYork\n" }, rules: { sliceColumns: ["town"] } });
    await assert.rejects(short.run(), { name: "InvalidInput", message: /town has 2 rows, the labels have 4/ });
  });

  it("refuses a slice file that is not the dataset version's", async () => {
    const { s3, dataset, run } = setup({ files: town, rules: { sliceColumns: ["town"] } });
    s3.put(`${dataset}/test/slices.csv`, "town\nBath\nBath\nBath\nBath\n");
    await assert.rejects(run(), { name: "LineageMismatch", message: /slices\.csv is not what breast-cancer@/ });
  });

  it("reads no slice file where no columns are configured", async () => {
    const { s3, run } = setup({ files: town });
    await run();
    assert.ok(!s3.named("GetObjectCommand").some(({ Key }) => /slices|features\.csv$/.test(String(Key))));
  });
});
