/**
 * Copies the pack to where another program keeps it, as one file without its sources:
 *
 *   node policies/copy.ts <folder>
 *
 * The folder then holds what `--policy-pack <folder>` needs, but for the libraries that its package.json names:
 * npm install in it. A copy is never changed by hand; exemptions.json is, and is left as it is when the copy is renewed.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const { make } = createRequire(import.meta.url)("./bundle.cjs") as {
  make(file: string, folder: string, home: string): Promise<void>;
};
const from = import.meta.dirname;

export async function copyPack(to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  await make(join(to, "pack.cjs"), from, ".");
  for (const file of ["PulumiPolicy.yaml", "start.cjs", "RULES.md", "README.md"])
    copyFileSync(join(from, file), join(to, file));
  for (const room of ["config", "assets"]) cpSync(join(from, room), join(to, room), { recursive: true });
  const exemptions = join(to, "exemptions.json");
  if (!existsSync(exemptions)) writeFileSync(exemptions, "[]\n");
  const { dependencies, ...manifest } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const { esbuild: _, ...needed } = dependencies;
  writeFileSync(join(to, "package.json"), `${JSON.stringify({ ...manifest, dependencies: needed }, null, 2)}\n`);
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error("usage: node policies/copy.ts <folder>");
    process.exitCode = 2;
  } else {
    await copyPack(resolve(folder));
    console.log(`Copied to ${resolve(folder)}. Next: npm install in it, then pulumi preview --policy-pack ${folder}`);
  }
}
