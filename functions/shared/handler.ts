/** What every handler has around it. */
import { errorMessage, errorName } from "./aws-errors.ts";
import type { Log } from "./log.ts";

export type Handler<R> = (event: unknown) => Promise<R>;

/** Runs the work, logs a failure by name and message, and lets the error through: its name is what a state machine catches. */
export function handling<R>(log: Log, work: (event: unknown) => Promise<R>): Handler<R> {
  return async (event) => {
    try {
      return await work(event);
    } catch (error) {
      log.error("failed", { errorName: errorName(error), errorMessage: errorMessage(error) });
      throw error;
    }
  };
}
