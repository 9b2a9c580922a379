/** `npm run stop`: ends a rehearsal that `npm start -- --keep` left up. */
import { clearSession, isAlive, rehearsalFolder, runningSession } from "./walkthrough/session.ts";

const running = await runningSession(rehearsalFolder);
if (running) {
  process.kill(running.keeperPid, "SIGTERM");
  const deadline = Date.now() + 20_000;
  while (isAlive(running.keeperPid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  if (isAlive(running.keeperPid)) process.kill(running.keeperPid, "SIGKILL");
  console.log(`the rehearsal of ${running.startedAt} has ended`);
} else {
  console.log("no rehearsal is up");
}
await clearSession(rehearsalFolder);
