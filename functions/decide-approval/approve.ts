/** The approval page: GET shows the evidence and changes nothing, POST takes one answer of one approver. */
import * as z from "zod";
import { type LinkItem, linkKey, type PacketItem, packetKey, viaLink } from "../../contracts/approvals.ts";
import { errorName } from "../shared/aws-errors.ts";
import { bucketName, flag } from "../shared/environment-types.ts";
import type { Handler } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { askState, makeVote } from "./decide.ts";
import { askPage, decidedPage, endedPage, laterPage, noticePage, type Page, votedPage } from "./pages.ts";
import type { Ports } from "./ports.ts";
import { HttpEvent, isSigned, linkToken, readForm } from "./request.ts";
import { signed } from "./signed.ts";
import { cast, deliver } from "./vote.ts";

export const Environment = z.object({
  APPROVALS_TABLE: z.string().min(3),
  STAGE: z.string().min(1),
  /** Where dataset versions lie; the page links to their manifests. */
  DATA_BUCKET: bucketName,
  SUBMITTER_MAY_APPROVE: flag,
});
export type Environment = z.infer<typeof Environment>;

interface Found {
  link: LinkItem;
  packet: PacketItem;
}

export function makeHandler(ports: Ports, environment: Omit<Environment, "APPROVALS_TABLE">, log: Log): Handler<Page> {
  const { STAGE: stage, DATA_BUCKET: dataBucket } = environment;
  return async (event) => {
    const request = HttpEvent.safeParse(event);
    if (!request.success) return noticePage(stage, "unknown");
    if (isSigned(request.data)) return signed(ports, environment.SUBMITTER_MAY_APPROVE, log, request.data);
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
    return found ? show(found) : noticePage(stage, "unknown");
  }

  function show({ link, packet }: Found): Page {
    switch (askState(link, packet, ports.now())) {
      case "open":
        return askPage({ stage, dataBucket }, packet, link.approver);
      case "voted":
        return votedPage(stage, packet, link.approver, 409);
      case "undelivered":
        return laterPage(stage, packet);
      case "decided":
        return decidedPage(stage, packet, 409);
      case "ended":
        return endedPage(stage, packet);
      case "replaced":
        return noticePage(stage, "replaced");
      case "unknown":
        return noticePage(stage, "unknown");
    }
  }

  async function post(event: HttpEvent): Promise<Page> {
    const found = await find(event);
    if (!found) return noticePage(stage, "unknown");
    const { link } = found;
    const state = askState(link, found.packet, ports.now());
    if (state === "undelivered") return handOn(found);
    if (state !== "open") return show(found);
    const form = readForm(event);
    if ("faults" in form) return askPage({ stage, dataBucket }, found.packet, link.approver, form);

    const vote = makeVote(form, link.approver, viaLink, ports.now());
    const result = await cast(ports, log, found.packet.pk, link, vote);
    if (!result.packet) return noticePage(stage, "unknown");
    const current = { link, packet: result.packet };
    if (current.packet.decision && (result.kept || result.state === "undelivered")) return handOn(current);
    if (result.kept) return votedPage(stage, current.packet, link.approver, 200);
    // Somebody else was a moment earlier, or time ran out in between.
    return show(current);
  }

  async function handOn({ link, packet }: Found): Promise<Page> {
    switch (await deliver(ports, log, packet)) {
      case "delivered":
        return decidedPage(stage, packet, packet.decision?.decidedBy === link.approver ? 200 : 409);
      case "later":
        return laterPage(stage, packet);
      case "ended":
        return endedPage(stage, packet);
    }
  }
}
