/** `frugal submit` */
import type { Command } from "commander";
import { type Common, type Context, common, examples } from "../context.ts";
import { loadStage, need } from "../stage.ts";
import { submit } from "../submit.ts";

export function registerSubmit(program: Command, context: Context): void {
  common(
    program
      .command("submit <training-job>")
      .description("hand a finished training job to the gate and to approval")
      .addHelpText("after", examples("frugal submit first-lz4k2")),
  ).action(async (trainingJobName: string, options: Common) => {
    const { submissionStateMachine } = need(await loadStage(context.ssm, options.stage), "submissionStateMachine");
    const submission = await submit(context.sagemaker, context.sfn, {
      stateMachineArn: submissionStateMachine,
      trainingJobName,
      submittedBy: context.person(),
    });
    context.print(options, submission, `${submission.executionArn}${submission.created ? "" : " (submitted before)"}`);
  });
}
