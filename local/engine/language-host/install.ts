/** Gives the engine a language host where it has none. */
import { accessSync, chmodSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineVersion, writeWhole } from "../../setup/facts.mjs";

const name = "pulumi-language-nodejs";

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The official language host, where the engine itself would look first: on PATH, then beside the engine. */
export function findLanguageHost(engineDir: string, searchPath = process.env.PATH ?? ""): string | undefined {
  const folders = [...searchPath.split(delimiter).filter((folder) => folder !== ""), engineDir];
  return folders.map((folder) => join(folder, name)).find(executable);
}

/**
 * Puts the stand-in into the plugin cache of `pulumiHome`, from which the engine takes it without a word; one on PATH
 * would be warned of at each run. The engine prefers any on PATH or beside it.
 * @returns the executable
 */
export function installLanguageHost(pulumiHome: string): string {
  const file = join(pulumiHome, "plugins", `language-nodejs-v${engineVersion()}`, name);
  const main = fileURLToPath(new URL("start.mjs", import.meta.url));
  mkdirSync(join(file, ".."), { recursive: true });
  writeWhole(file, `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
