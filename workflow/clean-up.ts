/**
 * What is left of a submission that was cut off: aborted by somebody, out of time, or ended by an error that no state can
 * catch. Step Functions' own event of its end starts this machine; the names of what the execution made follow from its ARN.
 * Each step does nothing where there is nothing to do, so an event that comes twice does no harm.
 */
import { allow, type Scope, type Statement } from "../contracts/iam.ts";
import { type FunctionRef, notify, observeGrants, retryCall } from "./calls.ts";
import { catchAll, expression as e, grantsOf, machine, plain, type StateMachine, type Steps, task } from "./states.ts";
import { deleteTestModel, hint, reason, stopBatchTest, withdraw } from "./submission/failure.ts";
import { executionMark, testName } from "./submission/refs.ts";

export interface CleanUpRefs extends Scope {
  readonly stage: string;
  readonly modelPackageGroup: string;
  readonly recordDecision: FunctionRef;
  readonly topicArn: string;
}

/** Errors with which an execution ends though its states catch everything (AWS: Step Functions, error handling). */
const uncatchable = ["States.Runtime", "States.DataLimitExceeded"];

/** The ends of an execution after which there may be something left; the event rule listens for them. */
export const endings = ["ABORTED", "TIMED_OUT", "FAILED"] as const;

/** The machine itself; its input is a `Step Functions Execution Status Change` event. */
export function definition(refs: CleanUpRefs): StateMachine {
  return machine(`What is left of a cut-off submission in stage ${refs.stage}`, 1800, steps(refs));
}

export function grants(refs: CleanUpRefs): Statement[] {
  return [...grantsOf(steps(refs)), ...observeGrants()];
}

function steps(refs: CleanUpRefs): Steps {
  const name = e(testName(refs.stage, "$states.input.detail.executionArn"));
  const isError = `$detail.error in [${uncatchable.map((one) => `'${one}'`).join(", ")}]`;
  return {
    Begin: plain({
      Type: "Pass",
      Assign: { detail: e("$states.input.detail"), testModel: name, batchTest: name, page: {}, failure: {} },
      Next: "StopBatchTest",
    }),
    StopBatchTest: stopBatchTest(refs, "RemoveTestModel"),
    RemoveTestModel: deleteTestModel(refs, { next: "FindPackage" }),
    FindPackage: task({
      integration: "aws-sdk:sagemaker:listModelPackages",
      partition: refs.partition,
      comment: "Its description names the execution that registered it.",
      arguments: e(
        `$merge([{"ModelPackageGroupName": "${refs.modelPackageGroup}", "ModelApprovalStatus": "PendingManualApproval", "MaxResults": 100}, $page])`,
      ),
      assign: {
        waiting: e(
          `[$states.result.ModelPackageSummaryList[$substringAfter(ModelPackageDescription, '${executionMark}') = $detail.name].ModelPackageArn]`,
        ),
        page: e(
          "$exists($states.result.NextToken) and $states.result.NextToken != null ? {'NextToken': $states.result.NextToken} : {}",
        ),
      },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll("NotifyLeft")],
      next: "PackageWaits",
      // A group is no resource of this action (AWS: service authorization reference); it shows names, not contents.
      grants: [allow("FindPackage", "sagemaker:ListModelPackages", "*")],
    }),
    PackageWaits: plain({
      Type: "Choice",
      Choices: [
        { Condition: e("$count($waiting) > 0"), Next: "WithdrawPackage" },
        { Condition: e("$exists($page.NextToken)"), Next: "FindPackage" },
      ],
      Default: "WasItTold",
    }),
    WithdrawPackage: withdraw(refs, {
      function: refs.recordDecision,
      modelPackageArn: e("$waiting[0]"),
      comment: e("'The submission ended without an answer: ' & $detail.status"),
      next: "WasItTold",
    }),
    WasItTold: plain({
      Type: "Choice",
      Comment: "A submission that failed in one of its own states has told so itself.",
      Choices: [{ Condition: e(`$detail.status = 'FAILED' and $not(${isError})`), Next: "CleanedUp" }],
      Default: "NotifyEnd",
    }),
    NotifyEnd: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a submission was cut off`,
      message: e(
        `'Submission ' & $detail.name & ' ended as ' & $detail.status & ` +
          `($exists($detail.error) and $detail.error != null ? ': ' & $detail.error & ': ' & ${reason("$string($detail.cause)")} : '.') & ` +
          "'\\n\\nIts test model and batch test are removed, and a package of it that waited for an answer is rejected.' & " +
          `'\\n\\nWhat to do: ' & ($detail.status = 'ABORTED' ? 'Somebody stopped it. Whoever still wants it submits it once more.' : ` +
          `$detail.status = 'TIMED_OUT' ? ${hint("'States.Timeout'")} : ${hint("$detail.error")})`,
      ),
      next: "CleanedUp",
    }),
    CleanedUp: plain({ Type: "Succeed", Output: { execution: e("$detail.name"), withdrawn: e("$waiting") } }),
    NotifyLeft: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: something of a submission is left`,
      message: e(
        `'Submission ' & $detail.name & ' ended as ' & $detail.status & ', and its package could not be looked for: ' & $failure.Error & ': ' & $failure.Cause & ` +
          `'\\n\\nWhat to do: reject by hand what waits in group ${refs.modelPackageGroup} with this execution in its description.'`,
      ),
      next: "Left",
    }),
    Left: plain({ Type: "Fail", Error: e("$failure.Error"), Cause: e("$failure.Cause") }),
  };
}
