/** ReconcileLineage: the scheduled round. It keeps no watermark: each round looks back over several, so that one that fails or an event that comes late is made up for. */
import * as z from "zod";
import { LOOK_BACK_HOURS } from "../../contracts/lineage-schedule.ts";
import type { StageScope } from "../record-lineage/facts.ts";
import { Environment as RecordEnvironment } from "../record-lineage/record.ts";
import type { Store } from "../record-lineage/store.ts";
import type { Truth } from "../record-lineage/truth.ts";
import { json } from "../shared/environment-types.ts";
import { handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { type Reconciliation, reconcile } from "./reconcile.ts";
import type { Listing } from "./subjects.ts";

export const Environment = RecordEnvironment.extend({
  /** JSON list of names. */
  MODEL_PACKAGE_GROUPS: json(z.array(z.string().min(1)).min(1)),
});

/** Most subjects of one round: at some ten calls each, well inside the function's time. */
const MOST_SUBJECTS = 1000;
/** Milliseconds before the function's end at which a round stops by itself. */
const REST_MS = 30_000;

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export interface Round {
  looked: number;
  kept: number;
  changed: number;
  failed: number;
}

export function makeHandler(
  truth: Truth,
  store: Store,
  list: (listing: Listing) => AsyncIterable<string>,
  scope: StageScope & { groups: readonly string[] },
  log: Log,
  now: () => number = Date.now,
): (event: unknown, context?: LambdaContext) => Promise<Round> {
  return (event, context) =>
    handling(log, async () => {
      const since = new Date(now() - LOOK_BACK_HOURS * 3_600_000);
      const result = await reconcile(truth, store, scope, list({ since, ...scope }), {
        limit: MOST_SUBJECTS,
        goOn: () => (context?.getRemainingTimeInMillis() ?? REST_MS + 1) > REST_MS,
      });
      tell(log, result);
      const { looked, kept, changes, failed } = result;
      // So that it is tried again and, failing for good, ends where failed events are kept.
      if (failed.length > 0)
        throw new Error(
          `${failed.length} of ${looked} subjects could not be reconciled; the first: ${failed[0]?.subject}: ${failed[0]?.because}`,
        );
      return { looked, kept, changed: changes.length, failed: failed.length };
    })(event);
}

function tell(log: Log, { looked, kept, changes, failed, more }: Reconciliation): void {
  for (const change of changes.slice(0, 100)) log.warn("lineage was missing", { ...change });
  for (const one of failed.slice(0, 100)) log.error("not reconciled", one);
  log.info("lineage reconciled", { looked, kept, changes: changes.length, failed: failed.length });
  if (more) log.warn("the round ended before the list; `frugal lineage repair` looks at all", { looked });
}
