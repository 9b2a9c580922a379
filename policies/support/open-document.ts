/** A policy document as rules meet it: perhaps absent, perhaps not known yet, perhaps no policy at all. */
import { type Document, parseDocument } from "./document.ts";
import { PERMISSION_DOCUMENTS } from "./families.ts";
import type { Reading } from "./read.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";
import type { Subject } from "./subject.ts";

/**
 * The document that was read, once what cannot be judged has been said: notes for what is not known yet, violations for what
 * is no policy. Undefined when there is nothing to judge.
 *
 * @param limits what a whole document, and what a statement, must be; the words of the notes
 */
export function openDocument(
  reading: Reading,
  limits: { readonly document: string; readonly statement: string },
  report: Reporter<"unreadable">,
): Document | undefined {
  if (reading.state === "absent") return undefined;
  if (reading.state === "unknown") {
    report.waits(reading.path, limits.document);
    return undefined;
  }
  const document = parseDocument(reading.value, reading.path);
  for (const path of document.unknown) report.waits(path, limits.statement);
  reportFlaws(document, report);
  return document;
}

/** Every permission document of a resource; a rule that asks must declare `PERMISSION_DOCUMENTS`. */
export const documentsIn = (subject: Subject): Reading[] =>
  (PERMISSION_DOCUMENTS[subject.type] ?? []).flatMap((path) => subject.read(path));

/** A violation for each thing in the document that is no policy. */
export function reportFlaws(document: Document, report: Reporter<"unreadable">): void {
  for (const { path, value, limit } of document.flaws) {
    report.fault({ check: "unreadable", path, value: show(value), limit, fix: "Correct the document." });
  }
}
