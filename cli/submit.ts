/** Hands a model to the submission state machine, and follows what becomes of it. */
import { DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { packageKeys } from "../contracts/lineage.ts";
import { SubmissionInput, submissionId } from "../contracts/submission.ts";
import { withoutAnswer } from "../contracts/tasks.ts";

export interface Submission {
  readonly submissionId: string;
  readonly executionArn: string;
  /** False when the same was submitted before, and is still wanted or decided. */
  readonly created: boolean;
}

/** Most executions of one submission: each one after the first needs another that failed or expired. */
const MOST_ATTEMPTS = 100;

/**
 * Starts a submission. The same model with the same demands is one submission, however often it is sent: the execution is
 * named after it. One that failed, was stopped or expired without an answer may be sent again, as `<id>-2` and so on.
 *
 * @param endedAlone whether a package that another execution registered ended without an answer since
 * @throws a ZodError with every fault of the input
 */
export async function submit(
  sfn: SFNClient,
  stateMachineArn: string,
  wanted: SubmissionInput,
  endedAlone: (modelPackageArn: string) => Promise<boolean> = async () => false,
): Promise<Submission> {
  const input = SubmissionInput.parse(wanted);
  const id = submissionId(input);
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const name = attempt === 1 ? id : `${id}-${attempt}`;
    const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
    try {
      await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      return { submissionId: id, executionArn, created: true };
    } catch (error) {
      if ((error as Error).name !== "ExecutionAlreadyExists") throw error;
    }
    const before = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const { submittedBefore, modelPackageArn } = outcomeOf(before.output);
    const over = submittedBefore && modelPackageArn ? await endedAlone(modelPackageArn) : endedWithoutAnswer(before);
    if (!over) {
      return { submissionId: id, executionArn, created: false };
    }
  }
  throw new Error(`${id} was submitted ${MOST_ATTEMPTS} times and failed each time; see its executions`);
}

/** Whether an execution is over and nobody has decided, so that the same may be submitted again. */
function endedWithoutAnswer({ status, output }: DescribeExecutionOutput): boolean {
  if (status === "RUNNING") return false;
  if (status !== "SUCCEEDED") return true;
  return (withoutAnswer as readonly unknown[]).includes(outcomeOf(output).decidedBy);
}

/** Whether a package was rejected because nobody answered, or because its submission failed. */
export async function packageEndedAlone(sagemaker: SageMakerClient, modelPackageArn: string): Promise<boolean> {
  const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
  const by = found.CustomerMetadataProperties?.[packageKeys.approvedBy];
  return found.ModelApprovalStatus === "Rejected" && (withoutAnswer as readonly unknown[]).includes(by);
}

/** What the machine says at its end. */
export interface Outcome {
  readonly modelPackageArn?: string;
  readonly decision?: string;
  readonly decidedBy?: string;
  readonly reasons?: readonly string[];
  readonly submittedBefore?: boolean;
}

export function outcomeOf(output: string | undefined): Outcome {
  try {
    return JSON.parse(output ?? "{}") as Outcome;
  } catch {
    return {};
  }
}

/** The state that an execution is in, undefined before the first. */
export async function stateOf(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  const { events } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 100, includeExecutionData: false }),
  );
  return events?.find(({ stateEnteredEventDetails: entered }) => entered?.name)?.stateEnteredEventDetails?.name;
}

/** Waits for an execution's end, or for `until` to answer true on its running description. */
export async function waitForExecution(
  sfn: SFNClient,
  executionArn: string,
  options: { pollMs: number; timeoutMs: number; until?: (execution: DescribeExecutionOutput) => Promise<boolean> },
): Promise<DescribeExecutionOutput> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== "RUNNING" || (await options.until?.(execution))) return execution;
    if (Date.now() > deadline) throw new Error(`${executionArn} is still RUNNING after ${options.timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, options.pollMs));
  }
}

/** A function's error comes as JSON with its message inside. */
export function readableCause(text: string): string {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? errorMessage : text;
  } catch {
    return text;
  }
}
