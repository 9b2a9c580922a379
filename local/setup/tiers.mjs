/** From the words after `npm test --` to what mocha is asked to run. */
import { existsSync } from "node:fs";

/** Every tier, in the order it is run, and whether it needs the Python environment and the engine. */
const tiers = {
  unit: false,
  components: false,
  policies: false,
  workflow: false,
  functions: false,
  local: true,
};
/** mocha options whose value is the next word. */
const takesValue = [
  "-g",
  "--grep",
  "-f",
  "--fgrep",
  "-t",
  "--timeout",
  "-R",
  "--reporter",
  "-r",
  "--require",
  "--retries",
  "-j",
  "--jobs",
];

/** .mocharc.json without its `spec`, as arguments: mocha would else add the files named there to those asked for. */
export function settingsAsArguments(settings) {
  return Object.entries(settings).flatMap(([key, value]) => {
    if (key === "spec" || value === false) return [];
    const name = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return [value].flat().flatMap((one) => (one === true ? [name] : [name, String(one)]));
  });
}

/**
 * @param words tier names, test files, folders, and mocha's own options
 * @param exists whether a path is there (for tests)
 * @returns `args` for mocha; `needsTools` whether the emulators and the engine must be set up; `fault` for the user
 */
export function planTests(words, settings = {}, exists = existsSync) {
  const specs = [];
  const passed = [];
  const unknown = [];
  let needsTools = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (takesValue.includes(word) && i + 1 < words.length) passed.push(word, words[++i]);
    else if (word.startsWith("-")) passed.push(word);
    else if (word in tiers) {
      specs.push(`test/${word}/**/*.test.ts`);
      needsTools ||= tiers[word];
    } else if (/[/*.]/.test(word) && (word.includes("*") || exists(word))) {
      specs.push(!word.includes("*") && !word.endsWith(".ts") ? `${word.replace(/\/$/, "")}/**/*.test.ts` : word);
      needsTools ||= !Object.keys(tiers).some(
        (tier) => !tiers[tier] && word.replace(/^\.\//, "").startsWith(`test/${tier}/`),
      );
    } else unknown.push(word);
  }
  if (unknown.length > 0) {
    const names = unknown.map((word) => `"${word}"`).join(", ");
    return {
      fault: `No tier, test file or folder is called ${names}. The tiers are ${Object.keys(tiers).join(", ")}.`,
    };
  }
  if (specs.length === 0) {
    specs.push("test/**/*.test.ts");
    needsTools = true;
  }
  return { args: ["--no-config", ...settingsAsArguments(settings), ...passed, ...specs], needsTools };
}

/** The one line a test run ends with. A run that ended badly without a failed test counts as one failure. */
export function summary(counts, exitCode) {
  const passed = counts?.passed ?? 0;
  const failed = counts?.failed ?? 0;
  return `${passed} passed, ${failed === 0 && exitCode !== 0 ? 1 : failed} failed`;
}
