/** Looks type tokens and property paths up in the pinned provider SDKs' own files. Text only: the SDKs are not loaded. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const root = dirname(dirname(require.resolve("@pulumi/policy/package.json")));

interface Sdk {
  readonly folder: string;
  /** `namespace.Interface` → property → type text. */
  readonly inputs: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const sdks = new Map<string, Sdk>();

function sdkOf(token: string): Sdk {
  const name = token.startsWith("aws-native:") ? "aws-native" : "aws";
  let sdk = sdks.get(name);
  if (!sdk) {
    const folder = join(root, name);
    sdk = { folder, inputs: nested(readFileSync(join(folder, "types", "input.d.ts"), "utf8")) };
    sdks.set(name, sdk);
  }
  return sdk;
}

/** Interfaces of `types/input.d.ts`, which stand in one namespace per module. */
function nested(text: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  let namespace = "";
  let properties: Map<string, string> | undefined;
  for (const line of text.split("\n")) {
    const space = /^export declare namespace (\w+) \{/.exec(line)?.[1] ?? /^ {4}namespace (\w+) \{/.exec(line)?.[1];
    if (space) namespace = line.startsWith(" ") ? `${namespace.split(".")[0]}.${space}` : space;
    const name = /^\s+interface (\w+) \{/.exec(line)?.[1];
    if (name) {
      properties = new Map();
      found.set(`${namespace}.${name}`, properties);
    }
    const property = /^\s+(?:readonly )?(\w+)\??: (.*)$/.exec(line);
    if (property?.[1] && properties) properties.set(property[1], property[2] ?? "");
  }
  return found;
}

/** The declaration text of a token's class, or undefined when the SDK has no such resource. */
function declarationOf(token: string): string | undefined {
  const { folder } = sdkOf(token);
  const [, module = "", name = ""] = token.split(":");
  const [service = "", file = `${name[0]?.toLowerCase()}${name.slice(1)}`] = module.split("/");
  // What belongs to no service stands in the SDK's own folder.
  const path = join(folder, service === "index" ? "" : service, file);
  if (!existsSync(`${path}.js`) || !readFileSync(`${path}.js`, "utf8").includes(`__pulumiType = '${token}'`))
    return undefined;
  return readFileSync(`${path}.d.ts`, "utf8");
}

export const isToken = (token: string): boolean => declarationOf(token) !== undefined;

/** Why `path` is no property path of `token`, or undefined when it is one. Free-form values end the search. */
export function wrongPath(token: string, path: string): string | undefined {
  const text = declarationOf(token);
  if (text === undefined) return "no such type";
  const { inputs } = sdkOf(token);
  const args = block(text, /^export interface \w+Args \{/m);
  const outputs = block(text, /^export declare class \w+ extends/m);
  let properties: ReadonlyMap<string, string> = new Map([...outputs, ...args]);
  for (const segment of path.split(".")) {
    const key = segment.replace("[]", "");
    const type = properties.get(key);
    if (type === undefined) return `${key} is not declared`;
    if (segment.endsWith("[]") && !/\[\]/.test(type)) return `${key} is no list: ${type}`;
    const next = /(?:in|out)puts\.([\w.]+?)(?:Args)?\b/.exec(type);
    const name = /(?:in|out)puts\.([\w.]+)/.exec(type)?.[1];
    properties =
      (name ? inputs.get(name) : undefined) ?? (next ? (inputs.get(`${next[1]}Args`) ?? new Map()) : new Map());
  }
  return undefined;
}

function block(text: string, start: RegExp): Map<string, string> {
  const at = text.search(start);
  const properties = new Map<string, string>();
  if (at < 0) return properties;
  for (const line of text.slice(at).split("\n").slice(1)) {
    if (line.startsWith("}")) break;
    const property = /^ {4}(?:readonly )?(\w+)\??: (.*)$/.exec(line);
    if (property?.[1]) properties.set(property[1], property[2] ?? "");
  }
  return properties;
}
