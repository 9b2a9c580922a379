/**
 * RecordLineage: writes down where models come from, from SageMaker's own events. An event is a hint, what is recorded is
 * read by Describe, so repeated, late and reordered events come to the same graph.
 */
import * as z from "zod";
import { SageMakerEvent, subjectOf } from "../../contracts/events.ts";
import { desiredGraph } from "../../contracts/lineage-graph.ts";
import { bucketName } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { readFacts, type StageScope } from "./facts.ts";
import type { Store } from "./store.ts";
import type { Truth } from "./truth.ts";
import { bringAbout } from "./write.ts";

export const Environment = z.object({
  STAGE: z.string().min(1),
  DATA_BUCKET: bucketName,
  ARTIFACT_BUCKET: bucketName,
  ENDPOINT_PREFIX: z.string().min(1),
});

export function scopeOf(environment: z.infer<typeof Environment>): StageScope {
  return {
    stage: environment.STAGE,
    dataBucket: environment.DATA_BUCKET,
    artifactBucket: environment.ARTIFACT_BUCKET,
    endpointPrefix: environment.ENDPOINT_PREFIX,
  };
}

export interface RecordResult {
  /** ARN of what the event was about. */
  subject: string;
  recorded: boolean;
  /** How many entities, associations and statuses were not as they are to be. */
  changes?: number;
}

export function makeHandler(truth: Truth, store: Store, scope: StageScope, log: Log): Handler<RecordResult> {
  return handling(log, async (event) => {
    const subject = subjectOf(parseInput(SageMakerEvent, event, "The event"));
    const facts = await readFacts(truth, scope, subject);
    if ("because" in facts) {
      log.info("nothing to record", { subject, because: facts.because });
      return { subject, recorded: false };
    }
    const changes = await bringAbout(store, desiredGraph([facts]));
    log.info("lineage recorded", { subject, changes: changes.length });
    return { subject, recorded: true, changes: changes.length };
  });
}
