import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "./process.ts";

const POLL_MS = 25;

/**
 * Waits until a server answers `GET url` with 200.
 *
 * @param limitMs milliseconds to wait at most
 * @throws an Error that shows the end of the process's log, when it exits or the time is over
 */
export async function awaitHealth(running: Running, url: string, limitMs: number): Promise<void> {
  let exit: string | undefined;
  void running.ended.then((how) => {
    exit = how;
  });
  const deadline = Date.now() + limitMs;
  while (exit === undefined) {
    if (await answers(url)) return;
    if (Date.now() > deadline) throw await running.failure(`did not answer ${url} within ${limitMs / 1000} s`);
    await pause(POLL_MS);
  }
  throw await running.failure(`ended while starting, with ${exit}`);
}

/** No fetch: its pool would keep connections to servers that come and go. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
