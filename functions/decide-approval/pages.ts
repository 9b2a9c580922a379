/** The pages of the approval link. Pure: what is shown follows from the arguments, and everything is escaped. */
import type { PacketItem } from "../../contracts/approvals.ts";
import { commentLimit } from "../../contracts/approvals.ts";
import { ApprovalPacket } from "../../contracts/submission.ts";
import { type Html, html, raw } from "../shared/html.ts";
import { comparison, type Fact, facts, figure, figures, headline, moment, signed } from "../shared/packet-facts.ts";
import { css, cssHash } from "./style.ts";

export interface Page {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

const headers: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  // Nothing may run, load, frame the page or learn its address; the form goes to where the page came from.
  "content-security-policy": `default-src 'none'; style-src '${cssHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
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
  more: Record<string, string> = {},
): Page {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${raw(css)}</style>
</head>
<body>
<main>
<p class="stage">Model approval, stage ${stage}</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return { statusCode, headers: { ...headers, ...more }, body: document.markup };
}

/** The evidence and the form. */
export function askPage(
  stage: string,
  item: PacketItem,
  approver: string,
  again?: { statusCode: number; faults: readonly string[]; comment: string },
): Page {
  const packet = ApprovalPacket.parse(JSON.parse(item.packet));
  return page(
    again?.statusCode ?? 200,
    `Approve ${headline(packet)}?`,
    stage,
    html`${again && faultList(again.faults)}
${scores(packet)}
<h2>Where it comes from</h2>
${table("Origin and evidence", facts(packet, item.expiresAt))}
<h2>Test figures</h2>
${table("Figures of the batch test", figures(packet), "number")}
<form method="post">
<fieldset>
<legend>Your decision</legend>
<p class="hint">You decide as ${approver}. A decision is final.</p>
<label for="comment">Comment</label>
<textarea id="comment" name="comment" maxlength="${commentLimit}" aria-describedby="comment-hint">${again?.comment}</textarea>
<p class="hint" id="comment-hint">Kept with the model package; at most ${commentLimit} characters. Needed for either decision.</p>
<div class="buttons">
<button class="approve" name="decision" value="Approved">Approve</button>
<button class="reject" name="decision" value="Rejected">Reject</button>
</div>
</fieldset>
</form>`,
  );
}

function scores(packet: ApprovalPacket): Html {
  const { verdict, evaluation } = packet;
  const boxes: Fact[] = [
    { label: `Candidate, ${verdict.metric}`, value: figure(verdict.candidate) },
    { label: "Champion", value: verdict.champion ? figure(verdict.champion.value) : "none yet" },
    { label: "Margin", value: verdict.margin === undefined ? "none" : signed(verdict.margin) },
    { label: "Test rows", value: String(evaluation.sampleSize) },
  ];
  return html`<p class="lead">${comparison(packet)}.</p>
<ul class="score">${boxes.map(({ label, value }) => html`<li><span>${label}</span><strong>${value}</strong></li>`)}</ul>`;
}

function table(caption: string, rows: readonly Fact[], className = ""): Html {
  return html`<table aria-label="${caption}">${rows.map(
    ({ label, value }) => html`<tr><th scope="row">${label}</th><td class="${className}">${value}</td></tr>`,
  )}</table>`;
}

function faultList(faults: readonly string[]): Html {
  return html`<div class="faults" role="alert">${faults.map((fault) => html`<p>${fault}</p>`)}</div>`;
}

/** What was decided; also what a used link shows. */
export function decidedPage(stage: string, item: PacketItem, statusCode: 200 | 409): Page {
  const { decision } = item;
  if (!decision) throw new Error("a packet without a decision has no such page");
  const packet = ApprovalPacket.parse(JSON.parse(item.packet));
  const done = decision.decision === "Approved" ? "approved" : "rejected";
  const title = statusCode === 200 ? `You ${done} ${headline(packet)}` : `${headline(packet)} is already ${done}`;
  return page(
    statusCode,
    title,
    stage,
    html`<p class="lead">${statusCode === 409 && "Nothing was changed. "}${decision.decidedBy} ${done} it on ${moment(
      Date.parse(decision.decidedAt) / 1000,
    )}.</p>
${decision.comment !== "" && html`<p class="quote">${decision.comment}</p>`}
${table("Decided on", [
  { label: "Model package", value: packet.modelPackageArn },
  { label: "Packet digest", value: decision.packetDigest },
])}`,
  );
}

/** The decision is kept but the waiting state could not be reached. */
export function laterPage(stage: string, item: PacketItem): Page {
  const decision = item.decision;
  if (!decision) throw new Error("a packet without a decision has no such page");
  return page(
    503,
    "Your decision is kept, but not handed on yet",
    stage,
    html`<p class="lead">The decision “${decision.decision}” of ${decision.decidedBy} is kept. Handing it to the waiting submission did not work just now; please try again in a minute. It will not be asked a second time.</p>
<form method="post">
<input type="hidden" name="decision" value="${decision.decision}">
<input type="hidden" name="comment" value="${decision.comment}">
<button class="approve">Hand it on now</button>
</form>`,
    { "retry-after": "60" },
  );
}

const ended =
  "The time to decide is over, or the submission was stopped or already has its answer. The approval status of the model package says what stands. To ask again, the submitter submits the model again.";

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
  ended: [410, "This request has expired", ended],
  method: [405, "This cannot be done here", "The page can be opened and its form sent, nothing else."],
  broken: [
    500,
    "Something went wrong",
    "Nothing was decided. Please try again; if it stays so, tell the platform team.",
  ],
} as const;

/** A page of one sentence. */
export function noticePage(stage: string, kind: keyof typeof notices): Page {
  const [statusCode, title, text] = notices[kind];
  const more: Record<string, string> = kind === "method" ? { allow: "GET, HEAD, POST" } : {};
  return page(statusCode, title, stage, html`<p class="lead">${text}</p>`, more);
}
