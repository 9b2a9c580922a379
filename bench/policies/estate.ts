/**
 * An estate of any size: copies of the compliant resources of both providers, each copy with names of its own, so that each
 * refers to its own neighbours and to nobody else's.
 */
import { readFileSync } from "node:fs";
import type { Recorded } from "../../policies/check/recorded.ts";
import type { Json } from "../../policies/check/values.ts";
import { LOOKED_UP_NAME, NAME_PROPERTY } from "../../policies/support/families.ts";

interface Fixture {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, Json>>;
}

const fixtures = ["native", "classic"].flatMap((provider): Fixture[] => {
  const file = new URL(`../../test/fixtures/policies/compliant.${provider}.json`, import.meta.url);
  return Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, Fixture>);
});

/** As much of a resource as a program declares. */
export type Declared = Pick<Recorded, "type" | "name" | "inputs">;

/** How many resources one copy has. */
export const COPY = fixtures.length;

export const estate = (size: number): Recorded[] => copies(size, fixtures);

/** The resources of `aws-native` only, which are CloudFormation's own. */
export const nativeEstate = (size: number): Recorded[] =>
  copies(
    size,
    fixtures.filter(({ type }) => type.startsWith("aws-native:")),
  );

/** What an application of the CDK can declare of it too: its constructs want properties that no rule asks for. */
const NOT_OF_THE_CDK = /:(ProcessingJob|MonitoringSchedule|\w+JobDefinition|ChangeSet|ExtensionResource)$/;
export const sharedEstate = (size: number): Declared[] =>
  copies(
    size,
    fixtures.filter(({ type }) => type.startsWith("aws-native:") && !NOT_OF_THE_CDK.test(type)),
  ).map(({ type, name, inputs }) => ({ type, name, inputs }));

function copies(size: number, of: readonly Fixture[]): Recorded[] {
  const resources: Recorded[] = [];
  const names = physicalNames();
  for (let copy = 0; resources.length < size; copy++) {
    for (const { type, name, props } of of.slice(0, size - resources.length)) {
      const inputs = JSON.parse(renamed(JSON.stringify(props), names, copy)) as Json;
      resources.push(recorded(type, `${name}-${copy}`, inputs));
    }
  }
  return resources;
}

/** Longest first: a name may be the start of another. */
function physicalNames(): string[] {
  const found = fixtures.flatMap(({ type, props }) => {
    const property = NAME_PROPERTY[type] ?? LOOKED_UP_NAME[type];
    const name = property === undefined ? undefined : props[property];
    // The boundary is one for the stage, and known by its name.
    return typeof name === "string" && !name.endsWith("-boundary") ? [name] : [];
  });
  return [...new Set(found)].sort((a, b) => b.length - a.length);
}

/** In a value of its own, in an ARN and in a document: wherever the name ends. */
function renamed(text: string, names: readonly string[], copy: number): string {
  let result = text;
  for (const name of names) {
    result = result.replaceAll(new RegExp(`(?<=[":/])${literal(name)}(?=["/:\\\\])`, "g"), `${name}-${copy}`);
  }
  return result;
}

const URN = "urn:pulumi:prod::bench::";

function recorded(type: string, name: string, inputs: Json): Recorded {
  const native = type.startsWith("aws-native:");
  const provider = `pulumi:providers:${native ? "aws-native" : "aws"}`;
  return {
    urn: `${URN}${type}::${name}`,
    type,
    name,
    inputs,
    outputs: inputs,
    external: false,
    protect: true,
    parent: undefined,
    dependencies: [],
    propertyDependencies: {},
    ignoreChanges: [],
    aliases: [],
    additionalSecretOutputs: [],
    customTimeouts: {},
    provider: { urn: `${URN}${provider}::default`, type: provider, name: "default", inputs: { region: "us-east-1" } },
    source: undefined,
  };
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
