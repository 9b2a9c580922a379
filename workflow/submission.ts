/**
 * The submission: a trained artefact is stored under its content address, tested on a dataset version, judged, registered
 * with what was found, and put before people. What exists only for the test is gone at the end of every path; after an
 * execution that was cut off from outside, workflow/clean-up.ts sees to it.
 */
import type { Statement } from "../contracts/iam.ts";
import { invoke, observeGrants } from "./calls.ts";
import { catchAll, expression as e, grantsOf, machine, plain, type StateMachine, type Steps } from "./states.ts";
import { approvalSteps } from "./submission/approval.ts";
import { failureSteps } from "./submission/failure.ts";
import { judgeSteps } from "./submission/judge.ts";
import { onFailure, type SubmissionRefs, testName } from "./submission/refs.ts";
import { registerSteps } from "./submission/register.ts";
import { testContainers, testSteps } from "./submission/test.ts";

export type { SubmissionRefs } from "./submission/refs.ts";

/** The machine itself; serialise it with JSON.stringify. */
export function definition(refs: SubmissionRefs): StateMachine {
  const hour = 3600;
  // The longest honest run: the test, the wait for people, and three hours for everything else.
  const limit = refs.batchTestTimeoutMinutes * 60 + refs.expiryHours * hour + 3 * hour;
  return machine(`Submission of a trained model to stage ${refs.stage}`, limit, steps(refs));
}

/** What the machine's role may do: what its states need, and writing its own log and traces. */
export function grants(refs: SubmissionRefs): Statement[] {
  return [...grantsOf(steps(refs)), ...observeGrants()];
}

function steps(refs: SubmissionRefs): Steps {
  const name = e(testName(refs.stage, "$states.context.Execution.Id"));
  return {
    Begin: plain({
      Type: "Pass",
      Comment: "Nothing of the input is touched here, so nothing can fail; what is wrong with it StageArtifact says.",
      Assign: {
        execution: e("$states.context.Execution.Name"),
        testModel: name,
        batchTest: name,
        pending: false,
        modelPackageArn: "",
        packet: {},
        tags: refs.tags,
      },
      Next: "StageArtifact",
    }),
    StageArtifact: invoke({
      function: refs.functions.stageArtifact,
      partition: refs.partition,
      payload: { submission: e("$states.input"), execution: e("$states.context.Execution.Name") },
      assign: {
        staged: e("$states.result.Payload"),
        testContainers: e(testContainers),
        clientToken: e("$states.result.Payload.submissionId"),
      },
      catch: [catchAll(onFailure)],
      next: "CreateTestModel",
    }),
    ...testSteps(refs),
    ...judgeSteps(refs),
    ...registerSteps(refs),
    ...approvalSteps(refs),
    ...failureSteps(refs),
  };
}
