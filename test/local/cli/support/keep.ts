/** Starts a keeper in the folder given, tells it to stay, and ends: what `npm start -- --keep` leaves behind. */
import { startKeeper } from "../../../../local/walkthrough/keeper-client.ts";
import { freshFolder, rehearsalFolder, writeEnvFile, writeSession } from "../../../../local/walkthrough/session.ts";

const keeper = await startKeeper(await freshFolder(rehearsalFolder));
await writeEnvFile(rehearsalFolder, keeper.env);
await writeSession(rehearsalFolder, { keeperPid: keeper.pid, startedAt: "just now" });
keeper.stay();
