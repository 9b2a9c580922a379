import assert from "node:assert/strict";
import { readPinnedPackage } from "../../../components/shared/pinned-package.ts";

const hex = "a".repeat(64);
const arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/frugal-dev-breast-cancer/3";
const metadata = {
  "frugal:dataset-version": `breast-cancer@sha256:${hex}`,
  "frugal:run": "baseline",
  "frugal:training-job": "baseline-1",
  "frugal:artifact-digest": `sha256:${hex}`,
  "frugal:artifact-uri": `s3://frugal-dev-artifacts/models/sha256/${hex}/model.tar.gz`,
};

describe("readPinnedPackage", () => {
  it("gives lineage and the one artefact", () => {
    const { lineage, artifact } = readPinnedPackage(metadata, arn);
    assert.equal(lineage.trainingJob, "baseline-1");
    assert.deepEqual(artifact, { bucket: "frugal-dev-artifacts", key: `models/sha256/${hex}/model.tar.gz` });
  });

  it("refuses a record that is not whole, and names what is missing", () => {
    assert.throws(
      () => readPinnedPackage({}, arn),
      /^Error: the pinned package .* has no true lineage record: frugal:dataset-version is missing; frugal:run is missing/,
    );
    const { "frugal:artifact-uri": _uri, ...rest } = metadata;
    assert.throws(
      () => readPinnedPackage(rest, arn),
      /does not say where its artefact lies: frugal:artifact-uri is missing/,
    );
  });

  it("refuses an artefact that lies elsewhere than its digest says", () => {
    const moved = { ...metadata, "frugal:artifact-uri": "s3://frugal-dev-artifacts/runs/x/output/model.tar.gz" };
    assert.throws(() => readPinnedPackage(moved, arn), /which is not the address of sha256:a{64}/);
  });
});
