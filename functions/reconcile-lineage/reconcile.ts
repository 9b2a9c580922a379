/**
 * Compares the recorded lineage with what SageMaker says is so, and adds what is missing: events are best effort, and some
 * never come. The schedule's function and `frugal lineage repair` run the same code.
 */
import { desiredGraph } from "../../contracts/lineage-graph.ts";
import { readFacts, type StageScope } from "../record-lineage/facts.ts";
import type { Store } from "../record-lineage/store.ts";
import type { Truth } from "../record-lineage/truth.ts";
import { bringAbout, type Change } from "../record-lineage/write.ts";
import { errorMessage } from "../shared/aws-errors.ts";

export interface Reconciliation {
  /** Subjects looked at. */
  looked: number;
  /** Subjects that belong to the stage and have a record to keep. */
  kept: number;
  /** What was missing; added, unless it was a rehearsal. */
  changes: { subject: string; what: Change["what"]; text: string }[];
  /** Subjects that could not be read or repaired, with the reason; the others were seen to all the same. */
  failed: { subject: string; because: string }[];
  /** Whether the limit was met before the list's end. */
  more: boolean;
}

export interface ReconcileOptions {
  dryRun?: boolean;
  /** Most subjects to look at. @default no limit */
  limit?: number;
  /** Asked before each subject: whether there is time left. */
  goOn?: () => boolean;
  onSubject?: (subject: string, changes: readonly Change[]) => void;
}

export async function reconcile(
  truth: Truth,
  store: Store,
  scope: StageScope,
  subjects: AsyncIterable<string>,
  options: ReconcileOptions = {},
): Promise<Reconciliation> {
  const result: Reconciliation = { looked: 0, kept: 0, changes: [], failed: [], more: false };
  // Packages share jobs, jobs share datasets: each is compared once a run.
  const known = new Map<string, string>();
  const linked = new Set<string>();
  const missing = new Set<string>();
  for await (const subject of subjects) {
    if (result.looked >= (options.limit ?? Number.POSITIVE_INFINITY) || options.goOn?.() === false) {
      result.more = true;
      break;
    }
    result.looked += 1;
    try {
      const facts = await readFacts(truth, scope, subject);
      if ("because" in facts) continue;
      result.kept += 1;
      const found = await bringAbout(store, desiredGraph([facts]), { dryRun: options.dryRun, known, linked });
      // In a rehearsal nothing is made, so the same thing is missing for every subject that needs it: told once.
      const changes = found.filter(({ text }) => !missing.has(text));
      for (const { text } of changes) missing.add(text);
      result.changes.push(...changes.map(({ what, text }) => ({ subject, what, text })));
      options.onSubject?.(subject, changes);
    } catch (error) {
      result.failed.push({ subject, because: errorMessage(error) });
    }
  }
  return result;
}
