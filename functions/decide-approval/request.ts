/** Reads the HTTP API's event (payload format 2.0). No I/O; nothing of what is read here is ever logged. */
import * as z from "zod";
import { commentLimit, DecisionRequest, decisionPath, linkTokenPattern } from "../../contracts/approvals.ts";
import { ApprovalDecision, submissionIdPattern } from "../../contracts/submission.ts";
import { describeIssues } from "../shared/parse.ts";

/** The parts of the event that matter; maps and body are absent when empty (AWS: HTTP API, payload format 2.0). */
export const HttpEvent = z.object({
  /** The route as it is declared: the gateway's word, not the caller's. */
  routeKey: z.string().nullish(),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    /** Only on routes of authorization type AWS_IAM. */
    authorizer: z.object({ iam: z.object({ userArn: z.string().nullish() }).nullish() }).nullish(),
  }),
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  headers: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
export type HttpEvent = z.infer<typeof HttpEvent>;

/** Longest body, in characters: a comment of 1,000 characters takes 12 each at worst when URL-encoded. */
const bodyLimit = 20_000;

/** Whether the request came by the route whose callers IAM has let in. */
export function isSigned(event: HttpEvent): boolean {
  return event.routeKey === `POST ${decisionPath}{submissionId}`;
}

/** The link's random part, or undefined when the path holds nothing that could be one. */
export function linkToken(event: HttpEvent): string | undefined {
  const token = own(event.pathParameters, "token");
  return token !== undefined && linkTokenPattern.test(token) ? token : undefined;
}

/** The submission that a signed request is about, or undefined when the path names none. */
export function submissionOf(event: HttpEvent): string | undefined {
  const id = own(event.pathParameters, "submissionId");
  return id !== undefined && submissionIdPattern.test(id) ? id : undefined;
}

export interface Form {
  decision: ApprovalDecision["decision"];
  comment: string;
}

/** What is wrong, in words, and with which field. */
export interface Fault {
  field: "form" | "comment" | "decision";
  text: string;
}

/** What was filled in, to be shown again, and what is wrong with it. */
export interface FaultyForm {
  faults: Fault[];
  comment: string;
}

/** Reads the form. Every fault is named at once. */
export function readForm(event: HttpEvent): Form | FaultyForm {
  const type = header(event, "content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return {
      faults: [{ field: "form", text: "The form was not sent as a form; use the buttons of this page." }],
      comment: "",
    };
  }
  const body = bodyOf(event);
  if (body === undefined) {
    return {
      faults: [{ field: "form", text: `The form is too long; the comment may have ${commentLimit} characters.` }],
      comment: "",
    };
  }
  const fields = new URLSearchParams(body);
  const comment = tidy(fields.get("comment") ?? "");
  const decision = ApprovalDecision.shape.decision.safeParse(fields.get("decision"));
  const faults: Fault[] = [];
  if (comment.length > commentLimit) {
    const text = `The comment has ${comment.length} characters; at most ${commentLimit} are kept.`;
    faults.push({ field: "comment", text });
  }
  // A decision that nobody can explain later is no evidence, whichever way it went.
  if (comment === "") {
    faults.push({ field: "comment", text: "Say in the comment why you decide so; it is kept with the model package." });
  }
  if (fields.getAll("decision").length > 1 || fields.getAll("comment").length > 1 || !decision.success) {
    faults.push({ field: "decision", text: "Choose either to approve or to reject." });
  }
  if (faults.length > 0 || !decision.success) return { faults, comment: comment.slice(0, commentLimit).toWellFormed() };
  return { decision: decision.data, comment };
}

/** Reads a signed request's body, or says in one sentence all that is wrong with it. */
export function readDecision(event: HttpEvent): DecisionRequest | { fault: string } {
  const type = header(event, "content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) return { fault: "Send the decision as application/json." };
  const body = bodyOf(event);
  if (body === undefined) return { fault: `The body is longer than ${bodyLimit} characters.` };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { fault: "The body is not JSON." };
  }
  if (typeof value === "object" && value !== null && "comment" in value && typeof value.comment === "string") {
    value = { ...value, comment: tidy(value.comment) };
  }
  const result = DecisionRequest.safeParse(value);
  return result.success ? result.data : { fault: `The decision is not valid: ${describeIssues(result.error.issues)}` };
}

/** Undefined when it is too long. */
function bodyOf(event: HttpEvent): string | undefined {
  const sent = event.body ?? "";
  if (sent.length > bodyLimit * 2) return undefined;
  const body = event.isBase64Encoded ? Buffer.from(sent, "base64").toString("utf8") : sent;
  return body.length > bodyLimit ? undefined : body;
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

function own(map: Record<string, string | undefined> | null | undefined, key: string): string | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}
