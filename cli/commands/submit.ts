/** `frugal submit` */
import { type Command, InvalidArgumentError, Option } from "commander";
import { otherHint, submissionHints } from "../../contracts/errors.ts";
import { defaultEnvironment, SubmissionInput } from "../../contracts/submission.ts";
import { type Common, type Context, common, examples } from "../context.ts";
import { resolveVersion } from "../dataset/read.ts";
import { loadStage, need, UserError } from "../stage.ts";
import {
  outcomeOf,
  packageEndedAlone,
  readableCause,
  type Submission,
  stateOf,
  submit,
  waitForExecution,
} from "../submit.ts";

interface SubmitOptions extends Common {
  artifact?: string;
  autoMl?: string;
  image?: string;
  testDataset?: string;
  note?: string;
  bound?: number;
  minimumGain?: number;
  minimumSamples?: number;
  maxSliceRegression?: number;
  env: Record<string, string>;
  wait?: boolean;
}

/** Milliseconds between two looks at a submission that runs. */
const POLL_MS = Number(process.env.FRUGAL_POLL_MS ?? 3000);
/** Step Functions ends an execution after a year. */
const YEAR_MS = 366 * 24 * 3_600_000;

export function registerSubmit(program: Command, context: Context): void {
  common(
    program
      .command("submit [training-job]")
      .description("hand a finished model to the batch test, the gate and approval")
      .option("--artifact <uri>", "instead: the output of a training job, s3://…/<job>/output/model.tar.gz")
      .option("--auto-ml <job>", "instead: the best candidate of an AutoML job, with all its containers")
      .option("--image <uri>", "serving image (default: the training image)")
      .option("--test-dataset <version>", "dataset version to be tested on (default: the one it was trained on)")
      .option("--note <text>", "why, for the approver")
      .option("--bound <number>", "a stricter bound than the stage's gate", number)
      .option("--minimum-gain <number>", "a greater gain over the champion than the stage asks for", number)
      .option("--minimum-samples <number>", "more test rows than the stage asks for", number)
      .option("--max-slice-regression <number>", "a smaller loss in any slice than the stage tolerates", number)
      .addOption(
        new Option("--env <key=value>", "environment of the served container; may be repeated")
          .argParser(pairs)
          .default({}, "none"),
      )
      .option("--wait", "follow it to its end; Ctrl-C leaves it running")
      .addHelpText(
        "after",
        examples(
          "frugal submit frugal-dev-breast-cancer-1a2b3c4d --note 'the columns of October'",
          "frugal submit --auto-ml churn-search --test-dataset churn --minimum-gain 0.01 --wait",
        ),
      ),
  ).action(async (trainingJob: string | undefined, options: SubmitOptions) => {
    const stage = need(await loadStage(context.ssm, options.stage), "dataBucket", "submissionStateMachine");
    const wanted = request(trainingJob, options, context.person());
    const first = SubmissionInput.safeParse(wanted);
    // The version is looked up last, and everything else is told beside what is wrong with it.
    const version = await testVersion(context, stage.dataBucket, options.testDataset);
    const faults = [...sourceFaults(trainingJob, options), ...(first.success ? [] : told(first.error.issues))];
    if ("fault" in version) faults.push(version.fault);
    if (faults.length > 0 || "fault" in version) throw new UserError(faults.join("; "));
    const input = SubmissionInput.parse({ ...wanted, ...version });
    const submission = await submit(context.sfn, stage.submissionStateMachine, input, (arn) =>
      packageEndedAlone(context.sagemaker, arn),
    );
    if (options.wait) await follow(context, options, submission);
    else context.print(options, submission, next(submission));
  });
}

function request(trainingJobName: string | undefined, options: SubmitOptions, submittedBy: string) {
  const { artifact: artifactUri, autoMl: autoMlJobName, image, note, env } = options;
  const gate = {
    bound: options.bound,
    minimumGain: options.minimumGain,
    minimumSamples: options.minimumSamples,
    maximumSliceRegression: options.maxSliceRegression,
  };
  const wanted = {
    trainingJobName,
    artifactUri,
    autoMlJobName,
    image,
    note,
    submittedBy,
    ...(Object.values(gate).some((one) => one !== undefined) ? { gate } : {}),
    ...(Object.keys(env).length > 0
      ? { environment: autoMlJobName === undefined ? { ...defaultEnvironment, ...env } : env }
      : {}),
  };
  return JSON.parse(JSON.stringify(wanted)) as Record<string, unknown>;
}

function sourceFaults(trainingJob: string | undefined, { artifact, autoMl, image }: SubmitOptions): string[] {
  const faults: string[] = [];
  const given = [trainingJob && "<training-job>", artifact && "--artifact", autoMl && "--auto-ml"].filter(Boolean);
  if (given.length !== 1) {
    const got = given.length === 0 ? "none" : given.join(" and ");
    faults.push(`one of <training-job>, --artifact and --auto-ml says what is submitted, got ${got}`);
  }
  if (autoMl !== undefined && image !== undefined) {
    faults.push("--image is not for an AutoML job, whose candidate names its own");
  }
  return faults;
}

async function testVersion(
  context: Context,
  dataBucket: string,
  text: string | undefined,
): Promise<{ testDatasetVersion?: string } | { fault: string }> {
  if (text === undefined) return {};
  try {
    return { testDatasetVersion: (await resolveVersion(context.s3, dataBucket, text)).version };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { fault: `--test-dataset: ${error.message}` };
  }
}

/** Options by the names that their fields have in a request. */
const optionOf: Readonly<Record<string, string>> = {
  trainingJobName: "<training-job>",
  artifactUri: "--artifact",
  autoMlJobName: "--auto-ml",
  submittedBy: "FRUGAL_USER",
  environment: "--env",
  minimumGain: "--minimum-gain",
  minimumSamples: "--minimum-samples",
  maximumSliceRegression: "--max-slice-regression",
};

function told(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string[] {
  return issues
    .filter(({ path }) => path.length > 0)
    .map(({ path, message }) => {
      const [field = "", ...rest] = path.map(String).filter((part) => part !== "gate");
      return [optionOf[field] ?? `--${field}`, ...rest, message].join(" ");
    });
}

function next({ submissionId, executionArn, created }: Submission): string {
  if (!created) return `${submissionId} was submitted before\n${executionArn}\nnext: see what became of it with --wait`;
  return [
    `${submissionId} is submitted`,
    executionArn,
    "next: batch test and gate, some minutes; what passes, the approvers have by mail, and the topic of notices tells the end",
    "      the same command with --wait follows it",
  ].join("\n");
}

async function follow(context: Context, options: SubmitOptions, submission: Submission): Promise<void> {
  context.progress(`${submission.submissionId} ${submission.created ? "is submitted" : "was submitted before"}`);
  let told = "";
  const { executionArn } = submission;
  const ended = await waitForExecution(context.sfn, executionArn, {
    pollMs: POLL_MS,
    timeoutMs: YEAR_MS,
    until: async () => {
      const step = steps[(await stateOf(context.sfn, executionArn)) ?? ""];
      if (step !== undefined && step !== told) context.progress(step);
      told = step ?? told;
      return false;
    },
  });
  if (ended.status !== "SUCCEEDED") {
    const why = [ended.error, ended.cause && readableCause(ended.cause)].filter(Boolean).join(": ");
    const hint = submissionHints[ended.error ?? ""] ?? otherHint;
    throw new UserError(`the submission ${ended.status}: ${why || "no reason given"}\n${hint}`);
  }
  const outcome = outcomeOf(ended.output);
  const by = outcome.decidedBy ? ` by ${outcome.decidedBy}` : "";
  const lines = [
    outcome.submittedBefore
      ? `${outcome.modelPackageArn} was registered by another execution of the same submission; it is ${outcome.decision}`
      : `${outcome.modelPackageArn}: ${outcome.decision}${by}`,
    ...(outcome.reasons ?? []),
  ];
  context.print(options, { ...submission, ...outcome }, lines.join("\n"));
}

/** What a state means to whoever waits. */
const steps: Readonly<Record<string, string>> = {
  StageArtifact: "the submission is checked, and the artefact stored",
  CreateTestModel: "the batch test runs",
  BatchTest: "the batch test runs",
  Evaluate: "the predictions are judged",
  Gate: "the predictions are judged",
  RequestApproval: "the gate let it pass; the approvers have mail",
  RemindApprovers: "the approvers have been reminded",
};

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number.");
}

function pairs(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be KEY=VALUE.");
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: text.slice(at + 1) };
}
