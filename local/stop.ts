/** `npm run stop`: ends a rehearsal, whether it is still being played or left up by `npm start -- --keep`. */
import { clearSession, isAlive, rehearsalFolder, runningSession } from "./walkthrough/session.ts";

/** Milliseconds each may take to end in order: the engine records, jobs and emulators end. */
const limitMs = 30_000;

async function end(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + limitMs;
  while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
}

const running = await runningSession(rehearsalFolder);
if (running) {
  // Whoever plays the scenes ends the emulators itself.
  await end(running.rehearsalPid ?? running.keeperPid);
  console.log(`the rehearsal of ${running.startedAt} has ended`);
} else {
  console.log("no rehearsal is up");
}
await clearSession(rehearsalFolder);
