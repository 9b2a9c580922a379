import { invoke, notify, retryFunction } from "../calls.ts";
import { catchAll, expression as e, plain, type Step, type Steps } from "../states.ts";
import { onFailure, type SubmissionRefs } from "./refs.ts";

/** People decide, after a reminder perhaps, or nobody does in time. */
export function approvalSteps(refs: SubmissionRefs): Steps {
  const { expiryHours, remindHours } = refs;
  const reminds = remindHours > 0;
  return {
    RequestApproval: ask(refs, {
      reminder: false,
      hours: reminds ? expiryHours - remindHours : expiryHours,
      onTimeout: reminds ? "RemindApprovers" : "RecordExpiry",
    }),
    ...(reminds
      ? { RemindApprovers: ask(refs, { reminder: true, hours: remindHours, onTimeout: "RecordExpiry" }) }
      : {}),
    RecordDecision: invoke({
      function: refs.functions.recordDecision,
      partition: refs.partition,
      payload: { modelPackageArn: e("$modelPackageArn"), decision: e("$decision") },
      assign: { decision: e("$states.result.Payload.decision") },
      catch: [catchAll(onFailure)],
      next: "NotifyDecision",
    }),
    RecordExpiry: invoke({
      function: refs.functions.recordDecision,
      partition: refs.partition,
      comment: "Its answer may still be a person's: one who decided in the last moment.",
      payload: {
        modelPackageArn: e("$modelPackageArn"),
        ended: { by: "expiry", comment: `Too few answered within ${expiryHours} hours.`, packet: e("$packet") },
      },
      assign: { decision: e("$states.result.Payload.decision") },
      catch: [catchAll(onFailure)],
      next: "NotifyDecision",
    }),
    NotifyDecision: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: e(`'${refs.stage}: a model was ' & $lowercase($decision.decision)`),
      message: e(
        "$modelPackageArn & ', submitted by ' & $staged.submittedBy & ', was ' & $lowercase($decision.decision) & ' by ' & " +
          "$decision.decidedBy & ($decision.comment = '' ? '.' : ': ' & $decision.comment) & " +
          "($decision.decidedBy = 'expiry' ? '\\n\\nWhoever still wants it submits it once more.' : '')",
      ),
      next: "Decided",
    }),
    Decided: plain({
      Type: "Succeed",
      Output: {
        submissionId: e("$staged.submissionId"),
        modelPackageArn: e("$modelPackageArn"),
        decision: e("$decision.decision"),
        decidedBy: e("$decision.decidedBy"),
      },
    }),
  };
}

function ask(refs: SubmissionRefs, way: { reminder: boolean; hours: number; onTimeout: string }): Step {
  return invoke({
    function: refs.functions.requestApproval,
    partition: refs.partition,
    waitForToken: true,
    payload: {
      taskToken: e("$states.context.Task.Token"),
      packet: e("$packet"),
      // The same for both: a link is good until the end, whenever it was sent.
      expiresAt: e("$expiresAt"),
      reminder: way.reminder,
    },
    timeoutSeconds: Math.round(way.hours * 3600),
    // A new try after the time is up would be the wait from the start.
    retry: retryFunction(["States.Timeout"]),
    assign: { decision: e("$states.result") },
    catch: [{ ErrorEquals: ["States.Timeout"], Next: way.onTimeout }, catchAll(onFailure)],
    next: "RecordDecision",
  });
}
