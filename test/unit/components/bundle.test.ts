import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { bundleFunctions, zip } from "../../../components/shared/bundle.ts";

describe("function bundles", () => {
  let folder: string;
  const options = (target = "out") => ({ source: join(folder, "functions"), target: join(folder, target) });
  const write = (text: string) => {
    mkdirSync(join(folder, "functions", "hello"), { recursive: true });
    writeFileSync(join(folder, "functions", "hello", "handler.ts"), text);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bundle-"));
    write('export const handler = async (event: { name: string }): Promise<string> => "hello " + event.name;');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are a zip of one CommonJS file whose handler runs", async () => {
    const bundle = (await bundleFunctions(["hello"], options())).get("hello");
    assert.ok(bundle);
    const bytes = readFileSync(bundle.path);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), bundle.sha256);
    assert.equal(bytes.length, bundle.bytes);
    const files = unzipSync(bytes);
    assert.deepEqual(Object.keys(files), ["index.js"]);
    const module = { exports: {} as { handler?: (event: unknown) => Promise<string> } };
    new Function("module", "exports", new TextDecoder().decode(files["index.js"]))(module, module.exports);
    assert.equal(await module.exports.handler?.({ name: "Ada" }), "hello Ada");
  });

  it("are the same bytes for the same source, at another time and place", async () => {
    const one = (await bundleFunctions(["hello"], options("one"))).get("hello");
    utimesSync(join(folder, "functions", "hello", "handler.ts"), new Date(0), new Date(0));
    const other = (await bundleFunctions(["hello"], options("other"))).get("hello");
    assert.equal(one?.sha256, other?.sha256);
    const zone = process.env.TZ;
    const here = Buffer.from(zip("a", new Uint8Array([1, 2, 3]))).toString("hex");
    try {
      process.env.TZ = "Asia/Tokyo";
      assert.equal(Buffer.from(zip("a", new Uint8Array([1, 2, 3]))).toString("hex"), here);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("follow a change of the source, and only then", async () => {
    const fresh = async () => {
      // Another process would find the record on the disk; here the folder's name is what the memory goes by.
      const module: typeof import("../../../components/shared/bundle.ts") = await import(
        `../../../components/shared/bundle.ts?fresh=${Math.random()}`
      );
      return (await module.bundleFunctions(["hello"], options())).get("hello");
    };
    const first = await fresh();
    const record = join(folder, "out", "bundles.json");
    const written = readFileSync(record, "utf8");
    assert.deepEqual(await fresh(), first);
    assert.equal(readFileSync(record, "utf8"), written);
    write("export const handler = async () => 'another thing';");
    const changed = await fresh();
    assert.notEqual(changed?.sha256, first?.sha256);
    assert.ok(readdirSync(join(folder, "out")).includes(`hello-${changed?.sha256}.zip`));
    writeFileSync(record, "half a rec");
    assert.equal((await fresh())?.sha256, changed?.sha256);
  });

  it("name a function without a handler, and say what does not compile", async () => {
    await assert.rejects(bundleFunctions(["hello", "nobody"], options()), /no handler\.ts in .* for: nobody/);
    write("export const handler = (");
    await assert.rejects(bundleFunctions(["hello"], options("broken")), /Unexpected end of file/);
  });
});
