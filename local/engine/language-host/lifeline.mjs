/**
 * Loaded before a policy pack's launcher, which is a server and knows no end: ends the process once whoever started it is
 * gone, SIGKILL included. Its standard input is a pipe that the engine or the language host holds the other end of.
 */
import { fstatSync } from "node:fs";

const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  const end = () => process.exit(0);
  process.stdin.resume().on("end", end).on("error", end);
  process.stdin.unref?.();
}
