/** `frugal lineage repair` */
import { type Command, InvalidArgumentError } from "commander";
import { reconcile } from "../../functions/reconcile-lineage/reconcile.ts";
import { subjects } from "../../functions/reconcile-lineage/subjects.ts";
import { awsStore } from "../../functions/record-lineage/store.ts";
import { awsTruth } from "../../functions/record-lineage/truth.ts";
import { type Common, type Context, common, examples } from "../context.ts";
import { loadStage, need } from "../stage.ts";

interface RepairOptions extends Common {
  dryRun?: boolean;
  since?: Date;
}

export function registerLineage(program: Command, context: Context): void {
  const lineage = program.command("lineage").description("the recorded lineage itself");
  common(
    lineage
      .command("repair")
      .description(
        "compare what is recorded with what SageMaker says of every job, package and endpoint of the stage, and add what is missing",
      )
      .addHelpText(
        "after",
        `${examples("frugal lineage repair --dry-run", "frugal lineage repair --since 2026-11-01")}\n\nThe same runs every few hours by itself, for what changed lately. Exit codes: 0 nothing is missing any more, 1 something is (always with --dry-run, when something was missing).`,
      ),
  )
    .option("--dry-run", "only tell what is missing")
    .option("--since <date>", "only what changed since then", date)
    .action(async (options: RepairOptions) => {
      const resources = need(
        await loadStage(context.ssm, options.stage),
        "dataBucket",
        "artifactBucket",
        "modelPackageGroup",
        "endpointName",
      );
      const scope = { ...resources, stage: options.stage, endpointPrefix: resources.endpointName };
      const { sagemaker } = context;
      const { since, dryRun } = options;
      const listed = subjects(sagemaker, {
        since,
        groups: [resources.modelPackageGroup],
        endpointPrefix: resources.endpointName,
      });
      const result = await reconcile(awsTruth(sagemaker, context.s3), awsStore(sagemaker), scope, listed, {
        dryRun,
        onSubject: (subject, changes) => changes.length > 0 && context.progress(`${subject}: ${changes.length}`),
      });
      const { looked, kept, changes, failed } = result;
      const lines = [
        ...changes.map(({ what, text }) => `${dryRun ? "missing" : "added"}  ${what}  ${text}`),
        ...failed.map(({ subject, because }) => `failed  ${subject}: ${because}`),
        `${kept} of ${looked} subjects are the stage's; ${changes.length} ${dryRun ? "things are missing" : "things were missing and are recorded now"}${failed.length > 0 ? `; ${failed.length} subjects failed` : ""}.`,
      ];
      context.print(options, result, lines.join("\n"));
      if (failed.length > 0 || (dryRun && changes.length > 0)) process.exitCode = 1;
    });
}

function date(text: string): Date {
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw new InvalidArgumentError("must be a date, such as 2026-11-01");
  return value;
}
