/** RecordDecision: writes who decided what, when and why into the model package. The only code that may approve one. */
import { RecordDecisionInput, type RecordDecisionResult } from "../../contracts/tasks.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { decideUpdate } from "./decide.ts";
import type { Ports } from "./ports.ts";

export function makeHandler(ports: Ports, log: Log): Handler<RecordDecisionResult> {
  return handling(log, async (event) => {
    const { modelPackageArn, decision } = parseInput(RecordDecisionInput, event, "The input of RecordDecision");
    const update = decideUpdate(modelPackageArn, await ports.describe(modelPackageArn), decision);
    if (update) await ports.update(modelPackageArn, update);
    log.info(update ? "decision recorded" : "decision was recorded before", {
      modelPackageArn,
      decision: decision.decision,
      decidedBy: decision.decidedBy,
    });
    return { decision };
  });
}
