/**
 * Writes the verdict of one recorded run as a report:
 *
 *   npm run policies:report -- <record> --markdown <file> --sarif <file> --junit <file>
 *
 * <record> is a log of the engine's events, or the JSON of policies:check; - is standard input.
 * Exit code 0 when the report is written, whatever the verdict: it is the preview that refuses. 2: the call or record is wrong.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { rules } from "../index.ts";
import { EventsError, verdictOfLog } from "./events.ts";
import type { Verdict } from "./finding.ts";
import { junitOf } from "./junit.ts";
import { markdownOf } from "./markdown.ts";
import { sarifOf } from "./sarif.ts";
import { textOf } from "./text.ts";

const USAGE = `usage: npm run policies:report -- <record> [--markdown <file>] [--sarif <file>] [--junit <file>]

<record>  the engine's events, one a line:
            PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json --policy-pack policies > events.jsonl
          or the JSON of npm run policies:check -- <file> --json; - is standard input
<file>    - is standard output; without any of the three, a short text is printed`;

class UsageError extends Error {}

export const FORMATS: Readonly<Record<"markdown" | "sarif" | "junit", (verdict: Verdict) => string>> = {
  markdown: markdownOf,
  sarif: (verdict) => `${JSON.stringify(sarifOf(verdict, rules), null, 2)}\n`,
  junit: (verdict) => junitOf(verdict, rules),
};

export function report(args: readonly string[]): { readonly code: number; readonly output: string } {
  try {
    const { positionals, values } = parsed(args);
    const [file, ...more] = positionals;
    if (file === undefined) throw new UsageError(USAGE);
    if (more.length > 0)
      throw new UsageError(
        `One record is read, but ${more.length + 1} are named: ${positionals.join(", ")}\n\n${USAGE}`,
      );
    const verdict = verdictIn(file);
    let output = "";
    for (const [format, write] of Object.entries(FORMATS)) {
      const target = values[format as keyof typeof FORMATS];
      if (target === "-") output += write(verdict);
      else if (target !== undefined) put(target, write(verdict));
    }
    return { code: 0, output: Object.keys(values).length === 0 ? textOf(verdict) : output };
  } catch (error) {
    if (error instanceof UsageError) return { code: 2, output: `${error.message}\n` };
    throw error;
  }
}

function put(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { markdown: text, sarif: text, junit: text },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function verdictIn(file: string): Verdict {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const checked = checkedIn(text, file);
  if (checked) return checked;
  try {
    return verdictOfLog(text);
  } catch (error) {
    if (error instanceof EventsError)
      throw new UsageError(
        `${file} is no record of a judged run: ${error.message}${error.message.endsWith("?") ? "" : "."}`,
      );
    throw error;
  }
}

/** What `policies:check --json` wrote, or undefined. */
function checkedIn(text: string, file: string): Verdict | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== "object" || found === null) return undefined;
    if ("steps" in found || "deployment" in found)
      throw new UsageError(
        `${file} is no record of a judged run: it is a preview or an export without verdicts, which npm run policies:check judges.`,
      );
    return "findings" in found && "pack" in found && "by" in found ? (found as Verdict) : undefined;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return undefined;
  }
}

if (import.meta.main) {
  const { code, output } = report(process.argv.slice(2));
  (code === 2 ? process.stderr : process.stdout).write(output);
  process.exitCode = code;
}
