/** Reserved concurrency and the dead-letter queue of functions; and the wait until they take calls. */
import type { Client } from "../../emulator/client.ts";
import type { Step } from "./index.ts";

const concurrency: Step = async (client, id, wanted) => {
  const path = `/2017-10-31/functions/${encodeURIComponent(id)}/concurrency`;
  if (wanted === undefined) await client.rest("lambda", { method: "DELETE", path });
  else
    await client.rest("lambda", {
      method: "PUT",
      path,
      body: JSON.stringify({ ReservedConcurrentExecutions: wanted }),
    });
};

const deadLetter: Step = async (client, id, wanted) => {
  const path = `/2015-03-31/functions/${encodeURIComponent(id)}/configuration`;
  await client.rest("lambda", {
    method: "PUT",
    path,
    body: JSON.stringify({ DeadLetterConfig: wanted ?? { TargetArn: "" } }),
  });
};

export const lambda: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  "AWS::Lambda::Function": { ReservedConcurrentExecutions: concurrency, DeadLetterConfig: deadLetter },
};

/** Milliseconds a function may take to become Active. The emulator takes less than a second. */
const LIMIT_MS = 30_000;
const PAUSE_MS = 20;

/** CloudFormation waits until a function is Active and its update is through; so do we. */
export async function settled(client: Client, id: string): Promise<void> {
  const path = `/2015-03-31/functions/${encodeURIComponent(id)}/configuration`;
  for (const start = Date.now(); ; ) {
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = await client.rest("lambda", { path });
    if (State === "Failed") throw new Error(`the function ${id} is Failed: ${String(StateReason)}`);
    if (LastUpdateStatus === "Failed") throw new Error(`the update of ${id} failed: ${String(LastUpdateStatusReason)}`);
    if (State !== "Pending" && LastUpdateStatus !== "InProgress") return;
    if (Date.now() - start > LIMIT_MS)
      throw new Error(`the function ${id} is still ${String(State)} after ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
