import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedByHand, npmErrors, packagesReady, runEnvironment } from "../../../local/setup/dependencies.mjs";

describe("npm packages", () => {
  let root: string;
  const locked = {
    "": { version: "0.1.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/a/node_modules/b": { version: "2.0.0" },
    "node_modules/other-platform": { version: "1.0.0", optional: true },
  };
  const write = (path: string, content: unknown) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "packages-"));
    write("package-lock.json", { packages: locked });
    const { "": _project, "node_modules/other-platform": _optional, ...installed } = locked;
    write("node_modules/.package-lock.json", { packages: installed });
    write("node_modules/a/package.json", { version: "1.0.0" });
    write("node_modules/a/node_modules/b/package.json", { version: "v2.0.0" });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("accepts what somebody installed by hand when it is what the lock file says", () => {
    assert.equal(installedByHand(root), true);
  });

  it("does not accept a folder that npm has not finished", () => {
    rmSync(join(root, "node_modules", ".package-lock.json"));
    assert.equal(installedByHand(root), false);
  });

  it("does not accept a missing package, one of another version, or a removed folder", () => {
    write("package-lock.json", { packages: { ...locked, "node_modules/c": { version: "1.0.0" } } });
    assert.equal(installedByHand(root), false);
    write("package-lock.json", { packages: { ...locked, "node_modules/a": { version: "1.0.1" } } });
    assert.equal(installedByHand(root), false);
    write("package-lock.json", { packages: locked });
    rmSync(join(root, "node_modules", "a", "node_modules"), { recursive: true });
    assert.equal(installedByHand(root), false);
  });

  it("takes nothing for ready without a stamp", () => {
    assert.equal(packagesReady(root), false);
  });

  it("shows npm's errors without warnings and usage", () => {
    const output = [
      "npm warn deprecated x",
      "npm error code EUSAGE",
      "npm error",
      "npm error Missing: y@ from lock file",
      "npm error Clean install a project",
      "npm error Usage:",
    ];
    assert.equal(npmErrors(output.join("\n")), "    npm error code EUSAGE\n    npm error Missing: y@ from lock file");
    assert.equal(npmErrors("killed"), "    killed");
  });

  it("puts the packaged Node first on PATH, once", () => {
    const bin = join(root, "node_modules", ".bin");
    const before = process.env.PATH;
    try {
      process.env.PATH = `/usr/bin:${bin}:/bin`;
      assert.equal(runEnvironment(root).PATH, `${bin}:/usr/bin:/bin`);
    } finally {
      process.env.PATH = before;
    }
  });
});
