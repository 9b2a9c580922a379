/** What will be needed is loaded while the engine starts the program, not between two resources. */
import { currentRun, enlisted } from "./run.ts";

/** Milliseconds after which the engine has had its answer and waits for the program. */
const ANSWERED = 20;

/**
 * Loads the AWS clients, where a rule is in force that may ask AWS. What cannot be loaded is no fault here: a question that
 * needs it says so.
 */
export function loadClientsAhead(load: () => unknown = clients): void {
  const run = currentRun();
  if (![...enlisted().values()].some((rule) => rule.live && run.levelOf(rule) !== "disabled")) return;
  setTimeout(load, ANSWERED).unref();
}

const clients = (): Promise<unknown> => Promise.allSettled([import("./live-sagemaker.ts"), import("./live-s3.ts")]);
