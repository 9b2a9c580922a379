/** The first step of every handler: an input is checked whole before anything is done with it. */
import type * as z from "zod";
import { errorNames, FlowError } from "../../contracts/errors.ts";

/** The input in its declared shape. Throws `InvalidInput` with every fault in one message. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FlowError(errorNames.invalidInput, `${what} is not valid: ${describeIssues(result.error.issues)}`);
}

/** zod's issues in one line: `path message; path message`. Values are not repeated, since some are secret. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => `${issue.path.map(String).join(".") || "(whole)"}: ${issue.message}`).join("; ");
}

/** Throws one error that holds every fault, or nothing when there is none. */
export function refuse(
  name: (typeof errorNames)[keyof typeof errorNames],
  what: string,
  faults: readonly string[],
): void {
  if (faults.length > 0) throw new FlowError(name, `${what}: ${faults.join("; ")}`);
}
