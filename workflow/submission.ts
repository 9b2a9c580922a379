/**
 * The submission: a trained artefact is stored under its content address, tested on the dataset version it names, judged,
 * registered with what was found, and put before a person. What exists only for the test is gone at the end of every path.
 */
import type { Statement } from "../contracts/iam.ts";
import { invoke, observeGrants } from "./calls.ts";
import { catchAll, expression as e, grantsOf, machine, plain, type StateMachine, type Steps } from "./states.ts";
import { approvalSteps } from "./submission/approval.ts";
import { failureSteps } from "./submission/failure.ts";
import { judgeSteps } from "./submission/judge.ts";
import { onFailure, prefix, type SubmissionRefs } from "./submission/refs.ts";
import { testSteps } from "./submission/test.ts";

export type { SubmissionRefs } from "./submission/refs.ts";

/** The machine itself; serialise it with JSON.stringify. */
export function definition(refs: SubmissionRefs): StateMachine {
  const hour = 3600;
  // The longest honest run: the test, the wait for a person, and two hours for everything else.
  const limit = refs.batchTestTimeoutMinutes * 60 + refs.expiryHours * hour + 2 * hour;
  return machine(`Submission of a trained model to stage ${refs.stage}`, limit, steps(refs));
}

/** What the machine's role may do: what its states need, and writing its own log and traces. */
export function grants(refs: SubmissionRefs): Statement[] {
  return [...grantsOf(steps(refs)), ...observeGrants()];
}

function steps(refs: SubmissionRefs): Steps {
  return {
    Begin: plain({
      Type: "Pass",
      Comment: "Names follow from the submission and the execution, so that the clean-up knows them on every path.",
      Assign: {
        submission: e("$states.input"),
        testModel: e(`'${prefix(refs)}-test-' & $substringAfter($states.input.submissionId, 'sub-')`),
        // A job's name is used up for ever, so another execution of the same submission needs another one.
        batchTest: e(
          `'${prefix(refs)}-' & $substringAfter($states.input.submissionId, 'sub-') & '-' & ` +
            "$substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 8)",
        ),
        tags: refs.tags,
      },
      Next: "StageArtifact",
    }),
    StageArtifact: invoke({
      function: refs.functions.stageArtifact,
      partition: refs.partition,
      payload: e("$submission"),
      assign: { staged: e("$states.result.Payload") },
      catch: [catchAll(onFailure)],
      next: "CreateTestModel",
    }),
    ...testSteps(refs),
    ...judgeSteps(refs),
    ...approvalSteps(refs),
    ...failureSteps(refs),
  };
}
