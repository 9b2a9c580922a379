/**
 * cfn-guard over the same estate as a CloudFormation template: the resources of aws-native, which are CloudFormation's own.
 * Its fifty rules ask for single properties; none follows a reference or reads a document, so it is given the lighter task.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../policies/check/values.ts";
import { nativeEstate } from "./estate.ts";

const RULES = 50;

/** Seconds, or undefined where cfn-guard is not installed (on PATH, or at CFN_GUARD). */
export function measureGuard(size: number): { readonly seconds: number; readonly version: string } | undefined {
  const guard = process.env.CFN_GUARD ?? "cfn-guard";
  let version: string;
  try {
    version = execFileSync(guard, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "bench-guard-"));
  try {
    const resources = nativeEstate(size);
    const template = join(folder, "template.json");
    const rules = join(folder, "rules.guard");
    writeFileSync(template, JSON.stringify({ Resources: Object.fromEntries(resources.map(cloudFormation)) }));
    writeFileSync(rules, guardRules(resources.map(({ type, inputs }) => [typeOf(type), inputs])));
    const began = performance.now();
    try {
      execFileSync(guard, ["validate", "--rules", rules, "--data", template, "--show-summary", "none"], {
        stdio: "ignore",
        maxBuffer: 2 ** 28,
      });
    } catch (error) {
      // 19 is its code for findings; anything else is a fault of this bench.
      if ((error as { status?: number }).status !== 19) throw error;
    }
    return { seconds: (performance.now() - began) / 1000, version };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const typeOf = (token: string): string => {
  const [, service = "", name = ""] = token.split(":");
  return `AWS::${service}::${name}`;
};
const pascal = (key: string): string => `${key[0]?.toUpperCase() ?? ""}${key.slice(1)}`;

function cloudFormation({ type, inputs }: { type: string; inputs: Json }, index: number): [string, object] {
  return [`R${index}`, { Type: typeOf(type), Properties: spelt(inputs) }];
}

function spelt(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(spelt);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [pascal(key), spelt(inner)]));
}

/** One rule for each property of each type in turn, until there are fifty. */
function guardRules(resources: readonly (readonly [string, Json])[]): string {
  const wanted = new Map<string, Set<string>>();
  for (const [type, inputs] of resources) {
    const properties = wanted.get(type) ?? new Set();
    for (const key of Object.keys(inputs as object)) properties.add(pascal(key));
    wanted.set(type, properties);
  }
  const demands = [...wanted].flatMap(([type, properties]) =>
    [...properties].slice(0, 2).map((property) => [type, property]),
  );
  return demands
    .slice(0, RULES)
    .map(
      ([type, property], i) =>
        `let r${i} = Resources.*[ Type == '${type}' ]\nrule rule_${i} when %r${i} !empty { %r${i}.Properties.${property} exists }`,
    )
    .join("\n\n");
}
