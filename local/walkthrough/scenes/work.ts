/** The steps that several scenes share: train, submit, wait for the approval mail, decide. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeModelPackageCommand, ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import { loadStage, need } from "../../../cli/stage.ts";
import { submit, waitForExecution } from "../../../cli/submit.ts";
import { jobWatcher, startTraining, uploadSource, waitForTraining } from "../../../cli/train.ts";
import { packageKeys } from "../../../contracts/lineage.ts";
import type { SubmissionInput } from "../../../contracts/submission.ts";
import type { TrainingResult } from "../../../contracts/training-record.ts";
import { open, type Page } from "../browser.ts";
import { approvalLink, type Mail, readInbox } from "../inbox.ts";
import { eventually, from, type Life, prove, type Submitted } from "../life.ts";

const example = fileURLToPath(new URL("../../../examples/breast-cancer", import.meta.url));
/** AWS's scikit-learn framework container of us-east-1. */
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";

export type RunName = "first" | "worse" | "better";

/** Trains one of the example's runs, or gets back what was trained before. */
export async function train(
  life: Life,
  run: RunName,
  options: { readonly force?: boolean } = {},
): Promise<TrainingResult> {
  const runs = JSON.parse(await readFile(path.join(example, "runs.json"), "utf8")) as Record<
    RunName,
    { hyperparameters: Record<string, string | number> }
  >;
  const stage = need(await loadStage(life.clients.ssm, "dev"), "artifactBucket", "trainingStateMachine");
  const { s3, sagemaker, sfn } = life.clients;
  const datasetVersion = from(life.found.datasetVersion, "data");
  const { executionArn, key } = await startTraining(sfn, stage.trainingStateMachine, {
    datasetVersion,
    sourceUri: await uploadSource(s3, stage.artifactBucket, path.join(example, "source"), "train.py"),
    image,
    hyperparameters: runs[run].hyperparameters,
    instanceType: "ml.m5.large",
    maxRuntimeSeconds: 600,
    run: `rehearsal-${run}`,
    submittedBy: "scientist@example.com",
    ...options,
  });
  const onPoll = jobWatcher(sagemaker, { stage: "dev", datasetVersion, key }, life.say);
  return waitForTraining(sfn, executionArn, { pollMs: 200, onPoll });
}

/** Submits a training job and waits until its package is registered and either the gate has spoken or approval is asked for. */
export async function submitAndWait(
  life: Life,
  trainingJobName: string,
  more: Pick<SubmissionInput, "gate" | "note"> = {},
): Promise<Submitted> {
  const { submissionStateMachine, modelPackageGroup } = need(
    await loadStage(life.clients.ssm, "dev"),
    "submissionStateMachine",
    "modelPackageGroup",
  );
  const input = { trainingJobName, submittedBy: "scientist@example.com", note: `Run of ${trainingJobName}`, ...more };
  const submission = await submit(life.clients.sfn, submissionStateMachine, input);
  const again = await submit(life.clients.sfn, submissionStateMachine, input);
  prove(again.executionArn === submission.executionArn, "submitting the same job twice made two submissions");
  life.say(`submitted as ${submission.submissionId}; batch test, evaluation and gate run`);
  const modelPackageArn = await eventually(
    `the model package of ${submission.submissionId}`,
    async () => {
      const { ModelPackageSummaryList: packages } = await life.clients.sagemaker.send(
        new ListModelPackagesCommand({
          ModelPackageGroupName: modelPackageGroup,
          SortBy: "CreationTime",
          SortOrder: "Descending",
        }),
      );
      for (const { ModelPackageArn } of packages ?? []) {
        const found = await life.clients.sagemaker.send(
          new DescribeModelPackageCommand({ ModelPackageName: ModelPackageArn }),
        );
        if (found.CustomerMetadataProperties?.[packageKeys.submission] === submission.submissionId)
          return ModelPackageArn;
      }
      const execution = await waitForExecution(life.clients.sfn, submission.executionArn, {
        pollMs: 0,
        timeoutMs: 0,
        until: async () => true,
      });
      prove(
        execution.status === "RUNNING",
        `the submission ended ${execution.status}: ${execution.error ?? ""} ${execution.cause ?? ""}`,
      );
      return undefined;
    },
    { timeoutMs: 120_000 },
  );
  const registered = await life.clients.sagemaker.send(
    new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }),
  );
  const metric = Number(registered.CustomerMetadataProperties?.[packageKeys.metricValue]);
  return {
    trainingJobName,
    submissionId: submission.submissionId,
    executionArn: submission.executionArn,
    modelPackageArn,
    metric,
  };
}

/** Waits for the mail that asks for the approval of a package. */
export function approvalMail(life: Life, submitted: Submitted): Promise<Mail> {
  return eventually("the approval mail", async () =>
    (await readInbox(life.kept.ministack, life.kept.accountId)).findLast((mail) =>
      mail.text.includes(submitted.submissionId),
    ),
  );
}

/** Opens the link (which must change nothing), then approves. */
export async function approve(
  life: Life,
  mail: Mail,
  submitted: Submitted,
  comment: string,
): Promise<{ shown: Page; decided: Page }> {
  const link = approvalLink(mail);
  const shown = await open(link);
  prove(shown.status === 200, `the approval page answers ${shown.status}`);
  const before = await approvalStatus(life, submitted);
  prove(before === "PendingManualApproval", `opening the link made the package ${before}`);
  const decided = await open(link, { decision: "Approved", comment });
  prove(
    decided.status === 200,
    `the approval answers ${decided.status}: ${decided.text.replace(/<[^>]*>/g, " ").slice(0, 300)}`,
  );
  const again = await open(link, { decision: "Rejected", comment: "a second thought" });
  prove(again.status >= 400, `a decided link takes a second decision (${again.status})`);
  const execution = await waitForExecution(life.clients.sfn, submitted.executionArn, {
    pollMs: 100,
    timeoutMs: 60_000,
  });
  prove(
    execution.status === "SUCCEEDED",
    `the submission ended ${execution.status}: ${execution.error ?? ""} ${execution.cause ?? ""}`,
  );
  const after = await approvalStatus(life, submitted);
  prove(after === "Approved", `after the approval the package is ${after}`);
  return { shown, decided };
}

export async function approvalStatus(life: Life, submitted: Submitted): Promise<string | undefined> {
  const found = await life.clients.sagemaker.send(
    new DescribeModelPackageCommand({ ModelPackageName: submitted.modelPackageArn }),
  );
  return found.ModelApprovalStatus;
}
