import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadExpectations } from "../../../cli/dataset/expectations.ts";
import { formatManifest } from "../../../cli/dataset/format.ts";
import { publishDataset, TestsFailed } from "../../../cli/dataset/publish.ts";
import { findManifest } from "../../../cli/dataset/read.ts";
import { makeProgress } from "../../../cli/output.ts";
import { loadStage, need } from "../../../cli/stage.ts";
import { type Fact, prove, type Scene } from "../life.ts";

const example = fileURLToPath(new URL("../../../examples/breast-cancer", import.meta.url));

const SHOWN_LINES = 24;

export const data: Scene = {
  id: "data",
  title: "a real dataset is tested and published as an immutable version; a broken one is refused",
  async play(life): Promise<Fact[]> {
    const folder = path.join(life.folder, "dataset");
    await promisify(execFile)(life.python, [path.join(example, "dataset.py"), folder]);
    const { dataBucket } = need(await loadStage(life.clients.ssm, "dev"), "dataBucket");
    const options = {
      bucket: dataBucket,
      name: "breast-cancer",
      tests: path.join(example, "tests"),
      expectations: await loadExpectations(life.clients.ssm, "dev", "breast-cancer"),
      createdBy: "rehearsal",
      progress: makeProgress({ write: (text) => life.say(text.trimEnd()) }),
    };
    const { s3 } = life.clients;

    const broken = path.join(life.folder, "broken-dataset");
    await breakOneRow(folder, broken);
    const refusal = await publishDataset(s3, { ...options, from: broken }).catch((error: unknown) => error);
    prove(refusal instanceof TestsFailed, `a broken dataset was not refused by its tests: ${refusal}`);
    life.say((refusal as TestsFailed).message);
    const failures = (refusal as TestsFailed).results.filter((result) => result.rows > 0);

    const published = await publishDataset(s3, { ...options, from: folder });
    const again = await publishDataset(s3, { ...options, from: folder });
    prove(published.created && !again.created, "publishing the same bytes a second time made something new");
    prove(published.version === again.version, `the same bytes are ${published.version} and ${again.version}`);
    const manifest = await findManifest(s3, dataBucket, published.version);
    prove(manifest !== undefined, `${published.version} has no manifest`);
    // All of it is what `frugal dataset show` prints; the rehearsal shows the beginning.
    if (manifest) life.say(formatManifest(manifest, published.uri).split("\n").slice(0, SHOWN_LINES).join("\n"));
    life.found.datasetVersion = published.version;
    return [
      {
        label: "refused",
        value: `one row with another unit: ${failures.map((result) => `${result.name} (${result.rows})`).join(", ")}`,
      },
      { label: "version", value: published.version },
      { label: "objects", value: published.files.map((file) => `${file.path} (${file.bytes} bytes)`).join(", ") },
      { label: "tests passed", value: String(published.tests.length) },
      { label: "published again", value: "the same version, nothing written" },
    ];
  },
};

/** A copy of the data in which one tumour was measured in another unit: a thousand times smaller. */
async function breakOneRow(folder: string, copy: string): Promise<void> {
  await cp(folder, copy, { recursive: true });
  const file = path.join(copy, "train", "train.csv");
  const lines = (await readFile(file, "utf8")).split("\n");
  const [header = "", cells = []] = [lines[0], lines[17]?.split(",")];
  const area = header.split(",").indexOf("mean_area");
  prove(area >= 0 && cells.length > area, "the example's training data has no mean_area in line 17");
  cells[area] = String(Number(cells[area]) / 1000);
  lines[17] = cells.join(",");
  await writeFile(file, lines.join("\n"));
}
