/**
 * RecordDecision: writes who decided what, when and why into the model package. The only code that may set a package's
 * status, also where nobody decided: a package never waits for a submission that is over.
 */
import * as z from "zod";
import { type PacketItem, packetDigest, packetKey } from "../../contracts/approvals.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { packageKeys } from "../../contracts/lineage.ts";
import { type ApprovalDecision, ApprovalPacket } from "../../contracts/submission.ts";
import { RecordDecisionInput, type RecordDecisionResult } from "../../contracts/tasks.ts";
import { errorName } from "../shared/aws-errors.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { decideUpdate, decisionWithout, isPending, type PackageFacts } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ APPROVALS_TABLE: z.string().min(3), STAGE: z.string().min(1) });

/** Approvers may answer while the request is closed. */
const MOST_TRIES = 25;

type EndedInput = Extract<RecordDecisionInput, { ended: unknown }>;

export function makeHandler(
  ports: Ports,
  { STAGE: stage }: { STAGE: string },
  log: Log,
): Handler<RecordDecisionResult> {
  return handling(log, async (event) => {
    const input = parseInput(RecordDecisionInput, event, "The input of RecordDecision");
    return "ended" in input ? end(input) : record(input.modelPackageArn, input.decision);
  });

  async function record(modelPackageArn: string, decision: ApprovalDecision, known?: PackageFacts) {
    const found = known ?? (await ports.describe(modelPackageArn));
    if (!found) throw new FlowError(errorNames.invalidInput, `There is no model package ${modelPackageArn}`);
    const update = decideUpdate(modelPackageArn, found, decision);
    if (update) await ports.update(modelPackageArn, update);
    log.info(update ? "decision recorded" : "decision was recorded before", {
      modelPackageArn,
      decision: decision.decision,
      decidedBy: decision.decidedBy,
    });
    return { decision };
  }

  /**
   * The submission ends without an answer. Links that are still open are closed first, by one conditional write: a person
   * who was a moment earlier has decided, and after an expiry that decision is the one that is recorded.
   */
  async function end({ modelPackageArn, ended }: EndedInput): Promise<RecordDecisionResult> {
    const found = await ports.describe(modelPackageArn);
    const submissionId = ended.packet?.submissionId ?? found?.CustomerMetadataProperties?.[packageKeys.submission];
    const digest = ended.packet && packetDigest(ended.packet);
    const isOwn = (asked: PacketItem) =>
      digest === undefined ? isAbout(asked, modelPackageArn) : asked.packetDigest === digest;
    const { decision, closed } = await settle(submissionId, isOwn, digest, ended);
    // A failure is told as such; only what still waits is changed, so that nothing that was decided is undone.
    if (ended.by === "failure" && (!found || !isPending(found))) {
      log.info("nothing to reject", { modelPackageArn, status: found?.ModelApprovalStatus });
      return { decision };
    }
    const result = await record(modelPackageArn, decision, found);
    if (closed) await announce(modelPackageArn, submissionId, decision);
    return result;
  }

  async function settle(
    submissionId: string | undefined,
    isOwn: (asked: PacketItem) => boolean,
    digest: string | undefined,
    ended: EndedInput["ended"],
  ): Promise<{ decision: ApprovalDecision; closed: boolean }> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const asked = submissionId === undefined ? undefined : await ports.readPacket(packetKey(submissionId));
      // Another packet is asked about now: that question is not this submission's to close.
      const own = asked && isOwn(asked) ? asked : undefined;
      const decision = decisionWithout(ended, digest ?? own?.packetDigest, own, ports.now());
      if (!own) return { decision, closed: true };
      const time = new Date(ports.now()).toISOString();
      if (!own.decision) {
        if (await ports.close(own, decision, time)) return { decision, closed: true };
        continue;
      }
      if (ended.by === "expiry") {
        log.info("a decision was kept before the expiry", { pk: own.pk, decidedBy: own.decision.decidedBy });
        await ports.note(own.pk, "deliveredAt", time);
        return { decision: own.decision, closed: false };
      }
      // Decided, but the submission failed: nobody will take the decision any more.
      if (own.deliveredAt === undefined) await ports.note(own.pk, "lapsedAt", time);
      return { decision, closed: false };
    }
    throw new Error("the approvers answered faster than the request could be closed; the state tries again");
  }

  /** Best effort, as for decisions by people: the package has it whether or not the bus hears of it. */
  async function announce(modelPackageArn: string, submissionId: string | undefined, decision: ApprovalDecision) {
    try {
      await ports.announce({ stage, ...(submissionId ? { submissionId } : {}), modelPackageArn, decision });
    } catch (error) {
      log.warn("decision not announced", { modelPackageArn, errorName: errorName(error) });
    }
  }
}

function isAbout({ packet }: PacketItem, modelPackageArn: string): boolean {
  const about = ApprovalPacket.pick({ modelPackageArn: true }).safeParse(JSON.parse(packet));
  return about.success && about.data.modelPackageArn === modelPackageArn;
}
