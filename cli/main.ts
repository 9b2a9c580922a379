/** The `frugal` command: what a data scientist, an approver or an auditor runs against a stage. */
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import { Command, Option } from "commander";
import { publishDataset } from "./dataset.ts";
import { loadStage, need, UserError } from "./stage.ts";
import { submit } from "./submit.ts";
import { formatTrace, traceEndpoint } from "./trace.ts";
import { startTraining, waitForTraining } from "./train.ts";

const s3 = new S3Client();
const sagemaker = new SageMakerClient();
const sfn = new SFNClient();
const ssm = new SSMClient();

interface Common {
  stage: string;
  json?: boolean;
}

function print(options: Common, value: object, text: string): void {
  console.log(options.json ? JSON.stringify(value, null, 2) : text);
}

/** Lines about progress go to standard error, so that standard output stays what was asked for. */
const progress = (line: string): void => console.error(line);

function pairs(value: string, before: Record<string, string | number>): Record<string, string | number> {
  const at = value.indexOf("=");
  if (at < 1) throw new UserError(`--hyperparameter takes name=value, got "${value}"`);
  const text = value.slice(at + 1);
  return { ...before, [value.slice(0, at)]: text !== "" && Number.isFinite(Number(text)) ? Number(text) : text };
}

function person(): string {
  return process.env.FRUGAL_USER ?? process.env.USER ?? process.env.LOGNAME ?? "unknown";
}

const program = new Command("frugal")
  .description("Frugal MLOps: from data to a monitored model. Finds a stage's resources by its SSM parameters.")
  .addHelpText("after", "\nExit codes: 0 done, 1 a fault of the input or the estate, 2 wrong usage.")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
const common = (command: Command): Command =>
  command
    .addOption(new Option("--stage <name>", "the Pulumi stack").env("FRUGAL_STAGE").default("dev"))
    .option("--json", "print JSON");

common(
  program
    .command("dataset")
    .description("dataset versions")
    .command("publish <name>")
    .description("publish a folder as an immutable version; the same bytes are the same version")
    .requiredOption("--from <folder>", "folder with train/… and test/features.csv, test/labels.csv")
    .addHelpText("after", "\nExample:\n  frugal dataset publish breast-cancer --from data/"),
).action(async (name: string, options: Common & { from: string }) => {
  const { dataBucket } = need(await loadStage(ssm, options.stage), "dataBucket");
  const published = await publishDataset(s3, {
    bucket: dataBucket,
    name,
    folder: options.from,
    createdBy: person(),
    log: progress,
  });
  print(options, published, `${published.version}${published.created ? "" : " (published before)"}`);
});

common(
  program
    .command("train")
    .description("train in script mode on a dataset version, and wait for the end")
    .requiredOption("--dataset <version>", "<name>@sha256:<64 hex>")
    .requiredOption("--source <folder>", "folder with the entry script")
    .option("--entry <file>", "entry script", "train.py")
    .requiredOption("--image <uri>", "training image")
    .requiredOption("--run <name>", "name of the line of work")
    .option("--instance-type <type>", "SageMaker instance type", "ml.m5.large")
    .option("--max-runtime <seconds>", "time limit in seconds", Number, 600)
    .option("--hyperparameter <name=value>", "may be repeated", pairs, {})
    .addHelpText(
      "after",
      "\nExample:\n  frugal train --dataset breast-cancer@sha256:… --source examples/breast-cancer/source --image … --run first",
    ),
).action(
  async (
    options: Common & {
      dataset: string;
      source: string;
      entry: string;
      image: string;
      run: string;
      instanceType: string;
      maxRuntime: number;
      hyperparameter: Record<string, string | number>;
    },
  ) => {
    const resources = need(await loadStage(ssm, options.stage), "dataBucket", "artifactBucket", "trainingRole");
    const name = await startTraining(s3, sagemaker, {
      ...resources,
      stage: options.stage,
      roleArn: resources.trainingRole,
      datasetVersion: options.dataset,
      source: options.source,
      entry: options.entry,
      image: options.image,
      run: options.run,
      hyperparameters: options.hyperparameter,
      instanceType: options.instanceType,
      maxRuntimeSeconds: options.maxRuntime,
    });
    progress(name);
    const job = await waitForTraining(sagemaker, name, { pollMs: 2000, onStatus: progress });
    print(options, { trainingJobName: name, artifact: job.ModelArtifacts?.S3ModelArtifacts }, name);
  },
);

common(
  program
    .command("submit <training-job>")
    .description("hand a finished training job to the gate and to approval")
    .addHelpText("after", "\nExample:\n  frugal submit first-lz4k2"),
).action(async (trainingJobName: string, options: Common) => {
  const { submissionStateMachine } = need(await loadStage(ssm, options.stage), "submissionStateMachine");
  const submission = await submit(sagemaker, sfn, {
    stateMachineArn: submissionStateMachine,
    trainingJobName,
    submittedBy: person(),
  });
  print(options, submission, `${submission.executionArn}${submission.created ? "" : " (submitted before)"}`);
});

common(
  program
    .command("trace [endpoint]")
    .description("say where the served model comes from; without an endpoint, the stage's own")
    .addHelpText("after", "\nExample:\n  frugal trace --stage prod"),
).action(async (endpoint: string | undefined, options: Common) => {
  const name = endpoint ?? need(await loadStage(ssm, options.stage), "endpointName").endpointName;
  const trace = await traceEndpoint(sagemaker, name);
  print(options, trace, formatTrace(trace));
});

try {
  await program.parseAsync();
} catch (error) {
  const cause = error as Error;
  console.error(cause instanceof UserError ? `frugal: ${cause.message}` : `frugal: ${cause.name}: ${cause.message}`);
  process.exitCode = 1;
}
