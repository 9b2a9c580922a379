/** The approval page with a request behind it, and what every page must be like. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Environment as DecideEnvironment, makeHandler } from "../../../functions/decide-approval/approve.ts";
import type { Page } from "../../../functions/decide-approval/pages.ts";
import { type Environment, makeHandler as makeRequestHandler } from "../../../functions/request-approval/request.ts";
import { FakeApprovals } from "./fake-approvals.ts";
import { fakeLog } from "./fake-log.ts";
import { eventFixture } from "./fixtures.ts";
import { dataBucket, packet } from "./samples.ts";

export const taskToken = "secret-task-token";
export const unknownToken = "A".repeat(43);
export const topicArn = "arn:aws:sns:us-east-1:111122223333:frugal-dev-notices";
/** Who calls the route for signed requests. */
export const portalArn = "arn:aws:sts::111122223333:assumed-role/portal/session";
export const approvers = ["ada@example.com", "joan@example.com", "mary@example.com"];

export const requestEnvironment: Environment = {
  APPROVALS_TABLE: "approvals",
  APPROVAL_URL: "https://example.com",
  APPROVERS: approvers.slice(0, 2),
  APPROVALS_REQUIRED: 1,
  SENDER: "models@example.com",
  SUBMITTER_MAY_APPROVE: false,
  DATA_BUCKET: dataBucket,
  TOPIC_ARN: topicArn,
};
export const decideEnvironment: Omit<DecideEnvironment, "APPROVALS_TABLE"> = {
  STAGE: "dev",
  DATA_BUCKET: dataBucket,
  SUBMITTER_MAY_APPROVE: false,
};

export function tokenOf(text: string): string {
  return /approvals\/([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? "";
}

export async function approvalSetup(
  change: Parameters<typeof packet>[0] = {},
  stage: Partial<Environment> = {},
  decideStage: Partial<typeof decideEnvironment> = {},
) {
  const approvals = new FakeApprovals();
  const log = fakeLog();
  const asked = packet(change);
  const environment = { ...requestEnvironment, ...stage };
  const ask = (more: object = {}) =>
    makeRequestHandler(
      approvals.request(),
      environment,
      log,
    )({
      taskToken,
      packet: asked,
      expiresAt: "2026-01-09T00:00:00Z",
      reminder: false,
      ...more,
    });
  await ask();
  const [ada = "", joan = "", mary = ""] = approvals.mails.map(({ mail }) => tokenOf(mail.text));
  const handler = makeHandler(approvals.decide(), { ...decideEnvironment, ...decideStage }, log);
  const get = (token: string) => handler({ ...eventFixture("http-get"), pathParameters: { token } });
  const post = (token: string, fields: Record<string, string> | string, more: object = {}) => {
    const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
    return handler({ ...eventFixture("http-post"), pathParameters: { token }, body, isBase64Encoded: false, ...more });
  };
  const send = (body: unknown, more: { id?: string; caller?: string | null; headers?: object } = {}) =>
    handler(signedEvent(body, { id: asked.submissionId, ...more }));
  return { approvals, log, asked, ask, handler, get, post, send, ada, joan, mary };
}

/** A request as the gateway hands it on once IAM let the caller in. */
export function signedEvent(
  body: unknown,
  { id, caller = portalArn, headers }: { id?: string; caller?: string | null; headers?: object } = {},
) {
  const event = eventFixture("http-post");
  const context = event.requestContext as object;
  return {
    ...event,
    routeKey: "POST /decisions/{submissionId}",
    pathParameters: { submissionId: id },
    headers: headers ?? { "content-type": "application/json" },
    requestContext: {
      ...context,
      ...(caller === null ? {} : { authorizer: { iam: { userArn: caller, accountId: "111122223333" } } }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

export const approve = { decision: "Approved", comment: "well founded" };
export const reject = { decision: "Rejected", comment: "not enough rows" };

export function assertPage(page: Page, status: number, text: RegExp): void {
  assert.equal(page.statusCode, status, page.body);
  assert.match(page.body, text);
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal(page.headers["referrer-policy"], "no-referrer");
  const style = /<style>([\s\S]*?)<\/style>/.exec(page.body)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(page.headers["content-security-policy"]?.includes(`default-src 'none'; style-src 'sha256-${hash}'`));
  assertInert(page.body);
  assert.equal(page.body.includes(taskToken), false);
}

/** Nothing in the markup runs; what stands in texts and quoted values is only text. */
export function assertInert(markup: string): void {
  const tags = markup.replace(/="[^"]*"/g, '=""').match(/<[^>]*>/g) ?? [];
  for (const tag of tags) assert.doesNotMatch(tag, /^<(script|img|iframe|object|embed)|\son\w+\s*=/i);
  assert.doesNotMatch(markup, /(href|action|src)="javascript:/i);
}

export function assertAnswer(page: Page, status: number, text: RegExp): Record<string, unknown> {
  assert.equal(page.statusCode, status, page.body);
  assert.match(page.headers["content-type"] ?? "", /^application\/json/);
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal(page.body.includes(taskToken), false);
  const answer = JSON.parse(page.body) as Record<string, unknown>;
  assert.match(String(answer.message), text);
  return answer;
}
