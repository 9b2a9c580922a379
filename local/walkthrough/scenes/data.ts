import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publishDataset } from "../../../cli/dataset.ts";
import { loadStage, need } from "../../../cli/stage.ts";
import { type Fact, prove, type Scene } from "../life.ts";

const script = fileURLToPath(new URL("../../../examples/breast-cancer/dataset.py", import.meta.url));

export const data: Scene = {
  id: "data",
  title: "a real dataset is published as an immutable version",
  async play(life): Promise<Fact[]> {
    const folder = path.join(life.folder, "dataset");
    await promisify(execFile)(life.python, [script, folder]);
    const { dataBucket } = need(await loadStage(life.clients.ssm, "dev"), "dataBucket");
    const options = { bucket: dataBucket, name: "breast-cancer", folder, createdBy: "rehearsal" };
    const published = await publishDataset(life.clients.s3, { ...options, log: life.say });
    const again = await publishDataset(life.clients.s3, options);
    prove(published.created && !again.created, "publishing the same bytes a second time made something new");
    prove(published.version === again.version, `the same bytes are ${published.version} and ${again.version}`);
    life.found.datasetVersion = published.version;
    return [
      { label: "version", value: published.version },
      { label: "objects", value: published.files.map((file) => `${file.path} (${file.bytes} bytes)`).join(", ") },
      { label: "published again", value: "the same version, nothing written" },
    ];
  },
};
