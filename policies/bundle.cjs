/**
 * The whole pack in one file, made on the first start and whenever a source has changed since: nearly all of the start-up
 * time is finding, reading and compiling some seven hundred modules, and all of it comes before the engine's first step.
 *
 * The file lies in `.build/` of this folder and says in its first line what it was made from. Whatever stands in the way
 * (no esbuild, a folder that cannot be written to) is no fault: the pack then runs from its sources, only slower.
 */
"use strict";
const fs = require("node:fs");
const { dirname, join, relative, resolve, sep } = require("node:path");

/**
 * Path of the bundle of the pack in `folder`, made anew if it is stale. Rejects where none can be had.
 * @param {string} folder
 * @param {string} [file] where it lies, if not in its place
 * @returns {Promise<string>}
 */
exports.bundled = async function bundled(folder, file = join(folder, ".build", "pack.cjs")) {
  if (!isFresh(file, folder)) await make(file, folder);
  return file;
};

function isFresh(file, folder) {
  const made = headOf(file);
  if (made?.folder !== folder) return false;
  return Object.entries(made.sources).every(([path, [mtimeMs, size]]) => {
    const stat = fs.statSync(resolve(folder, path), { throwIfNoEntry: false });
    return stat?.mtimeMs === mtimeMs && stat.size === size;
  });
}

/** The first line of a bundle, without the megabytes behind it. */
function headOf(file) {
  let handle;
  try {
    handle = fs.openSync(file, "r");
    const start = Buffer.alloc(256 * 1024);
    const line = start.toString("utf8", 0, fs.readSync(handle, start)).split("\n", 1)[0];
    return JSON.parse(line.slice("// ".length));
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

/**
 * Writes the bundle of the pack in `folder` to `file`. It finds what is not code (the exemptions) from the folder of
 * PulumiPolicy.yaml, which is `home` as seen from the bundle's own.
 * @param {string} file
 * @param {string} folder
 * @param {string} [home]
 */
async function make(file, folder, home = "..") {
  const began = Date.now();
  const { metafile, outputFiles } = await require("esbuild").build({
    absWorkingDir: folder,
    entryPoints: [join(folder, "pack.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${process.versions.node}`,
    // Not every run asks AWS anything: its clients stay where they are (see support/ahead.ts).
    external: ["@aws-sdk/*"],
    plugins: [slimLibrary(), knowsItsPlace(folder)],
    banner: { js: `const __home = require("node:path").join(__dirname, ${JSON.stringify(home)});` },
    tsconfigRaw: "{}",
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    write: false,
    outfile: file,
  });
  const sources = {};
  for (const path of [relative(folder, __filename), ...known(Object.keys(metafile.inputs), folder)]) {
    const { mtimeMs, size } = fs.statSync(resolve(folder, path));
    // Written while it was being read, perhaps: the next start makes it again.
    sources[path] = [mtimeMs < began ? mtimeMs : 0, size];
  }
  // A copy elsewhere has no sources to be compared with, and nobody there is told where it was made.
  const head = home === ".." ? `// ${JSON.stringify({ folder, sources })}\n` : "";
  fs.mkdirSync(dirname(file), { recursive: true });
  // Two starts may make it at once: each writes its own, and the last one's stays.
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, head + outputFiles[0].text);
  fs.renameSync(own, file);
}

/** Of a library the manifest, which changes with its version; of the pack itself each file. */
function known(inputs, folder) {
  const paths = new Set();
  for (const input of inputs) {
    if (input.includes(":")) continue; // Made by a plugin below, so by this file.
    const parts = relative(folder, resolve(folder, input)).split(sep);
    const at = parts.lastIndexOf("node_modules");
    const depth = parts[at + 1]?.startsWith("@") ? 3 : 2;
    paths.add(at < 0 ? parts.join("/") : [...parts.slice(0, at + depth), "package.json"].join("/"));
  }
  return [...paths].sort();
}

/**
 * `@pulumi/policy` takes two things from `@pulumi/pulumi`; the rest of it (closures, automation, npm's own libraries) is
 * five hundred modules that a policy never meets. A test compares this list with what the library uses.
 */
function slimLibrary() {
  const contents = Object.entries(exports.SLIM).map(([name, value]) => `exports.${name} = ${value};`);
  return {
    name: "slim-library",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^@pulumi\/pulumi$/ }, ({ resolveDir }) => ({
        path: "pulumi",
        namespace: "slim",
        pluginData: resolveDir,
      }));
      onLoad({ filter: /.*/, namespace: "slim" }, ({ pluginData }) => ({
        contents: contents.join("\n"),
        resolveDir: pluginData,
      }));
    },
  };
}
exports.SLIM = {
  asset: 'require("@pulumi/pulumi/asset")',
  Output: 'require("@pulumi/pulumi/output").Output',
};

/** A file of the pack that looks for others beside itself finds them where its source lies, not beside the bundle. */
function knowsItsPlace(folder) {
  const join_ = 'require("node:path").join(__home, ';
  const url = 'require("node:url").pathToFileURL(';
  return {
    name: "knows-its-place",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = (place) => `${join_}${JSON.stringify(relative(folder, place))})`;
        const contents = fs
          .readFileSync(path, "utf8")
          .replaceAll("import.meta.dirname", own(dirname(path)))
          .replaceAll("import.meta.filename", own(path))
          .replaceAll("import.meta.url", `${url}${own(path)}).href`)
          .replaceAll("import.meta.main", "false");
        return { contents, loader: "ts" };
      });
    },
  };
}

exports.make = make;
