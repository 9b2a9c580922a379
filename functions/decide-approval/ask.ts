/** What an approver sees and fills in. Pure; everything is escaped. */
import { commentLimit, type PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalPacket } from "../../contracts/submission.ts";
import { type Html, html } from "../shared/html.ts";
import { moment } from "../shared/numbers.ts";
import { servingCost } from "../shared/packet-cost.ts";
import {
  type Asked,
  chain,
  containers,
  evidence,
  figureColumns,
  figures,
  meaning,
  request,
  scores,
  sliceColumns,
  slices,
} from "../shared/packet-facts.ts";
import { bullets, factList, grid, section } from "./parts.ts";
import type { Fault, FaultyForm } from "./request.ts";

export interface Ask {
  readonly approver: string;
  readonly dataBucket: string;
  /** The form as it was sent, with what is wrong with it. */
  readonly again?: FaultyForm;
}

/** The evidence first, most important on top, then the form. */
export function askContent(packet: ApprovalPacket, item: PacketItem, ask: Ask): Html {
  const asked: Asked = {
    dataBucket: ask.dataBucket,
    expiresAt: item.expiresAt,
    required: item.required,
    asked: item.approvers.length,
  };
  return html`${ask.again && summary(ask.again.faults)}
<p class="lead">${meaning(packet).join(" ")}</p>
${scoreBoxes(packet)}
${cautions(packet)}
${section("request", "Who asks, and why", factList(request(packet, asked)))}
${answers(item)}
${section("slices", "Parts of the test rows", sliceTable(packet))}
${section("evidence", "Data and evidence", factList(evidence(packet, asked)))}
${section("chain", "Where it comes from", html`<ol class="chain">${chain(packet).map((link) => html`<li>${link}</li>`)}</ol>`)}
${section("served", "What would be served", served(packet))}
${section("cost", "Cost of serving", factList(servingCost(packet.serving)))}
${section("figures", "Test figures", grid("All figures of the batch test", figureColumns, figures(packet)))}
${section("decide", "Your decision", form(ask))}`;
}

/** On top of the page, first to be read and focused, each fault leading to its field. */
function summary(faults: readonly Fault[]): Html {
  const target = { comment: "#comment", decision: "#approve", form: "#decide" } as const;
  return html`<div class="faults" role="alert" tabindex="-1" autofocus aria-labelledby="faults">
<h2 id="faults">Your decision was not taken</h2>
${bullets(faults.map(({ field, text }) => html`<a href="${target[field]}">${text}</a>`))}
</div>`;
}

function scoreBoxes(packet: ApprovalPacket): Html {
  return html`<dl class="score">${scores(packet).map(({ label, value }) => {
    const [, main = value, small] = /^(.*?) (\(.*\))$/.exec(value) ?? [];
    return html`<div><dt>${label}</dt><dd>${main}${small && html`<small>${small}</small>`}</dd></div>`;
  })}</dl>`;
}

function cautions({ verdict }: ApprovalPacket): Html | false {
  if (verdict.cautions.length === 0) return false;
  return html`<section class="beware" aria-labelledby="beware"><h2 id="beware">Beware</h2>${bullets(verdict.cautions)}</section>`;
}

/** What others have answered already. */
function answers({ votes }: PacketItem): Html | false {
  if (votes.length === 0) return false;
  const items = votes.map(
    ({ approver, at, comment }) => html`${approver} approved on ${moment(Date.parse(at) / 1000)}: ${comment}`,
  );
  return section("answers", "Answers so far", bullets(items));
}

function sliceTable(packet: ApprovalPacket): Html {
  const rows = slices(packet);
  if (rows.length === 0) return html`<p>The stage names no columns to look at one by one.</p>`;
  const failed = rows.filter((row) => row.failed).length;
  const caption = `${packet.verdict.metric} by part; ${failed === 0 ? "none failed" : `${failed} failed, they come first`}`;
  return grid(caption, sliceColumns, rows);
}

function served(packet: ApprovalPacket): Html {
  const list = containers(packet);
  return html`${list.map(({ name, facts }) => html`${list.length > 1 && html`<h3>${name}</h3>`}${factList(facts)}`)}`;
}

function form({ approver, again }: Ask): Html {
  const wrong = again?.faults.filter(({ field }) => field === "comment") ?? [];
  const described = wrong.length > 0 ? "comment-wrong comment-hint" : "comment-hint";
  return html`<form method="post" novalidate>
<fieldset>
<legend>You decide as ${approver}</legend>
<p class="hint">A decision is final.</p>
<label for="comment">Why do you decide so?</label>
${wrong.length > 0 && html`<p class="wrong" id="comment-wrong">${wrong.map(({ text }) => text).join(" ")}</p>`}
<textarea id="comment" name="comment" required maxlength="${commentLimit}" aria-describedby="${described}"${
    wrong.length > 0 && html` aria-invalid="true"`
  }>${again?.comment}</textarea>
<p class="hint" id="comment-hint">Kept with the model package; needed for either decision, at most ${commentLimit} characters.</p>
<div class="buttons">
<button class="approve" id="approve" name="decision" value="Approved">Approve</button>
<button class="reject" name="decision" value="Rejected">Reject</button>
</div>
</fieldset>
</form>`;
}
