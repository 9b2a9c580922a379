/** Hands a finished training job to the submission state machine. */
import { DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { defaultEnvironment, SubmissionInput, submissionId } from "../contracts/submission.ts";
import { UserError } from "./stage.ts";

export interface Submission {
  readonly submissionId: string;
  readonly executionArn: string;
  /** False when the same training job was submitted before. */
  readonly created: boolean;
}

/** Starts a submission. The same job with the same environment is one submission, however often it is sent. */
export async function submit(
  sagemaker: SageMakerClient,
  sfn: SFNClient,
  options: {
    stateMachineArn: string;
    trainingJobName: string;
    submittedBy: string;
    environment?: Record<string, string>;
  },
): Promise<Submission> {
  const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: options.trainingJobName }));
  if (job.TrainingJobStatus !== "Completed") {
    throw new UserError(
      `training job ${options.trainingJobName} is ${job.TrainingJobStatus}; only a Completed one can be submitted`,
    );
  }
  const environment = options.environment ?? { ...defaultEnvironment };
  const id = submissionId(job.TrainingJobArn ?? "", environment);
  const input = SubmissionInput.parse({
    submissionId: id,
    trainingJobName: options.trainingJobName,
    submittedBy: options.submittedBy,
    environment,
  });
  const executionArn = `${options.stateMachineArn.replace(":stateMachine:", ":execution:")}:${id}`;
  try {
    await sfn.send(
      new StartExecutionCommand({ stateMachineArn: options.stateMachineArn, name: id, input: JSON.stringify(input) }),
    );
    return { submissionId: id, executionArn, created: true };
  } catch (error) {
    if ((error as Error).name !== "ExecutionAlreadyExists") throw error;
    return { submissionId: id, executionArn, created: false };
  }
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
