/**
 * Function code as deterministic zips: the same source gives the same bytes on every machine, so an unchanged source gives
 * an unchanged preview.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BuildOptions, build, version } from "esbuild";
import { zipSync } from "fflate";
import { readRecord, writeRecord } from "./bundle-record.ts";

const root = resolve(import.meta.dirname, "../..");

/** A function's code, ready to be uploaded. */
export interface Bundle {
  readonly name: string;
  /** Where the zip lies; an absolute path. */
  readonly path: string;
  /** Lower-case hex of the zip's SHA-256. */
  readonly sha256: string;
  /** Size of the zip. */
  readonly bytes: number;
}

/** What Lambda is told to call: the export `handler` of `index.js`. */
export const HANDLER = "index.handler";
/** Runtime of every function (botocore lambda 2015-03-31, Runtime). */
export const RUNTIME = "nodejs24.x";
/** How the code is bundled; what stands here is part of the result. */
const settings = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  // The SDK's ES modules can be shaken, its CommonJS cannot.
  mainFields: ["module", "main"],
  // In Lambda credentials come from the environment alone; the SDK's chain of other sources is a quarter of a bundle.
  alias: { "@aws-sdk/credential-provider-node": join(root, "functions", "shared", "lambda-credentials.ts") },
  minify: true,
  legalComments: "none",
  sourcemap: false,
  charset: "utf8",
} satisfies BuildOptions;

const cache = new Map<string, Promise<ReadonlyMap<string, Bundle>>>();

/**
 * Bundles functions by one esbuild call and zips each; once in a process for the same folders.
 *
 * @param names folders below `functions/`, each with a `handler.ts`
 * @param options.source where the folders lie; `functions/` of the project unless said
 * @param options.target where the zips go; `.build/functions/` of the project unless said
 * @throws when a handler is missing or does not compile; the message has esbuild's words
 */
export function bundleFunctions(
  names: readonly string[],
  options: { source?: string; target?: string } = {},
): Promise<ReadonlyMap<string, Bundle>> {
  const source = options.source ?? join(root, "functions");
  const target = options.target ?? join(root, ".build", "functions");
  const key = JSON.stringify([source, target, ...names]);
  const known = cache.get(key);
  if (known) return known;
  const made = makeBundles(names, source, target);
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}

async function makeBundles(names: readonly string[], source: string, target: string) {
  const missing = names.filter((name) => !existsSync(join(source, name, "handler.ts")));
  if (missing.length > 0) throw new Error(`no handler.ts in ${source} for: ${missing.join(", ")}`);
  const request = JSON.stringify({ source, names, settings, esbuild: version });
  const known = readRecord(target, request);
  if (known) return known;
  const result = await build({
    ...settings,
    entryPoints: names.map((name) => ({ in: join(source, name, "handler.ts"), out: name })),
    absWorkingDir: root,
    outdir: target,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  mkdirSync(target, { recursive: true });
  const bundles = names.map((name) => {
    const output = result.outputFiles.find((file) => file.path === join(target, `${name}.js`));
    if (!output) throw new Error(`esbuild made no output for the function ${name}`);
    return store(name, zip("index.js", output.contents), target);
  });
  const lock = join(root, "package-lock.json");
  const inputs = Object.keys(result.metafile.inputs).map((path) => resolve(root, path));
  writeRecord(target, request, existsSync(lock) ? [...inputs, lock] : inputs, bundles);
  return new Map(bundles.map((bundle) => [bundle.name, bundle]));
}

/**
 * A zip of one file, without anything that differs between machines. The time stamp is the format's first, given in local
 * time because the format has no zone and fflate reads the local fields.
 */
export function zip(fileName: string, content: Uint8Array): Uint8Array {
  const unix = 3;
  return zipSync(
    { [fileName]: [content, { mtime: new Date(1980, 0, 1), os: unix, attrs: 0o100644 << 16 }] },
    { level: 9 },
  );
}

function store(name: string, content: Uint8Array, target: string): Bundle {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const path = join(target, `${name}-${sha256}.zip`);
  if (!existsSync(path)) {
    // By another name first: a run that is killed here leaves no half-written zip under the right one.
    const draft = `${path}.${process.pid}.draft`;
    writeFileSync(draft, content);
    renameSync(draft, path);
  }
  return { name, path, sha256, bytes: content.length };
}
