/** `frugal trace` */
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Common, type Context, common, examples } from "../context.ts";
import { loadStage, need } from "../stage.ts";
import { formatMermaid } from "../trace/mermaid.ts";
import { flowOnly, type Trace } from "../trace/model.ts";
import { formatSvg } from "../trace/svg.ts";
import { DEFAULT_LIMIT, traceSubject } from "../trace/trace.ts";
import { formatTree } from "../trace/tree.ts";
import { formatChecks } from "../trace/verify/report.ts";
import { verifyTrace } from "../trace/verify/verify.ts";

interface TraceOptions extends Common {
  mermaid?: boolean;
  svg?: string;
  verify?: boolean;
  deep?: boolean;
  all?: boolean;
  limit: number;
}

const digest = "sha256:9c1d…";
const what = "[endpoint | package ARN | dataset version | artefact digest | training job]";

export function registerTrace(program: Command, context: Context): void {
  const command = program
    .command("trace")
    .argument("[subject]", `what to trace: ${what}; the stage's own endpoint where it is missing`)
    .summary("say what a model came from, and what came of a dataset")
    .description(
      "Says what something came from and what came of it, as it was recorded. With --verify every link is read again: the data and the artefact under their recorded version ids and digests, the package's approval, what the endpoint serves.",
    )
    .addHelpText(
      "after",
      `${examples(
        "frugal trace --stage prod",
        "frugal trace --stage prod --verify",
        `frugal trace breast-cancer@${digest} --svg lineage.svg`,
        `frugal trace ${digest} --mermaid`,
      )}\n\nExit codes: 0 every link holds, 1 a link is broken or nothing is recorded, 2 wrong usage.`,
    );
  common(command)
    .addOption(new Option("--mermaid", "print a Mermaid flow chart").conflicts("json"))
    .option("--svg <file>", "write a picture")
    .option("--verify", "read every link again; exit code 1 when one is broken")
    .option("--deep", "with --verify: read the bytes of data and artefacts, and hash them anew")
    .option("--all", "show as well what SageMaker notes besides: channel prefixes, raw model files, deployments")
    .option("--limit <count>", "most entities in each direction", count, DEFAULT_LIMIT)
    .action(async (text: string | undefined, options: TraceOptions) => run(context, text, options));
}

async function run(context: Context, text: string | undefined, options: TraceOptions): Promise<void> {
  const stage = need(await loadStage(context.ssm, options.stage), "dataBucket", "artifactBucket", "endpointName");
  const { dataBucket, artifactBucket, endpointName } = stage;
  const { limit } = options;
  const trace = await traceSubject(context.sagemaker, text ?? endpointName, { dataBucket, artifactBucket, limit });
  const shown = options.all ? trace : flowOnly(trace);
  if (options.svg !== undefined) {
    await writeFile(options.svg, formatSvg(shown));
    context.progress(`${options.svg} written`);
  }
  const verify = options.verify === true || options.deep === true;
  const scope = { stage: options.stage, dataBucket, artifactBucket, endpointPrefix: endpointName };
  const checks = verify ? await verifyTrace(context, trace, { deep: options.deep === true, scope }) : undefined;
  context.print(
    options,
    { ...shown, ...(checks ? { checks } : {}) },
    [drawn(shown, options), ...(checks ? [formatChecks(checks, trace.more.up || trace.more.down)] : [])].join("\n\n"),
  );
  if (checks?.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

const drawn = (trace: Trace, { mermaid }: TraceOptions): string => (mermaid ? formatMermaid(trace) : formatTree(trace));

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number of at least 1");
  return value;
}
