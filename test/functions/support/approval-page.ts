/** The approval page with a request behind it, and what every page must be like. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { makeHandler } from "../../../functions/decide-approval/approve.ts";
import type { Page } from "../../../functions/decide-approval/pages.ts";
import { makeHandler as makeRequestHandler } from "../../../functions/request-approval/request.ts";
import { FakeApprovals } from "./fake-approvals.ts";
import { fakeLog } from "./fake-log.ts";
import { eventFixture } from "./fixtures.ts";
import { packet } from "./samples.ts";

export const taskToken = "secret-task-token";
export const unknownToken = "A".repeat(43);

export async function approvalSetup(change: Parameters<typeof packet>[0] = {}) {
  const approvals = new FakeApprovals();
  const log = fakeLog();
  await makeRequestHandler(
    approvals.request(),
    {
      APPROVALS_TABLE: "approvals",
      APPROVAL_URL: "https://example.com",
      APPROVERS: ["ada@example.com", "joan@example.com"],
      SENDER: "models@example.com",
      SUBMITTER_MAY_APPROVE: false,
    },
    fakeLog(),
  )({ taskToken, packet: packet(change), expiresAt: "2026-01-09T00:00:00Z" });
  const [ada = "", joan = ""] = approvals.mails.map(({ mail }) => /approvals\/(\S{43})/.exec(mail.text)?.[1] ?? "");
  const handler = makeHandler(approvals.decide(), { STAGE: "dev" }, log);
  const get = (token: string) => handler({ ...eventFixture("http-get"), pathParameters: { token } });
  const post = (token: string, fields: Record<string, string> | string, more: object = {}) => {
    const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
    return handler({ ...eventFixture("http-post"), pathParameters: { token }, body, isBase64Encoded: false, ...more });
  };
  return { approvals, log, handler, get, post, ada, joan };
}

export const approve = { decision: "Approved", comment: "well founded" };
export const reject = { decision: "Rejected", comment: "not enough rows" };

export function assertPage(page: Page, status: number, text: RegExp): void {
  assert.equal(page.statusCode, status);
  assert.match(page.body, text);
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal(page.headers["referrer-policy"], "no-referrer");
  const style = /<style>([\s\S]*?)<\/style>/.exec(page.body)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(page.headers["content-security-policy"]?.includes(`default-src 'none'; style-src 'sha256-${hash}'`));
  assert.doesNotMatch(page.body, /<script|\son\w+=|javascript:/i);
  assert.equal(page.body.includes(taskToken), false);
}
