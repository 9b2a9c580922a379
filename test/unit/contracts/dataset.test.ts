/** The dataset digest: content decides, nothing else does. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { datasetDigest, datasetPrefix, manifestKey } from "../../../contracts/dataset.ts";

const file = fc.record({
  path: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  bytes: fc.nat(),
});
const files = fc.uniqueArray(file, { minLength: 1, maxLength: 12, selector: ({ path }) => path.normalize("NFC") });

describe("contracts/dataset", () => {
  it("gives the digest of the sorted lines, by hand", () => {
    const a = { path: "a.csv", sha256: "1".repeat(64), bytes: 3 };
    const b = { path: "B.csv", sha256: "2".repeat(64), bytes: 4 };
    const lines = `${b.sha256} 4 B.csv\n${a.sha256} 3 a.csv`;
    assert.equal(datasetDigest([a, b]), createHash("sha256").update(lines).digest("hex"));
  });

  it("does not depend on the order of the files", () => {
    fc.assert(
      fc.property(
        files.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => datasetDigest(list) === datasetDigest(shuffled),
      ),
    );
  });

  it("does not depend on how a name's characters are composed", () => {
    const one = { sha256: "1".repeat(64), bytes: 1 };
    for (const name of ["Übergröße.csv", "é/ñ.csv", "한국어.csv", "Å.csv"]) {
      const composed = datasetDigest([{ ...one, path: name.normalize("NFC") }]);
      assert.equal(datasetDigest([{ ...one, path: name.normalize("NFD") }]), composed);
    }
  });

  it("depends on every name, size and content", () => {
    fc.assert(
      fc.property(files, fc.nat(), (list, pick) => {
        const at = pick % list.length;
        const digest = datasetDigest(list);
        const change = (part: object) => datasetDigest(list.map((one, n) => (n === at ? { ...one, ...part } : one)));
        assert.notEqual(change({ bytes: (list[at]?.bytes ?? 0) + 1 }), digest);
        assert.notEqual(change({ sha256: "f".repeat(63) + (list[at]?.sha256.endsWith("0") ? "1" : "0") }), digest);
        assert.notEqual(change({ path: `${list[at]?.path}x` }), digest);
      }),
    );
  });

  it("places a version's objects under its name and digest", () => {
    const hex = "a".repeat(64);
    assert.equal(datasetPrefix(`breast-cancer@sha256:${hex}`), `datasets/breast-cancer/${hex}/`);
    assert.equal(manifestKey(`breast-cancer@sha256:${hex}`), `datasets/breast-cancer/${hex}/manifest.json`);
    assert.throws(() => datasetPrefix("breast-cancer"), /is not a dataset version/);
  });
});
