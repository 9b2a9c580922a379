/** What is found in a folder, the first line of a CSV file, and the command's way of working on many things. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { openSource } from "../../../cli/dataset/source.ts";
import { inParallel } from "../../../cli/dataset/upload.ts";
import { cellsOf } from "../../../contracts/csv.ts";

describe("cli/dataset/source", () => {
  const s3 = new S3Client({ region: "us-east-1" });
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "source-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const write = async (...names: string[]): Promise<void> => {
    for (const name of names) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), name);
    }
  };

  it("lists files in one order, with their NFC names, without hidden ones", async () => {
    await write("b/2", "a", "b/1", ".git/config", "b/.DS_Store", "é".normalize("NFD"));
    const { files, from } = await openSource(s3, folder);
    assert.deepEqual(
      files.map((file) => file.path),
      ["a", "b/1", "b/2", "é".normalize("NFC")],
    );
    assert.equal(from, path.basename(folder));
    assert.ok(files.every((file) => file.local && file.bytes > 0));
  });

  it("is the same from inside the folder and from above it", async () => {
    await write("a/b");
    const [absolute, relative] = await Promise.all([
      openSource(s3, folder),
      openSource(s3, `${path.relative(process.cwd(), folder)}${path.sep}`),
    ]);
    assert.deepEqual(
      relative.files.map((file) => file.path),
      absolute.files.map((file) => file.path),
    );
  });

  it("refuses links to folders and links to nothing", async () => {
    await write("real/a");
    await symlink(path.join(folder, "real"), path.join(folder, "linked"));
    await assert.rejects(openSource(s3, folder), /linked is not a file/);
    await rm(path.join(folder, "linked"));
    await symlink(path.join(folder, "nothing"), path.join(folder, "dangling"));
    await assert.rejects(openSource(s3, folder), /cannot read .*dangling/);
  });

  it("names every fault, twenty at most", async () => {
    await write(...Array.from({ length: 25 }, (_, n) => `line\nbreak ${n}`), "manifest.json");
    await assert.rejects(openSource(s3, folder), (error: Error) => {
      assert.equal(error.message.match(/control character/g)?.length, 20);
      assert.match(error.message, /and 6 more$/);
      return true;
    });
  });
});

describe("cli/dataset/csv: the first line", () => {
  it("keeps separators inside quotes", () => {
    assert.deepEqual(cellsOf('a,"b,c","say ""hi""",', ","), ["a", "b,c", 'say "hi"', ""]);
    assert.deepEqual(cellsOf("a;b,c", ";"), ["a", "b,c"]);
    assert.deepEqual(cellsOf("", ","), [""]);
  });

  it("reads back any cells that were quoted", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 10 });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), (cells) => {
        const line = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
        assert.deepEqual(cellsOf(line, ","), cells);
      }),
    );
  });
});

describe("cli/dataset/upload: work on many things", () => {
  it("does each once, and never more at a time than allowed", async () => {
    let [now, most] = [0, 0];
    const done: number[] = [];
    await inParallel(
      Array.from({ length: 50 }, (_, n) => n),
      4,
      async (n) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        done.push(n);
        now -= 1;
      },
    );
    assert.equal(most, 4);
    assert.deepEqual(
      done.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, n) => n),
    );
  });

  it("stops at the first fault, and lets what is under way end", async () => {
    const ended: number[] = [];
    const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n));
      if (n === 1) throw new Error("one is broken");
      ended.push(n);
    });
    await assert.rejects(work, /one is broken/);
    assert.ok(!ended.includes(6));
    assert.ok(ended.includes(2));
  });
});
