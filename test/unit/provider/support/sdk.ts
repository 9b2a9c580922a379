/** What the SDK of pulumi-aws-native declares, read from its type declarations. */
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../../../node_modules/@pulumi/aws-native/", import.meta.url);
const texts = new Map<string, string>();

function text(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const read = readFileSync(new URL(path, root), "utf8").replace(/\/\*\*[\s\S]*?\*\//g, "");
  texts.set(path, read);
  return read;
}

/** The resource types of a module, e.g. `Bucket`. */
export function typesOf(module: string): string[] {
  return readdirSync(new URL(`${module}/`, root))
    .filter((file) => /^(?!get[A-Z]|index)\w+\.d\.ts$/.test(file))
    .map((file) => file.slice(0, 1).toUpperCase() + file.slice(1, -".d.ts".length));
}

/** Names of a resource's outputs and of its inputs. */
export function declared(module: string, type: string): { outputs: string[]; inputs: string[] } {
  const file = `${module}/${type.slice(0, 1).toLowerCase()}${type.slice(1)}.d.ts`;
  const [resource = "", args = ""] = text(file).split("export interface ");
  return {
    outputs: [...resource.matchAll(/^ {4}readonly (\w+): pulumi\.Output/gm)].map(([, name = ""]) => name),
    inputs: [...args.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name = ""]) => name),
  };
}

/** Names of every property of a module's nested input types. */
export function nested(module: string): string[] {
  const all = text("types/input.d.ts");
  const start = all.indexOf(`export declare namespace ${module} {`);
  if (start === -1) return [];
  const end = all.indexOf("export declare namespace ", start + 1);
  const part = all.slice(start, end === -1 ? undefined : end);
  return [...new Set([...part.matchAll(/^ +(\w+)\??:/gm)].map(([, name = ""]) => name))];
}
