/** The lineage record in its two spellings, and values fit for tags. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  lineageMetadata,
  lineageTags,
  parseDatasetVersion,
  parseModelPackageArn,
  readLineage,
  tagAlphabet,
  tagValue,
} from "../../../contracts/lineage.ts";

const record = {
  datasetVersion: `breast-cancer@sha256:${"a".repeat(64)}`,
  run: "baseline",
  trainingJob: "baseline-1",
  artifactDigest: `sha256:${"b".repeat(64)}`,
};
const arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/7";

describe("contracts/lineage", () => {
  it("makes any text fit for a tag value, and leaves a fit one alone", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ minLength: 200, maxLength: 600 })),
        (text) => {
          const value = tagValue(text);
          assert.match(value, tagAlphabet);
          assert.ok(value.length >= 1 && value.length <= 256);
          assert.equal(tagValue(value), value);
          if (text.length >= 1 && text.length <= 256 && tagAlphabet.test(text)) assert.equal(value, text);
        },
      ),
    );
  });

  it("keeps what AWS's alphabet keeps", () => {
    assert.equal(tagValue("ada@example.com"), "ada@example.com");
    assert.equal(tagValue("2026-01-02T03:04:05.000Z"), "2026-01-02T03:04:05.000Z");
    assert.equal(tagValue('a{"b"}\n'), "a--b---");
    assert.equal(tagValue(""), "-");
  });

  it("reads back what it writes, from tags and from metadata", () => {
    assert.deepEqual(readLineage(lineageMetadata(record), "it"), record);
    assert.deepEqual(readLineage(lineageTags(record, arn), "it"), record);
    assert.equal(lineageTags(record, arn)["frugal:model-package"], arn);
  });

  it("names every missing and every malformed key at once", () => {
    assert.throws(
      () => readLineage({ "frugal:dataset-version": "v1", "frugal:run": "r" }, "package 7"),
      /package 7 has no true lineage record: frugal:dataset-version is "v1", must be .*; frugal:training-job is missing; frugal:artifact-digest is missing/,
    );
  });

  it("takes apart versions and ARNs, and says what is wrong with others", () => {
    assert.deepEqual(parseDatasetVersion(record.datasetVersion), { name: "breast-cancer", hex: "a".repeat(64) });
    assert.deepEqual(parseModelPackageArn(arn), {
      account: "111122223333",
      region: "us-east-1",
      group: "churn",
      version: 7,
    });
    for (const text of ["", "x", `${arn}/1`, arn.replace("/7", ""), arn.replace("churn", "-churn")]) {
      assert.throws(() => parseModelPackageArn(text), /is not the ARN of a model package version/);
    }
    for (const text of ["", "Name@sha256:1", `a--b@sha256:${"a".repeat(64)}`, `-a@sha256:${"a".repeat(64)}`]) {
      assert.throws(() => parseDatasetVersion(text), /is not a dataset version/);
    }
  });
});
