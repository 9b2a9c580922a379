/**
 * Entry of the SageMaker front's process.
 *
 * Environment: FRONT_PORT, MINISTACK_URL, MOTO_URL, FRONT_WORKDIR, FRONT_PYTHON, AWS_ACCOUNT_ID, AWS_REGION (and the
 * options in server/settings.ts). Prints {"port":N} on stdout when it listens; log lines go to stderr. Ends, with every
 * child, when stdin closes (the parent has died) or on SIGTERM or SIGINT.
 */
import { messageOf } from "./server/errors.ts";
import { readSettings } from "./server/settings.ts";
import { startFront } from "./server/start.ts";

const log = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

async function main(): Promise<void> {
  const running = await startFront(readSettings(process.env), { log });
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    await running.stop().catch((fault) => log(`while ending: ${messageOf(fault)}`));
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end());
  process.stdin.on("end", () => void end());
  process.stdin.on("close", () => void end());
  process.stdin.resume();
  process.on("unhandledRejection", (fault) =>
    log(`unhandled: ${fault instanceof Error ? fault.stack : String(fault)}`),
  );
  process.stdout.write(`${JSON.stringify({ port: running.port })}\n`);
}

main().catch((fault) => {
  log(messageOf(fault));
  process.exit(1);
});
