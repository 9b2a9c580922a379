/** The message that asks for a decision. No I/O. */
import type { ApprovalPacket } from "../../contracts/submission.ts";
import { html } from "../shared/html.ts";
import { comparison, type Fact, facts, figures, headline } from "../shared/packet-facts.ts";

export interface Mail {
  subject: string;
  text: string;
  html: string;
}

/** Mail programs show about this much of a subject; control characters have no place in a header. */
const subjectLimit = 150;

export function approvalMail(packet: ApprovalPacket, expiresAt: number, url: string): Mail {
  const subject = `[${packet.stage}] Approve ${headline(packet)}? ${comparison(packet)}`;
  const rows = facts(packet, expiresAt);
  const numbers = figures(packet);
  return {
    subject: subject.replace(/\p{Cc}/gu, " ").slice(0, subjectLimit),
    text: textBody(packet, rows, numbers, url),
    html: htmlBody(packet, rows, numbers, url),
  };
}

const explanation =
  "The link is yours alone: whoever opens it decides in your name, so do not forward this message. Opening it changes nothing; the page asks for your decision.";

function textBody(packet: ApprovalPacket, rows: readonly Fact[], numbers: readonly Fact[], url: string): string {
  const line = ({ label, value }: Fact) => `${`${label}:`.padEnd(18)}${value.replace(/\p{Cc}/gu, " ")}`;
  return [
    `A model waits for your decision: ${headline(packet)}`,
    "",
    comparison(packet),
    "",
    ...rows.map(line),
    "",
    "Test figures",
    ...numbers.map(line),
    "",
    "Decide here:",
    url,
    "",
    explanation,
    "",
  ].join("\n");
}

function htmlBody(packet: ApprovalPacket, rows: readonly Fact[], numbers: readonly Fact[], url: string): string {
  const table = (list: readonly Fact[]) =>
    html`<table role="presentation" cellpadding="4" style="border-collapse:collapse">${list.map(
      ({ label, value }) =>
        html`<tr><td style="color:#555;vertical-align:top;white-space:nowrap">${label}</td><td style="word-break:break-all">${value}</td></tr>`,
    )}</table>`;
  const button =
    "display:inline-block;padding:12px 20px;background:#1d4f91;color:#ffffff;text-decoration:none;border-radius:6px";
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Approval</title></head>
<body style="font-family:system-ui,sans-serif;color:#1a1a1a;max-width:44rem;line-height:1.45">
<h1 style="font-size:1.3rem">${headline(packet)} waits for your decision</h1>
<p><strong>${comparison(packet)}</strong></p>
${table(rows)}
<h2 style="font-size:1.05rem">Test figures</h2>
${table(numbers)}
<p><a href="${url}" style="${button}">See the evidence and decide</a></p>
<p style="color:#555">${explanation}</p>
</body></html>`.markup;
}
