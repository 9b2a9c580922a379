/**
 * Judges a recorded stack without an engine:
 *
 *   npm run policies:check -- <stack export or preview json> [--config <file>] [--json]
 *
 * Exit code 0: nothing mandatory; 1: mandatory findings; 2: the file, the configuration or the call is wrong.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rules } from "../index.ts";
import { isMandatory, sorted, type Verdict } from "../report/finding.ts";
import { textOf } from "../report/text.ts";
import type { Configured } from "../support/run.ts";
import { ConfigurationError, ownLevels, readConfiguration } from "./configuration.ts";
import { judge, prepare } from "./judge.ts";
import { type Recording, RecordingError, readRecording } from "./recorded.ts";

const USAGE = `usage: npm run policies:check -- <file> [--config <policy pack configuration>] [--json]

<file>    of pulumi stack export, or of pulumi preview --json --show-sames; - is standard input
--config  as --policy-pack-config would take it, such as policies/config/prod.json; without it prod's levels
--json    the verdict as JSON, which npm run policies:report reads`;

/** What is wrong with the call, for whoever called. */
class UsageError extends Error {}

export async function check(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const { positionals, values } = parsed(args);
    const [file, ...more] = positionals;
    if (file === undefined) throw new UsageError(USAGE);
    if (more.length > 0)
      throw new UsageError(
        `One file is judged, but ${more.length + 1} are named: ${positionals.join(", ")}\n\n${USAGE}`,
      );
    const configuration = configurationOf(values.config);
    const recording = recordingOf(file);
    const { findings, remediated } = await judge(prepare(recording.resources), rules, configuration);
    const verdict: Verdict = {
      by: recording.kind,
      pack: packName(),
      resources: recording.resources.length,
      findings: sorted(findings),
      remediated,
      remarks: remarksOn(recording),
    };
    return {
      code: findings.some(isMandatory) ? 1 : 0,
      output: values.json ? `${JSON.stringify(verdict, null, 2)}\n` : textOf(verdict),
    };
  } catch (error) {
    if (error instanceof UsageError) return { code: 2, output: `${error.message}\n` };
    throw error;
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: "string" }, json: { type: "boolean" } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function configurationOf(file: string | undefined): Map<string, Configured> {
  if (file === undefined) return ownLevels(rules);
  try {
    return readConfiguration(textIn(file), rules);
  } catch (error) {
    if (error instanceof ConfigurationError)
      throw new UsageError(`${file} is no configuration of this pack: ${error.message}.`);
    throw error;
  }
}

function recordingOf(file: string): Recording {
  try {
    return readRecording(textIn(file));
  } catch (error) {
    if (error instanceof RecordingError) throw new UsageError(`${file} cannot be judged: ${error.message}.`);
    throw error;
  }
}

function textIn(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function remarksOn({ resources, secrets }: Recording): string[] {
  return [
    ...(resources.length === 0 ? ["There is no resource in it."] : []),
    ...(secrets > 0 ? [`${secrets} secret values are hidden in it and were judged as the text "[secret]".`] : []),
  ];
}

function packName(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));
  return `frugal-mlops@v${version}`;
}

if (import.meta.main) {
  const { code, output } = await check(process.argv.slice(2));
  (code === 2 ? process.stderr : process.stdout).write(output);
  process.exitCode = code;
}
