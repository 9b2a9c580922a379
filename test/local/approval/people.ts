/** Who takes part, and what is asked of every attack: that nothing has changed, or that one decision stands. */
import assert from "node:assert/strict";
import type { Asked } from "./asked.ts";

export const ADA = "ada@example.com";
export const JOAN = "joan@example.com";
export const MARY = "mary@example.com";
/** Who submitted. */
export const GRACE = "grace@example.com";
export const approve = { decision: "Approved", comment: "Sound on every part." };
export const reject = { decision: "Rejected", comment: "Too few rows." };

export async function assertUntouched(asked: Asked): Promise<void> {
  const item = await asked.item();
  assert.deepEqual([item?.votes, item?.decision], [[], undefined]);
  assert.equal((await asked.package()).status, "PendingManualApproval");
}

export async function assertDecided(asked: Asked, status: string, by: string): Promise<void> {
  const end = await asked.ended();
  assert.equal(end.status, "SUCCEEDED", `${end.error} ${end.cause}`);
  const { status: found, metadata } = await asked.package();
  assert.deepEqual([found, metadata["frugal:approved-by"]], [status, by]);
}

/** Waits until an approver has so many links. */
export async function linksOf(asked: Asked, approver: string, count: number): Promise<string[]> {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const links = (await asked.links())[approver] ?? [];
    if (links.length >= count) return links;
  }
  throw new Error(`${approver} got fewer than ${count} links within 20 s`);
}
