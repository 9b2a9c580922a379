/** Reads the HTTP API's event (payload format 2.0). No I/O; nothing of what is read here is ever logged. */
import * as z from "zod";
import { commentLimit, linkTokenPattern } from "../../contracts/approvals.ts";
import { ApprovalDecision } from "../../contracts/submission.ts";

/** The parts of the event that matter; maps and body are absent when empty (AWS: HTTP API, payload format 2.0). */
export const HttpEvent = z.object({
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  headers: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
export type HttpEvent = z.infer<typeof HttpEvent>;

/** Longest body, in characters: a comment of 1,000 characters takes 12 each at worst when URL-encoded. */
const bodyLimit = 20_000;

/** The link's random part, or undefined when the path holds nothing that could be one. */
export function linkToken(event: HttpEvent): string | undefined {
  const token = event.pathParameters?.token;
  return token !== undefined && linkTokenPattern.test(token) ? token : undefined;
}

export interface Form {
  decision: ApprovalDecision["decision"];
  comment: string;
}

/** What was filled in, to be shown again, and what is wrong with it. */
export interface FaultyForm {
  faults: string[];
  comment: string;
}

/** Reads the form. Every fault is named at once. */
export function readForm(event: HttpEvent): Form | FaultyForm {
  const type = header(event, "content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return { faults: ["The form was not sent as a form; use the buttons of this page."], comment: "" };
  }
  const sent = event.body ?? "";
  if (sent.length > bodyLimit * 2) return tooLong();
  const body = event.isBase64Encoded ? Buffer.from(sent, "base64").toString("utf8") : sent;
  if (body.length > bodyLimit) return tooLong();
  const fields = new URLSearchParams(body);
  const comment = tidy(fields.get("comment") ?? "");
  const decision = ApprovalDecision.shape.decision.safeParse(fields.get("decision"));
  const faults: string[] = [];
  if (fields.getAll("decision").length > 1 || !decision.success) faults.push("Choose either to approve or to reject.");
  if (comment.length > commentLimit) {
    faults.push(`The comment has ${comment.length} characters; at most ${commentLimit} are kept.`);
  }
  // A decision that nobody can explain later is no evidence, whichever way it went.
  if (comment === "") faults.push("Say in the comment why you decide so; it is kept with the model package.");
  if (faults.length > 0 || !decision.success) return { faults, comment: comment.slice(0, commentLimit) };
  return { decision: decision.data, comment };
}

function tooLong(): FaultyForm {
  return { faults: [`The form is too long; the comment may have ${commentLimit} characters.`], comment: "" };
}

/** Line ends as \n, no other control characters, well-formed Unicode, no space around. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .toWellFormed()
    .trim();
}

function header(event: HttpEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}
