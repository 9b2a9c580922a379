import { expiryDecider } from "../../contracts/approvals.ts";
import { invoke, notify, retryFunction } from "../calls.ts";
import { catchAll, expression as e, plain, type Steps } from "../states.ts";
import { onFailure, type SubmissionRefs } from "./refs.ts";

/** A person decides, or nobody does in time. */
export function approvalSteps(refs: SubmissionRefs): Steps {
  const seconds = refs.expiryHours * 3600;
  return {
    RequestApproval: invoke({
      function: refs.functions.requestApproval,
      partition: refs.partition,
      waitForToken: true,
      payload: {
        taskToken: e("$states.context.Task.Token"),
        packet: e("$packet"),
        expiresAt: e(`$fromMillis($millis() + ${seconds * 1000})`),
      },
      timeoutSeconds: seconds,
      retry: retryFunction(["States.Timeout"]),
      assign: { decision: e("$states.result") },
      catch: [{ ErrorEquals: ["States.Timeout"], Next: "RecordExpiry" }, catchAll(onFailure)],
      next: "RecordDecision",
    }),
    RecordDecision: invoke({
      function: refs.functions.recordDecision,
      partition: refs.partition,
      payload: { modelPackageArn: e("$modelPackageArn"), decision: e("$decision") },
      catch: [catchAll(onFailure)],
      next: "NotifyDecision",
    }),
    RecordExpiry: invoke({
      function: refs.functions.recordDecision,
      partition: refs.partition,
      payload: {
        modelPackageArn: e("$modelPackageArn"),
        decision: {
          decision: "Rejected",
          decidedBy: expiryDecider,
          decidedAt: e("$now()"),
          comment: `Nobody decided within ${refs.expiryHours} hours.`,
          packetDigest: e("'sha256:' & $hash($string($packet), 'SHA-256')"),
        },
      },
      assign: { decision: e("$states.result.Payload.decision") },
      catch: [catchAll(onFailure)],
      next: "NotifyDecision",
    }),
    NotifyDecision: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: e(`'${refs.stage}: a model was ' & $lowercase($decision.decision)`),
      message: e("$modelPackageArn & ' was ' & $lowercase($decision.decision) & ' by ' & $decision.decidedBy"),
      next: "Decided",
    }),
    Decided: plain({
      Type: "Succeed",
      Output: { modelPackageArn: e("$modelPackageArn"), decision: e("$decision.decision") },
    }),
  };
}
