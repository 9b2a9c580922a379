/** Pack configurations for scenes: a stack of three resources cannot comply with every rule, so a scene enforces its own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rules } from "../../../policies/index.ts";
import type { Group } from "../../../policies/support/rule.ts";

export type Config = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

/** Writes a configuration file and gives its path. */
export async function configFile(folder: string, name: string, config: unknown): Promise<string> {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** The given rules as told, everything else advisory, in a stage of its own: in prod no rule may be below its level. */
export const enforcing = (own: Config): Config => ({
  all: "advisory",
  "pack-settings-valid": { enforcementLevel: "mandatory", stage: "scene", stageOfStack: { "*": "scene" } },
  ...own,
});

/** Every rule of the groups, mandatory. */
export const mandatory = (...groups: readonly Group[]): Config =>
  Object.fromEntries(
    rules
      .filter(({ meta }) => groups.includes(meta.group))
      .map(({ meta }) => [meta.id, { enforcementLevel: "mandatory" }]),
  );
