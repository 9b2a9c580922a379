/** Keeping an answer and handing the decision on: the same for a link and for a signed request. */
import type { PacketItem } from "../../contracts/approvals.ts";
import { ApprovalPacket, type Vote } from "../../contracts/submission.ts";
import { errorName } from "../shared/aws-errors.ts";
import type { Log } from "../shared/log.ts";
import { decisionOf } from "../shared/votes.ts";
import { type AskState, askState, type Bound, isDeadToken, isLapsed } from "./decide.ts";
import type { Ports } from "./ports.ts";

/** At most 20 people are asked; each may be a moment earlier, and the request may be renewed meanwhile. */
const MOST_TRIES = 25;

export interface Cast {
  /** Whether this answer was kept. */
  readonly kept: boolean;
  /** The state that the answer met: `open` when it was kept. */
  readonly state: AskState;
  readonly packet: PacketItem | undefined;
}

/** Keeps an answer if the question is still open to this approver. */
export async function cast(ports: Ports, log: Log, pk: string, bound: Bound, vote: Vote): Promise<Cast> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const packet = await ports.packet(pk);
    const state = askState(bound, packet, ports.now());
    if (!packet || state !== "open") return { kept: false, state, packet };
    const votes = [...packet.votes, vote];
    const decision = decisionOf(votes, packet);
    if (!(await ports.keep(packet, votes, decision, ports.now()))) continue;
    const now: PacketItem = { ...packet, votes, revision: packet.revision + 1, ...(decision ? { decision } : {}) };
    const { approver, via } = vote;
    log.info(decision ? "decision kept" : "vote kept", { pk, approver, via, decision: vote.decision });
    if (decision) await announce(ports, log, now);
    return { kept: true, state, packet: now };
  }
  throw new Error("others answered at the same moment, again and again");
}

/** Best effort: the decision stands whether or not the bus hears of it. */
async function announce(ports: Ports, log: Log, item: PacketItem): Promise<void> {
  if (!item.decision) return;
  try {
    const { stage, submissionId, modelPackageArn } = ApprovalPacket.parse(JSON.parse(item.packet));
    await ports.announce({ stage, submissionId, modelPackageArn, decision: item.decision });
  } catch (error) {
    log.warn("decision not announced", { pk: item.pk, errorName: errorName(error) });
  }
}

export type Delivery = "delivered" | "later" | "ended";

/**
 * Hands the kept decision to the waiting state; what is kept stands, whatever the request says that led here. The token may
 * have been renewed since the packet was read, so a dead one is followed by the newest.
 */
export async function deliver(ports: Ports, log: Log, packet: PacketItem): Promise<Delivery> {
  const { decision, pk } = packet;
  if (!decision) throw new Error("nothing is decided yet");
  const time = () => new Date(ports.now()).toISOString();
  for (let token: string | undefined = packet.taskToken; token !== undefined; ) {
    try {
      await ports.sendTaskSuccess(token, decision);
    } catch (error) {
      const name = errorName(error);
      if (!isDeadToken(name)) {
        log.warn("decision not handed on yet", { pk, errorName: name });
        return "later";
      }
      const newest = await settled(ports, pk, token);
      if (newest?.deliveredAt !== undefined) return "delivered";
      if (newest && newest.taskToken !== token) {
        token = newest.taskToken;
        continue;
      }
      if (!isLapsed(packet, ports.now())) {
        log.warn("nobody waits for the decision just now", { pk, errorName: name });
        return "later";
      }
      log.warn("decision came too late", { pk, errorName: name });
      await ports.note(pk, "lapsedAt", time());
      return "ended";
    }
    log.info("decision handed on", { pk, decision: decision.decision });
    try {
      await ports.note(pk, "deliveredAt", time());
    } catch (error) {
      // The state has its answer; without the note the link only offers to hand it on once more.
      log.warn("delivery not noted", { pk, errorName: errorName(error) });
    }
    return "delivered";
  }
  return "later";
}

/** Milliseconds, and how often, in which whoever was a moment earlier notes that it handed the decision on. */
const SETTLE_MS = 250;
const SETTLE_TRIES = 4;

/** The packet once it is delivered or has another token; as it is when neither comes. */
async function settled(ports: Ports, pk: string, token: string): Promise<PacketItem | undefined> {
  for (let tries = 1; ; tries++) {
    const packet = await ports.packet(pk);
    const moved = !packet || packet.deliveredAt !== undefined || packet.taskToken !== token;
    if (moved || tries === SETTLE_TRIES) return packet;
    await ports.pause(SETTLE_MS);
  }
}
