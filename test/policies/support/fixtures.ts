/** Compliant resources, and ways to break one field of a copy. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "./harness.ts";

const folder = join(import.meta.dirname, "..", "..", "fixtures", "policies");
export type Provider = "native" | "classic";
export const PROVIDERS: readonly Provider[] = ["native", "classic"];

const files: Record<Provider, Record<string, Resource>> = {
  native: JSON.parse(readFileSync(join(folder, "compliant.native.json"), "utf8")),
  classic: JSON.parse(readFileSync(join(folder, "compliant.classic.json"), "utf8")),
};

/** A deep copy of the compliant resource of a family. */
export function compliant(provider: Provider, family: string): Resource {
  const found = files[provider][family];
  assert.ok(found, `no ${provider} fixture for ${family}`);
  return { provider: { type: PROVIDER_TYPE[provider], props: { region: "us-east-1" } }, ...structuredClone(found) };
}

const PROVIDER_TYPE: Record<Provider, string> = {
  native: "pulumi:providers:aws-native",
  classic: "pulumi:providers:aws",
};

/** What all fixtures together need of a rule's configuration: they are a bigger stage than any. */
export const FIXTURES_CONFIG: Readonly<Record<string, Record<string, unknown>>> = {
  "stage-monthly-bill": { limitUsdPerMonth: 1000, idleUsdPerMonth: 1000 },
  "budget-present": { limitUsdPerMonth: 1000 },
};

/** Every compliant resource of a provider. */
export const allCompliant = (provider: Provider): Resource[] =>
  Object.keys(files[provider]).map((family) => compliant(provider, family));

/** Compliant resources of a type token, of either provider. */
export const compliantOf = (type: string): Resource[] =>
  PROVIDERS.flatMap((provider) => allCompliant(provider)).filter((resource) => resource.type === type);

/** The resource with the value at `path` replaced; `undefined` removes it. Paths as in messages: `a.b[0]["c.d"]`. */
export function broken(resource: Resource, path: string, value: unknown): Resource {
  const copy = structuredClone(resource);
  const keys = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
    index === undefined ? (quoted ?? plain ?? "") : Number(index),
  );
  const last = keys.pop();
  assert.ok(last !== undefined, "an empty path");
  let at = copy.props as Record<string | number, unknown>;
  for (const key of keys) {
    assert.ok(typeof at[key] === "object" && at[key] !== null, `${path}: nothing at ${key}`);
    at = at[key] as Record<string | number, unknown>;
  }
  if (value !== undefined) at[last] = value;
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return copy;
}

/** Every leaf of plain data: its path, spelt as in messages. */
export function leavesOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesOf(item, `${path}[${i}]`));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => {
    const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key);
    return leavesOf(inner, plain ? (path === "" ? key : `${path}.${key}`) : `${path}["${key}"]`);
  });
}
