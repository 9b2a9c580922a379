/** How a value stands in a message: short, quoted, and never a credential. */
import { Opaque, Unknown } from "./unknown.ts";

const MAX_LENGTH = 160;

/**
 * What looks like a credential in any text. A Pulumi secret reaches a policy as plain text and cannot be told from other
 * values, so whatever is printed passes here first.
 */
const SECRET_LOOKS = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, // AWS access key ids
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|xox[abpr]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,})/,
  /\b(?:password|passwd|secret|token)\b\s*[=:]\s*\S+/i,
];

/** `value` as one short phrase for a message. Lists and objects are shown as JSON, cut at 160 characters. */
export function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (value instanceof Unknown) return "not known yet";
  if (value instanceof Opaque) return "not plain data";
  if (value === "") return "empty";
  const text = JSON.stringify(value, (_key, inner) =>
    inner instanceof Unknown ? "(not known yet)" : inner instanceof Opaque ? "(not plain data)" : inner,
  );
  if (text === undefined) return "not plain data";
  if (SECRET_LOOKS.some((look) => look.test(text))) return "hidden (it looks like a credential)";
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** `a, b and c`. */
export function and(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
