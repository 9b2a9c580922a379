#!/usr/bin/env node
// The command's entry: plain JavaScript, so that an old Node says what it lacks instead of a syntax error.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const stripsTypes = major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);
if (!stripsTypes && !existsSync(own)) {
  console.error(`frugal needs Node 22.18 or newer (or \`npm ci\` in its checkout); this is ${process.version}`);
  process.exit(1);
}
const { status } = spawnSync(stripsTypes ? process.execPath : own, [main, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
