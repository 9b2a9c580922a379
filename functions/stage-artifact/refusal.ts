/** The record of a refused submission: all that is left of it. No I/O. */
import { SubmissionInput } from "../../contracts/submission.ts";

/** Longest text of the input that is repeated, in characters. */
const longest = 2000;
const known = Object.keys(SubmissionInput.shape);

/**
 * Who wanted what, when, and why it was refused. Of a container's environment only the names are kept, since people put
 * passwords there; of keys that no submission has, as well.
 */
export function refusalRecord(execution: string, submission: unknown, error: Error, at: Date): string {
  const given = typeof submission === "object" && submission !== null ? (submission as Record<string, unknown>) : {};
  const input = Object.fromEntries(
    known
      .filter((key) => Object.hasOwn(given, key))
      .map((key) => [key, key === "environment" ? names(given[key]) : short(given[key])]),
  );
  return `${JSON.stringify(
    {
      schemaVersion: 1,
      execution,
      refusedAt: at.toISOString(),
      submittedBy: typeof given.submittedBy === "string" ? given.submittedBy.slice(0, longest) : null,
      error: error.name,
      reason: error.message.slice(0, 10 * longest),
      input,
      otherKeys: names(given).filter((key) => !known.includes(key)),
    },
    null,
    2,
  )}\n`;
}

function names(value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .slice(0, 200)
    .map((key) => key.slice(0, 200));
}

function short(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "null";
  return text.length <= longest ? value : `${text.slice(0, longest)}…`;
}
