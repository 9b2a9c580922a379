import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  atLeast,
  cache,
  engineRoots,
  engineVersion,
  parseVersion,
  readJson,
  venvIsReady,
  whyNotWritable,
  writeWhole,
} from "../../../local/setup/facts.mjs";

describe("setup facts", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "facts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("reads the version in what tools print", () => {
    assert.deepEqual(parseVersion("v24.21.0"), [24, 21, 0]);
    assert.deepEqual(parseVersion("Python 3.11.7\n"), [3, 11, 7]);
    assert.deepEqual(parseVersion("go version go1.26 linux/amd64"), [1, 26, 0]);
    assert.equal(parseVersion("command not found"), undefined);
  });

  it("compares versions as numbers, not as text", () => {
    assert.equal(atLeast([3, 10, 0], [3, 9]), true);
    assert.equal(atLeast([3, 9, 18], [3, 10]), false);
    assert.equal(atLeast([3, 10], [3, 10, 0]), true);
    assert.equal(atLeast([20], [20, 0, 1]), false);
  });

  it("orders any two versions one way or the other, and both ways only when they are equal", () => {
    const version = fc.array(fc.nat(40), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(version, version, (a, b) => {
        assert.equal(atLeast(a, b) && atLeast(b, a), a.join() === b.join());
        assert.equal(atLeast(a, b) || atLeast(b, a), true);
      }),
    );
  });

  it("takes the engine's version from the pin of @pulumi/pulumi, and only from an exact one", () => {
    writeFileSync(join(folder, "package.json"), '{"dependencies":{"@pulumi/pulumi":"3.259.0"}}');
    assert.equal(engineVersion(folder), "3.259.0");
    writeFileSync(join(folder, "package.json"), '{"dependencies":{"@pulumi/pulumi":"^3.259.0"}}');
    assert.throws(() => engineVersion(folder), /must be one exact version, got \^3\.259\.0/);
  });

  it("looks for the engine where Pulumi's own tools put it, then in the project's cache", () => {
    assert.deepEqual(engineRoots("3.1.2", "/home/ada"), [
      "/home/ada/.pulumi/versions/3.1.2",
      join(cache, "pulumi", "versions", "3.1.2"),
    ]);
  });

  it("does not count an environment without its stamp, of other requirements, or moved from where it was made", () => {
    const venv = join(folder, "venv-1");
    mkdirSync(join(venv, "bin"), { recursive: true });
    writeFileSync(join(venv, "bin", "python"), "");
    assert.equal(venvIsReady(venv, "r1"), false);
    writeFileSync(join(venv, "ok"), JSON.stringify({ requirements: "r1", folder: venv }));
    assert.equal(venvIsReady(venv, "r1"), true);
    assert.equal(venvIsReady(venv, "r2"), false);
    writeFileSync(join(venv, "ok"), JSON.stringify({ requirements: "r1", folder: "/elsewhere/venv-1" }));
    assert.equal(venvIsReady(venv, "r1"), false);
    writeFileSync(join(venv, "ok"), '{"requirements":"r1","fol');
    assert.equal(venvIsReady(venv, "r1"), false);
  });

  it("writes a file whole, making its folder, and leaves no other file", () => {
    const file = join(folder, "a", "b.json");
    writeWhole(file, "[1]");
    writeWhole(file, "[2]");
    assert.deepEqual(readJson(file), [2]);
    assert.deepEqual(readdirSync(join(folder, "a")), ["b.json"]);
  });

  it("says in words why a folder cannot be written to, and leaves nothing behind where it can", () => {
    assert.equal(whyNotWritable(join(folder, "new")), undefined);
    assert.deepEqual(readdirSync(join(folder, "new")), []);
    writeFileSync(join(folder, "file"), "");
    assert.match(whyNotWritable(join(folder, "file")) ?? "", /EEXIST|ENOTDIR/);
    if (existsSync("/proc/version")) assert.notEqual(whyNotWritable("/proc/none"), undefined);
  });
});
