/**
 * Public programs that know nothing of this pack, judged at production's levels. Each finding was read once and is pinned in
 * the program's file: one that appears on an unchanged program is either a new rule, to be read and pinned, or a false alarm.
 * The files hold facts of the programs (resource types, inputs, references), recorded under mocks; the source names its licence.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../policies/index.ts";
import { analyze, analyzeStack, type Resource } from "./support/harness.ts";
import { against, double } from "./support/registry.ts";

interface Program {
  readonly source: { repository: string; commit: string; path: string; licence: string };
  readonly resources: readonly Resource[];
  /** `<resource>: <rule>/<check>`, sorted, doubled ones once. */
  readonly findings: readonly string[];
}

const folder = join(import.meta.dirname, "..", "fixtures", "policies", "programs");
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

async function findingsOf(resources: readonly Resource[]): Promise<string[]> {
  const found = new Set<string>();
  const take = (on: string | undefined, text: string) => found.add(`${on}: ${text.split(":", 1)[0]}`);
  for (const rule of rules) {
    for (const { on, text } of await analyzeStack(rule, resources)) take(on, text);
    for (const resource of resources) {
      for (const { text } of await analyze(rule, resource)) take(resource.name, text);
    }
  }
  return [...found].sort();
}

describe("public programs", function () {
  this.timeout(60_000);

  it("are at least ten, each with its source and licence", () => {
    assert.ok(files.length >= 10, String(files.length));
    for (const file of files) {
      const { source, resources }: Program = JSON.parse(readFileSync(join(folder, file), "utf8"));
      assert.match(source.commit, /^[0-9a-f]{40}$/, file);
      for (const text of [source.repository, source.path, source.licence]) assert.ok(text, file);
      assert.ok(resources.length > 0, file);
    }
  });

  for (const file of files) {
    it(`${file.replace(".json", "")} has the findings that were read`, async () => {
      const program: Program = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const resources = program.resources.map((resource) => ({
        ...resource,
        provider: { type: `pulumi:providers:${resource.type.split(":", 1)[0]}`, props: { region: "us-east-1" } },
      }));
      await against(double({}), async () => assert.deepEqual(await findingsOf(resources), program.findings));
    });
  }
});
