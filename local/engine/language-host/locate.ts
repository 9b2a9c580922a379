import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The file of a module as a program in `folder` (a link to it counts as the folder itself) would find it. Throws with what to run when the packages are not there. */
export function locateModule(name: string, folder: string): string {
  try {
    return createRequire(join(realpathSync(folder), "package.json")).resolve(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "MODULE_NOT_FOUND") throw new Error(`${name} cannot be resolved from ${folder}: ${message}`);
    throw new Error(`${name} is not installed for ${folder}: run \`npm ci\` in its package's folder`);
  }
}
