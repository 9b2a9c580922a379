/**
 * The process that owns the emulators and the providers. It ends with the rehearsal that started it (the IPC channel
 * closes even when that one is killed), unless it was told to stay; then `npm run stop` ends it.
 */
import { startEmulators } from "../emulators/start.ts";
import { startProviders } from "../provider/start.ts";

/** What the keeper reports once everything answers. */
export interface Kept {
  readonly ministack: string;
  readonly moto: string;
  readonly sagemaker: string;
  readonly region: string;
  readonly accountId: string;
  readonly env: Record<string, string>;
  readonly debugProviders: string;
  readonly pids: readonly number[];
}
export type KeeperMessage = { ready: Kept } | { failed: string };

const workdir = process.argv[2];
if (!workdir || !process.send)
  throw new Error("keeper.ts is started by the rehearsal, with a folder and an IPC channel");

let stay = false;
let stopAll: () => Promise<void> = async () => {};
let stopping: Promise<void> | undefined;
const started = Promise.withResolvers<void>();
const stop = (): Promise<void> => {
  // A start that is under way is let finish, so that all it brought up is ended before we are.
  stopping ??= started.promise.then(() => stopAll()).finally(() => process.exit(0));
  return stopping;
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("message", (message) => {
  if (message === "stay") stay = true;
});
process.on("disconnect", () => {
  if (!stay) void stop();
});

try {
  const emulators = await startEmulators({ workdir, sfnWaitScale: 0.1 });
  stopAll = () => emulators.stop();
  const providers = await startProviders({ emulators, workdir });
  stopAll = async () => {
    await providers.stop();
    await emulators.stop();
  };
  const { ministack, moto, sagemaker, region, accountId, env } = emulators;
  const pids = [...emulators.pids, ...providers.pids];
  const ready: Kept = {
    ministack,
    moto,
    sagemaker,
    region,
    accountId,
    env,
    debugProviders: providers.debugProviders,
    pids,
  };
  if (process.connected) process.send({ ready } satisfies KeeperMessage);
} catch (error) {
  if (process.connected) process.send({ failed: (error as Error).message } satisfies KeeperMessage);
  await stopAll();
  process.exit(1);
} finally {
  started.resolve();
}
