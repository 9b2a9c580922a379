/** `frugal train` */
import { type Command, InvalidArgumentError, Option } from "commander";
import { TrainingInput, type TrainingRequest } from "../../contracts/training.ts";
import type { TrainingResult } from "../../contracts/training-record.ts";
import { type Common, type Context, common, examples } from "../context.ts";
import { resolveVersion } from "../dataset/read.ts";
import { loadStage, need, UserError } from "../stage.ts";
import { cancelTraining, jobWatcher, startTraining, uploadSource, waitForTraining } from "../train.ts";

interface TrainOptions extends Common {
  dataset: string;
  source: string;
  entry: string;
  image: string;
  run: string;
  instanceType?: string;
  maxRuntime?: number;
  hyperparameter: Record<string, string | number | boolean>;
  spot: boolean;
  force?: boolean;
}

/** Milliseconds between two looks at a training that runs. */
const POLL_MS = Number(process.env.FRUGAL_POLL_MS ?? 3000);

export function registerTrain(program: Command, context: Context): void {
  common(
    program
      .command("train")
      .description("train in script mode on a dataset version; what was trained before is given back at no cost")
      .requiredOption("--dataset <version>", "<name>@sha256:<64 hex>; <name>@<first characters> or <name> (the newest)")
      .requiredOption("--source <folder>", "folder with the entry script")
      .option("--entry <file>", "entry script below the source folder", "train.py")
      .requiredOption("--image <uri>", "training image; pinned by digest (…@sha256:…) it is the same for ever")
      .requiredOption("--run <name>", "name of the line of work")
      .option("--instance-type <type>", "SageMaker instance type (default: the first that the stage allows)")
      .option("--max-runtime <seconds>", "stop the job after so many seconds (default: the stage's limit)", seconds)
      .addOption(new Option("--hyperparameter <name=value>", "may be repeated").argParser(pairs).default({}, "none"))
      .option("--no-spot", "do not use spare capacity, which is cheaper and may be interrupted")
      .option("--force", "train again although the same was trained before; it is put on record")
      .addHelpText(
        "after",
        examples(
          "frugal train --dataset breast-cancer --source examples/breast-cancer/source --image … --run baseline",
          "frugal train … --hyperparameter epochs=20 --hyperparameter rate=0.1 --no-spot",
          "frugal train … --force        # the same again",
        ),
      ),
  ).action(async (options: TrainOptions) => {
    const stage = need(
      await loadStage(context.ssm, options.stage),
      "dataBucket",
      "artifactBucket",
      "trainingStateMachine",
    );
    const { version: datasetVersion } = await resolveVersion(context.s3, stage.dataBucket, options.dataset);
    const wanted: TrainingRequest = {
      datasetVersion,
      // Checked before anything is uploaded; the true address follows from the bytes.
      sourceUri: `s3://${stage.artifactBucket}/sources/sha256/${"0".repeat(64)}/source.tar.gz`,
      entry: options.entry,
      image: options.image,
      hyperparameters: options.hyperparameter,
      instanceType: options.instanceType,
      maxRuntimeSeconds: options.maxRuntime,
      run: options.run,
      submittedBy: context.person(),
      // Left out, the stage decides.
      ...(options.spot ? {} : { spot: false }),
      force: options.force ?? false,
    };
    const checked = TrainingInput.safeParse(wanted);
    if (!checked.success) throw new UserError(faults(checked.error.issues));
    const sourceUri = await uploadSource(context.s3, stage.artifactBucket, options.source, options.entry);
    const started = await startTraining(context.sfn, stage.trainingStateMachine, { ...wanted, sourceUri });
    context.progress(
      started.joined ? "somebody asked for the same just now; following that training" : "asked for the training",
    );
    const watch = jobWatcher(
      context.sagemaker,
      { stage: options.stage, datasetVersion, key: started.key },
      context.progress,
    );
    const release = onInterrupt(context, started);
    const result = await waitForTraining(context.sfn, started.executionArn, { pollMs: POLL_MS, onPoll: watch }).finally(
      release,
    );
    context.print(options, { ...result, executionArn: started.executionArn }, say(result));
  });
}

/** Ctrl-C ends a training that this command started; one that somebody else started goes on. */
function onInterrupt(context: Context, started: { executionArn: string; joined: boolean }): () => void {
  const stop = async (): Promise<void> => {
    process.removeListener("SIGINT", stop);
    if (started.joined) context.progress("the training goes on: somebody else started it");
    else {
      context.progress("stopping the training …");
      await cancelTraining(context.sfn, started.executionArn).catch((error: Error) => context.progress(error.message));
    }
    process.exit(130);
  };
  process.once("SIGINT", stop);
  return () => process.removeListener("SIGINT", stop);
}

function say(result: TrainingResult): string {
  const lines = [
    result.reused
      ? `reused ${result.trainingJobName}: trained before, at no cost now`
      : `trained ${result.trainingJobName}${result.forced ? " (again, because it was asked for)" : ""}`,
    `artefact ${result.artifactUri} (${result.artifactBytes} bytes, version ${result.artifactVersionId})`,
  ];
  if (!result.reused && result.billableSeconds !== undefined) {
    lines.push(`billed ${result.billableSeconds} s of ${result.instanceType}${result.spot ? ", spare capacity" : ""}`);
  }
  return [...lines, `next: frugal submit ${result.trainingJobName}`].join("\n");
}

/** Options by the names that their fields have in a request. */
const optionOf: Readonly<Record<string, string>> = {
  datasetVersion: "--dataset",
  sourceUri: "--source",
  maxRuntimeSeconds: "--max-runtime",
  instanceType: "--instance-type",
  hyperparameters: "--hyperparameter",
  submittedBy: "FRUGAL_USER",
};

function faults(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues
    .map(({ path: [field = "", ...rest], message }) => {
      const option = optionOf[String(field)] ?? `--${String(field)}`;
      return [option, ...rest.map(String), message].join(" ");
    })
    .join("; ");
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of seconds.");
}

function pairs(text: string, before: Record<string, string | number | boolean>) {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be name=value.");
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: parsed(text.slice(at + 1)) };
}

/** Numbers and truth values are what they look like; a JSON text in quotes stays a text. */
function parsed(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (/^".*"$/.test(text)) {
    try {
      return JSON.parse(text) as string;
    } catch {
      return text;
    }
  }
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
