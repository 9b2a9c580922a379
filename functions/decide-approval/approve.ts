/** The approval page: GET shows the evidence and changes nothing, POST decides once. */
import * as z from "zod";
import { type LinkItem, linkKey, type PacketItem, packetKey } from "../../contracts/approvals.ts";
import { errorName } from "../shared/aws-errors.ts";
import type { Handler } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { deliveryFailure, linkState, makeDecision } from "./decide.ts";
import { askPage, decidedPage, laterPage, noticePage, type Page } from "./pages.ts";
import type { Ports } from "./ports.ts";
import { HttpEvent, linkToken, readForm } from "./request.ts";

export const Environment = z.object({ APPROVALS_TABLE: z.string().min(3), STAGE: z.string().min(1) });

interface Found {
  link: LinkItem;
  packet: PacketItem;
}

export function makeHandler(
  ports: Ports,
  { STAGE: stage }: Pick<z.infer<typeof Environment>, "STAGE">,
  log: Log,
): Handler<Page> {
  return async (event) => {
    const request = HttpEvent.safeParse(event);
    if (!request.success) return noticePage(stage, "unknown");
    const { method } = request.data.requestContext.http;
    try {
      if (method === "POST") return await post(request.data);
      if (method === "GET") return await get(request.data);
      if (method === "HEAD") return { ...(await get(request.data)), body: "" };
      return noticePage(stage, "method");
    } catch (error) {
      // Only the name: messages of AWS may repeat what was sent.
      log.error("failed", { method, errorName: errorName(error) });
      return noticePage(stage, "broken");
    }
  };

  async function find(event: HttpEvent): Promise<Found | undefined> {
    const token = linkToken(event);
    const link = token === undefined ? undefined : await ports.link(linkKey(token));
    const packet = link && (await ports.packet(packetKey(link.submissionId)));
    return link && packet ? { link, packet } : undefined;
  }

  async function get(event: HttpEvent): Promise<Page> {
    const found = await find(event);
    if (!found) return noticePage(stage, "unknown");
    return show(found);
  }

  function show({ link, packet }: Found): Page {
    const state = linkState(link, packet, ports.now());
    switch (state) {
      case "open":
        return askPage(stage, packet, link.approver);
      case "undelivered":
        return laterPage(stage, packet);
      case "decided":
        return decidedPage(stage, packet, 409);
      default:
        return noticePage(stage, state);
    }
  }

  async function post(event: HttpEvent): Promise<Page> {
    const found = await find(event);
    if (!found) return noticePage(stage, "unknown");
    const state = linkState(found.link, found.packet, ports.now());
    if (state === "undelivered") return deliver(found);
    if (state !== "open") return show(found);
    const form = readForm(event);
    if ("faults" in form) return askPage(stage, found.packet, found.link.approver, { statusCode: 400, ...form });

    const decision = makeDecision(form, found.link, ports.now());
    const kept = await ports.keepDecision(found.packet.pk, decision, ports.now());
    const packet = await ports.packet(found.packet.pk);
    if (!packet) return noticePage(stage, "unknown");
    if (kept) {
      log.info("decision kept", {
        submissionId: found.link.submissionId,
        decision: decision.decision,
        decidedBy: decision.decidedBy,
        packetDigest: decision.packetDigest,
      });
      return deliver({ link: found.link, packet });
    }
    // Somebody else was a moment earlier, or time ran out in between.
    const current = { link: found.link, packet };
    return linkState(found.link, packet, ports.now()) === "undelivered" ? deliver(current) : show(current);
  }

  /** Hands the kept decision to the waiting state; the kept one stands, whatever this request's form says. */
  async function deliver({ link, packet }: Found): Promise<Page> {
    const { decision } = packet;
    if (!decision) return noticePage(stage, "broken");
    const fields = { submissionId: link.submissionId, decision: decision.decision };
    try {
      await ports.sendTaskSuccess(packet.taskToken, decision);
    } catch (error) {
      const name = errorName(error);
      if (deliveryFailure(name) === "later") {
        log.warn("decision not handed on yet", { ...fields, errorName: name });
        return laterPage(stage, packet);
      }
      log.warn("decision came too late", { ...fields, errorName: name });
      await ports.note(packet.pk, "lapsedAt", new Date(ports.now()).toISOString());
      return noticePage(stage, "ended");
    }
    log.info("decision handed on", fields);
    try {
      await ports.note(packet.pk, "deliveredAt", new Date(ports.now()).toISOString());
    } catch (error) {
      // The state has its answer; without the note the link only offers to hand it on once more.
      log.warn("delivery not noted", { ...fields, errorName: errorName(error) });
    }
    return decidedPage(stage, packet, decision.decidedBy === link.approver ? 200 : 409);
  }
}
