/** `frugal dataset …` */
import { type Command, InvalidArgumentError } from "commander";
import { datasetPrefix } from "../../contracts/dataset.ts";
import { type Common, type Context, common, examples } from "../context.ts";
import { failed } from "../dataset/checks.ts";
import { diffManifests } from "../dataset/diff.ts";
import { loadExpectations } from "../dataset/expectations.ts";
import { formatDiff, formatManifest, formatVersions } from "../dataset/format.ts";
import { publishDataset, TestsFailed } from "../dataset/publish.ts";
import { listNames, listVersions, resolveVersion } from "../dataset/read.ts";
import { makeProgress } from "../output.ts";
import { loadStage, need, UserError } from "../stage.ts";

const versions = `
A version is named <name>@sha256:<64 hex>; <name>@<first characters> or <name> alone (the newest) will do.`;

export function registerDataset(program: Command, context: Context): void {
  const dataset = program.command("dataset").description("publish dataset versions, and look at them");
  registerPublish(dataset, context);
  registerList(dataset, context);
  registerShow(dataset, context);
  registerDiff(dataset, context);
}

async function bucketOf(context: Context, options: Common): Promise<string> {
  return need(await loadStage(context.ssm, options.stage), "dataBucket").dataBucket;
}

interface PublishCommand extends Common {
  from: string;
  tests?: string;
  parent: string[];
}

function registerPublish(dataset: Command, context: Context): void {
  common(
    dataset
      .command("publish <name>")
      .description("test a folder or an S3 prefix and publish it as an immutable version")
      .requiredOption("--from <folder|s3 prefix>", "what to publish; s3://bucket/prefix/ is copied inside S3")
      .option("--tests <folder>", "folder of .sql files that must return no rows")
      .option("--parent <version...>", "versions that this one was made from", [])
      .addHelpText(
        "after",
        `
The same bytes are the same version: publishing them again writes nothing. CSV and Parquet files are tables in the
tests: train for all below train/, test_features for test/features.csv, and so on. A test that returns rows, or a broken
expectation of the stage's configuration, publishes nothing: the rows are printed and the exit code is 1.
${examples(
  "frugal dataset publish breast-cancer --from data/ --tests examples/breast-cancer/tests",
  "frugal dataset publish clicks --from s3://lake/clicks/2026-11/ --parent clicks@sha256:… --stage prod --json",
)}`,
      ),
  ).action(async (name: string, options: PublishCommand) => {
    const bucket = await bucketOf(context, options);
    const expectations = await loadExpectations(context.ssm, options.stage, name);
    try {
      const published = await publishDataset(context.s3, {
        bucket,
        name,
        from: options.from,
        tests: options.tests,
        expectations,
        parents: options.parent,
        createdBy: context.person(),
        progress: makeProgress(),
      });
      context.print(options, published, `${published.version}${published.created ? "" : " (published before)"}`);
    } catch (error) {
      // The answer to --json is the failed tests; the message goes to standard error all the same.
      if (error instanceof TestsFailed && options.json)
        context.print(options, { failed: error.results.filter(failed) }, "");
      throw error;
    }
  });
}

function registerList(dataset: Command, context: Context): void {
  common(
    dataset
      .command("list [name]")
      .description("names of datasets, or the versions of one, the newest first")
      .option("--limit <n>", "versions to show", whole, 20)
      .option("--skip <n>", "newest versions to pass over", whole, 0)
      .addHelpText("after", examples("frugal dataset list", "frugal dataset list breast-cancer --limit 5 --json")),
  ).action(async (name: string | undefined, options: Common & { limit: number; skip: number }) => {
    const bucket = await bucketOf(context, options);
    if (name === undefined) {
      const names = await listNames(context.s3, bucket);
      return context.print(options, { names }, names.join("\n") || "no dataset is published");
    }
    const found = await listVersions(context.s3, bucket, name, options);
    if (found.total === 0)
      throw new UserError(`no version of ${name} is published in stage "${options.stage}" (${bucket})`);
    context.print(options, found, formatVersions(found.versions, found.total, options.skip));
  });
}

function registerShow(dataset: Command, context: Context): void {
  common(
    dataset
      .command("show <version>")
      .description("a version's files, tables, statistics, tests and parents")
      .addHelpText(
        "after",
        `${versions}\n${examples("frugal dataset show breast-cancer", "frugal dataset show breast-cancer@3f2a --json")}`,
      ),
  ).action(async (version: string, options: Common) => {
    const bucket = await bucketOf(context, options);
    const manifest = await resolveVersion(context.s3, bucket, version);
    const uri = `s3://${bucket}/${datasetPrefix(manifest.version)}`;
    context.print(options, { uri, ...manifest }, formatManifest(manifest, uri));
  });
}

function registerDiff(dataset: Command, context: Context): void {
  common(
    dataset
      .command("diff <before> <after>")
      .description("what changed between two versions: files, schema, rows, distributions")
      .addHelpText(
        "after",
        `${versions}
PSI is the population stability index over ten buckets of the first version: below 0.1 the same, from 0.25 another
population. KS is the Kolmogorov-Smirnov distance, 0 to 1. Both are computed from the versions' statistics.
${examples("frugal dataset diff breast-cancer@3f2a breast-cancer", "frugal dataset diff clicks@91 clicks@c0 --json")}`,
      ),
  ).action(async (before: string, after: string, options: Common) => {
    const bucket = await bucketOf(context, options);
    const [first, second] = await Promise.all([
      resolveVersion(context.s3, bucket, before),
      resolveVersion(context.s3, bucket, after),
    ]);
    const diff = diffManifests(first, second);
    context.print(options, diff, formatDiff(diff));
  });
}

function whole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
