/** The pages of the approval link. Pure: what is shown follows from the arguments, and everything is escaped. */
import type { PacketItem } from "../../contracts/approvals.ts";
import { ApprovalPacket, type Vote } from "../../contracts/submission.ts";
import { type Html, html, raw } from "../shared/html.ts";
import { moment } from "../shared/numbers.ts";
import { headline } from "../shared/packet-facts.ts";
import { missingApprovals, voteOf } from "../shared/votes.ts";
import { askContent } from "./ask.ts";
import { factList } from "./parts.ts";
import type { FaultyForm } from "./request.ts";
import { css, cssHash } from "./style.ts";

export interface Page {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

const headers: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  // Nothing may run, load, frame the page or learn its address; the form goes to where the page came from. The icon that
  // browsers ask for by themselves is given as nothing, in the page.
  "content-security-policy": `default-src 'none'; style-src '${cssHash}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
  "strict-transport-security": "max-age=31536000",
};

function page(
  statusCode: number,
  title: string,
  stage: string,
  content: Html,
  more: { headers?: Record<string, string>; skip?: Html; wrong?: boolean } = {},
): Page {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${more.wrong && "Error: "}${title}</title>
<style>${raw(css)}</style>
</head>
<body>
${more.skip}
<header><p class="stage">Model approval, stage ${stage}</p></header>
<main>
<h1>${title}</h1>
${content}
</main>
<footer><p>This page runs no script and sets no cookie. Opening it changes nothing.</p></footer>
</body>
</html>
`;
  return { statusCode, headers: { ...headers, ...more.headers }, body: document.markup };
}

function packetOf(item: PacketItem): ApprovalPacket {
  return ApprovalPacket.parse(JSON.parse(item.packet));
}

/** The evidence and the form; with faults, what was filled in stands in it again. */
export function askPage(
  { stage, dataBucket }: { stage: string; dataBucket: string },
  item: PacketItem,
  approver: string,
  again?: FaultyForm,
): Page {
  const packet = packetOf(item);
  return page(
    again ? 400 : 200,
    `Approve ${headline(packet)}?`,
    stage,
    askContent(packet, item, { approver, dataBucket, again }),
    { skip: html`<a class="skip" href="#decide">Go to your decision</a>`, wrong: again !== undefined },
  );
}

const done = (vote: Pick<Vote, "decision">): string => (vote.decision === "Approved" ? "approved" : "rejected");

/** What was decided; also what a used link shows. */
export function decidedPage(stage: string, item: PacketItem, statusCode: 200 | 409): Page {
  const { decision } = item;
  if (!decision) throw new Error("a packet without a decision has no such page");
  const packet = packetOf(item);
  const title =
    statusCode === 200
      ? `You ${done(decision)} ${headline(packet)}`
      : `${headline(packet)} is already ${done(decision)}`;
  return page(
    statusCode,
    title,
    stage,
    html`${statusCode === 409 && html`<p class="lead">Nothing was changed.</p>`}
${voteList(decision.votes)}
${factList([
  { label: "Model package", value: packet.modelPackageArn },
  { label: "Packet digest", value: item.packetDigest },
])}`,
  );
}

function voteList(votes: readonly Vote[]): Html {
  return html`${votes.map(
    (vote) => html`<p class="lead">${vote.approver} ${done(vote)} it on ${moment(Date.parse(vote.at) / 1000)}.</p>
<p class="quote">${vote.comment}</p>`,
  )}`;
}

/** This approver has answered; others are still to answer. */
export function votedPage(stage: string, item: PacketItem, approver: string, statusCode: 200 | 409): Page {
  const packet = packetOf(item);
  const missing = missingApprovals(item);
  const vote = voteOf(item.votes, approver);
  return page(
    statusCode,
    statusCode === 200 ? `You approved ${headline(packet)}` : `You have already answered for ${headline(packet)}`,
    stage,
    html`<p class="lead">${statusCode === 409 && "Nothing was changed. "}${
      missing === 1 ? "One more approval is" : `${missing} more approvals are`
    } needed before ${moment(item.expiresAt)}; one rejection decides at once.</p>
${voteList(vote ? [vote] : [])}`,
  );
}

/** The decision is kept but no waiting state could be reached. */
export function laterPage(stage: string, item: PacketItem): Page {
  const { decision } = item;
  if (!decision) throw new Error("a packet without a decision has no such page");
  return page(
    503,
    "The decision is kept, but not handed on yet",
    stage,
    html`<p class="lead">The decision “${decision.decision}” of ${decision.decidedBy} is kept and stands. Handing it to the waiting submission did not work just now; it looks for it by itself when it asks again or when the time is over, and you can hand it on here. Should the submission have been stopped meanwhile, the approval status of the model package says what stands.</p>
<form method="post">
<input type="hidden" name="decision" value="${decision.decision}">
<input type="hidden" name="comment" value="${decision.comment}">
<button class="approve">Hand it on now</button>
</form>`,
    { headers: { "retry-after": "60" } },
  );
}

const ended =
  "The time to decide is over, or the submission was stopped. The approval status of the model package says what stands. To ask again, the submitter submits a model again.";

/** Nobody waits any more; says what was recorded where that is known. */
export function endedPage(stage: string, item: PacketItem): Page {
  const why = item.decision && item.deliveredAt !== undefined ? item.decision.comment : "";
  return page(
    410,
    item.decision?.decidedBy === "failure" ? "This request has ended" : "This request has expired",
    stage,
    html`<p class="lead">${ended}</p>${why !== "" && html`<p class="quote">${why}</p>`}`,
  );
}

const notices = {
  unknown: [
    404,
    "This link is not known",
    "Check that it was copied whole. Links are also forgotten some weeks after they expire.",
  ],
  replaced: [
    410,
    "This link is out of date",
    "The model was submitted again, and a newer message asks for your decision.",
  ],
  method: [405, "This cannot be done here", "The page can be opened and its form sent, nothing else."],
  broken: [
    500,
    "Something went wrong",
    "Please open the link again to see what stands; if this stays so, tell the platform team.",
  ],
} as const;

/** A page of one sentence. */
export function noticePage(stage: string, kind: keyof typeof notices): Page {
  const [statusCode, title, text] = notices[kind];
  const more: Record<string, string> = kind === "method" ? { allow: "GET, HEAD, POST" } : {};
  return page(statusCode, title, stage, html`<p class="lead">${text}</p>`, { headers: more });
}
