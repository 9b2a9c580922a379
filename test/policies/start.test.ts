/** How the pack starts: from one file that is made anew when a source changes, and from its sources where none can be made. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { copyPack } from "../../policies/copy.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "..", "..");
const { SLIM } = require("../../policies/bundle.cjs") as { SLIM: Record<string, string> };
const { nodeFault } = require("../../policies/start.cjs") as { nodeFault: (version: string) => string | undefined };
const literal = (text: string): string => text.replaceAll(".", "\\.");
const bundled = (folder: string): Promise<string> => require(join(folder, "bundle.cjs")).bundled(folder);

describe("the pack's start", function () {
  this.timeout(120_000);
  let folder: string;
  /** A copy of the sources as a fresh clone has them, to be changed at will. */
  let pack: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "policies-start-"));
    pack = join(folder, "policies");
    mkdirSync(pack);
    for (const room of ["policies", "pricing"])
      cpSync(join(root, room), join(folder, room), { recursive: true, filter: (path) => !path.includes(".build") });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is from one file, which is made once", async () => {
    const file = await bundled(pack);
    assert.equal(file, join(pack, ".build", "pack.cjs"));
    const made = statSync(file).mtimeMs;
    assert.equal(await bundled(pack), file);
    assert.equal(statSync(file).mtimeMs, made, "not made again");
    assert.match(await portOf(pack), /^\d+$/);
  });

  it("is by the file itself too, from whatever folder, and ends with whoever started it", async () => {
    const child = spawn(join(pack, "start.cjs"), ["127.0.0.1:1"], {
      cwd: tmpdir(),
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: [dirname(process.execPath), process.env.PATH].join(delimiter), HOME: folder },
    });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    assert.match(String(said), /^\d+\n$/);
    const ended = once(child, "exit");
    child.stdin.end();
    assert.deepEqual(await ended, [0, null]);
  });

  it("is refused by a Node that is too old, with both versions named", () => {
    for (const fine of ["22.18.0", "22.19.0", "23.0.0", "24.21.0"]) assert.equal(nodeFault(fine), undefined, fine);
    for (const old of ["20.20.2", "22.17.9", "18.99.0"])
      assert.match(nodeFault(old) ?? "", new RegExp(`needs Node >=22\\.18, but this is Node ${literal(old)} `));
  });

  it("makes the file anew when a source, an asked library or its maker has changed", async () => {
    const file = await bundled(pack);
    const rule = join(pack, "data", "bucket-tls-only.ts");
    writeFileSync(rule, readFileSync(rule, "utf8").replace("over plain HTTP", "over plainest HTTP"));
    utimesSync(rule, new Date(1_000_000), new Date(1_000_000));
    await bundled(pack);
    assert.match(readFileSync(file, "utf8"), /over plainest HTTP/);

    const head = JSON.parse(readFileSync(file, "utf8").split("\n", 1)[0]?.slice(3) ?? "");
    const sources = Object.keys(head.sources);
    assert.ok(sources.includes("bundle.cjs"));
    assert.ok(sources.some((path) => path.endsWith("node_modules/@pulumi/policy/package.json")));
    assert.ok(sources.includes("../pricing/bill.ts"), "what the pack takes from outside its folder counts too");
  });

  it("starts from its sources where no file can be made", async () => {
    const blocked = join(pack, ".build");
    rmSync(blocked, { recursive: true, force: true });
    writeFileSync(blocked, "in the way");
    assert.match(await portOf(pack), /^\d+$/);
    rmSync(blocked);
  });

  it("holds no AWS client: those are loaded while the engine is busy, if any rule may ask", async () => {
    const text = readFileSync(await bundled(pack), "utf8");
    assert.match(text, /require\("@aws-sdk\/client-sagemaker"\)/);
    assert.ok(!text.includes("class SageMakerClient "), "the client itself is not in it");
  });

  it("leaves out only what the library does not use", () => {
    const used = new Set<string>();
    for (const file of ["deserialize", "policy", "protoutil", "proxy", "secret", "server"]) {
      const text = readFileSync(join(root, "node_modules", "@pulumi", "policy", `${file}.js`), "utf8");
      const name = /const (\w+) = require\("@pulumi\/pulumi"\)/.exec(text)?.[1];
      if (name) for (const [, member] of text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, "g"))) used.add(member ?? "");
    }
    assert.deepEqual([...used].sort(), Object.keys(SLIM).sort());
  });

  it("copies itself as one file that starts elsewhere, and leaves the exemptions there alone", async () => {
    const copy = join(folder, "elsewhere", "pack");
    await copyPack(copy);
    assert.ok(!existsSync(join(copy, "pack.ts")));
    const named = JSON.parse(readFileSync(join(copy, "package.json"), "utf8")).dependencies;
    assert.deepEqual(Object.keys(named), [
      "@aws-sdk/client-s3",
      "@aws-sdk/client-sagemaker",
      "@pulumi/policy",
      "@pulumi/pulumi",
    ]);
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    assert.match(await portOf(copy), /^\d+$/);
    assert.ok(!readFileSync(join(copy, "pack.cjs"), "utf8").includes(root), "no path of this machine is in it");

    writeFileSync(join(copy, "exemptions.json"), '["theirs"]');
    await copyPack(copy);
    assert.equal(readFileSync(join(copy, "exemptions.json"), "utf8"), '["theirs"]');
  });
});

/** Starts the pack in `folder` alone, and returns what it says first: its port. */
async function portOf(folder: string): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [join(folder, "start.cjs")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: folder },
  });
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = once(child, "exit").then(() => assert.fail(`ended: ${errors}`));
  try {
    if (!child.stdout) assert.fail("no output");
    const [said] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
    return String(said).trim();
  } finally {
    ended.catch(() => {});
    child.kill();
  }
}
