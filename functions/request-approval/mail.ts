/** The messages that ask for a decision. No I/O. */
import type { ApprovalPacket } from "../../contracts/submission.ts";
import { type Html, html } from "../shared/html.ts";
import { timeLeft } from "../shared/numbers.ts";
import { servingCost } from "../shared/packet-cost.ts";
import {
  type Asked,
  chain,
  comparison,
  containers,
  evidence,
  type Fact,
  figureColumns,
  figures,
  headline,
  meaning,
  type Row,
  request,
  scores,
  sliceColumns,
  slices,
} from "../shared/packet-facts.ts";
import { packetText } from "../shared/packet-text.ts";

export interface Mail {
  subject: string;
  text: string;
  html: string;
}

/** What a topic's subscribers get. */
export interface Notice {
  subject: string;
  message: string;
}

/** Mail programs show about this much of a subject; control characters have no place in a header. */
const subjectLimit = 150;
/** SNS takes less than 100 characters (botocore sns 2010-03-31, Publish). */
const noticeLimit = 99;

export interface MailOptions extends Asked {
  url: string;
  /** Set in a reminder: milliseconds until the request expires. */
  left?: number;
}

export function approvalMail(packet: ApprovalPacket, options: MailOptions): Mail {
  const { left } = options;
  const reminder = left === undefined ? "" : `Reminder, ${timeLeft(left)} left: `;
  const subject = `[${packet.stage}] ${reminder}Approve ${headline(packet)}? ${comparison(packet)}`;
  return {
    subject: oneLine(subject).slice(0, subjectLimit).toWellFormed(),
    text: textBody(packet, options),
    html: htmlBody(packet, options),
  };
}

/** For the stage's topic: the same facts, without a link, since a topic may have many readers. */
export function approvalNotice(packet: ApprovalPacket, asked: Asked, left?: number): Notice {
  const waits = left === undefined ? "waits for approval" : `still waits, ${timeLeft(left)} left`;
  return {
    subject: oneLine(`${packet.stage}: ${headline(packet)} ${waits}`)
      .slice(0, noticeLimit)
      .toWellFormed(),
    message: [
      `${headline(packet)} of stage ${packet.stage} ${waits}. The approvers have a message with a link of their own.`,
      "",
      packetText(packet, asked),
      "",
    ].join("\n"),
  };
}

const explanation =
  "The link is yours alone: whoever opens it decides in your name, so do not forward this message. Opening it changes nothing; the page asks for your decision.";

function opening(packet: ApprovalPacket, left: number | undefined): string {
  const what = `${headline(packet)} waits for your decision`;
  return left === undefined
    ? `${what}.`
    : `${what} and you have ${timeLeft(left)} left; unanswered it will be rejected. Links of earlier messages stay good.`;
}

function textBody(packet: ApprovalPacket, options: MailOptions): string {
  return [
    opening(packet, options.left),
    "",
    "Decide here:",
    options.url,
    "",
    explanation,
    "",
    packetText(packet, options),
    "",
  ].join("\n");
}

function htmlBody(packet: ApprovalPacket, options: MailOptions): string {
  const { cautions } = packet.verdict;
  const button =
    "display:inline-block;padding:12px 20px;background:#1d4f91;color:#ffffff;text-decoration:none;border-radius:6px";
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Approval</title></head>
<body style="font-family:system-ui,sans-serif;color:#1a1a1a;max-width:44rem;line-height:1.45">
<h1 style="font-size:1.3rem">${headline(packet)}</h1>
<p><strong>${opening(packet, options.left)}</strong></p>
<p>${meaning(packet).join(" ")}</p>
${table(scores(packet))}
${cautions.length > 0 && html`${heading("Beware")}<ul>${cautions.map((caution) => html`<li>${caution}</li>`)}</ul>`}
<p><a href="${options.url}" style="${button}">See the evidence and decide</a></p>
<p style="color:#555">${explanation}</p>
${heading("Request")}${table(request(packet, options))}
${heading("Parts of the test rows")}${
  packet.verdict.slices.length > 0 ? grid(sliceColumns, slices(packet)) : html`<p>None are configured.</p>`
}
${heading("Data and evidence")}${table(evidence(packet, options))}
${heading("Where it comes from")}<p>${chain(packet).join(" ")}</p>
${heading("What would be served")}${containers(packet).map(
  ({ name, facts }) => html`${packet.containers.length > 1 && html`<p>${name}</p>`}${table(facts)}`,
)}
${heading("Cost of serving")}${table(servingCost(packet.serving))}
${heading("Figures of the batch test")}${grid(figureColumns, figures(packet))}
</body></html>`.markup;
}

const heading = (text: string): Html => html`<h2 style="font-size:1.05rem">${text}</h2>`;

function table(facts: readonly Fact[]): Html {
  return html`<table role="presentation" cellpadding="4" style="border-collapse:collapse">${facts.map(
    ({ label, value, link }) =>
      html`<tr><td style="color:#555;vertical-align:top;white-space:nowrap">${label}</td><td style="word-break:break-word">${
        link === undefined ? value : html`<a href="${link}">${value}</a>`
      }</td></tr>`,
  )}</table>`;
}

function grid(columns: readonly string[], rows: readonly Row[]): Html {
  const cell = "text-align:left;border-bottom:1px solid #ddd;vertical-align:top";
  return html`<table cellpadding="4" style="border-collapse:collapse"><tr>${columns.map(
    (name) => html`<th style="${cell};color:#555;font-weight:500">${name}</th>`,
  )}</tr>${rows.map(
    ({ cells, failed }) =>
      html`<tr>${cells.map((text) => html`<td style="${cell}">${failed ? html`<strong>${text}</strong>` : text}</td>`)}</tr>`,
  )}</table>`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ");
}
