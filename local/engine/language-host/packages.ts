/** What a program's node_modules hold: packages that need a provider plugin, and dependencies with their versions. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

export interface RequiredPlugin {
  readonly name: string;
  readonly version: string;
  readonly server: string;
}

export interface Dependency {
  readonly name: string;
  readonly version: string;
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

function installed(programDirectory: string): Manifest[] {
  const modules = join(programDirectory, "node_modules");
  const names = namesIn(modules).flatMap((name) =>
    name.startsWith("@") ? namesIn(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return names.flatMap((name) => manifestOf(join(modules, name)) ?? []);
}

const withoutV = (version: string): string => version.replace(/^v/, "");

/** Provider plugins that the installed packages declare (`"pulumi": { "resource": true }` in their package.json). */
export function requiredPlugins(programDirectory: string): RequiredPlugin[] {
  return installed(programDirectory).flatMap(({ name = "", version = "", pulumi }) => {
    if (pulumi?.resource !== true) return [];
    return {
      name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
      version: withoutV(pulumi.version ?? version),
      server: pulumi.server ?? "",
    };
  });
}

/** The program's own dependencies, or everything that is installed for it. */
export function dependencies(programDirectory: string, transitive: boolean): Dependency[] {
  let folder = programDirectory;
  while (manifestOf(folder) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  const wanted = manifestOf(folder)?.dependencies ?? {};
  return installed(folder).flatMap(({ name, version = "" }) =>
    name !== undefined && (transitive || name in wanted) ? { name, version } : [],
  );
}
