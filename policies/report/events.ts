/**
 * Verdicts overheard from the engine: its events, one JSON object a line, as `pulumi preview --json` prints them with
 * PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true, and `--event-log <file>` writes them with PULUMI_DEBUG_COMMANDS=true
 * (pulumi 3.259.0); the Automation API gives the same objects to `onEvent`.
 */
import { type Finding, partsOf, sorted, type Verdict } from "./finding.ts";

/** As much of an engine event (`apitype.EngineEvent`) as is read. */
export interface EngineEvent {
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly policyPackName: string;
    readonly policyPackVersion?: string;
    readonly enforcementLevel: string;
    readonly severity?: string;
  };
  readonly policyRemediationEvent?: { readonly resourceUrn?: string; readonly policyName: string };
  readonly policyAnalyzeSummaryEvent?: {
    readonly resourceUrn: string;
    readonly policyPackName: string;
    readonly policyPackVersion?: string;
  };
  readonly policyAnalyzeStackSummaryEvent?: object;
  readonly summaryEvent?: { readonly result?: string; readonly PolicyPacks?: Readonly<Record<string, string>> };
}

/** The text is no log of the engine; the message is for whoever gave it. */
export class EventsError extends Error {}

/** @throws {EventsError} when a line is no event, or no pack has judged anything. */
export function verdictOfLog(text: string): Verdict {
  const events = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index): EngineEvent => {
      try {
        const event: unknown = JSON.parse(line);
        if (typeof event === "object" && event !== null && "sequence" in event) return event as EngineEvent;
      } catch {
        // Said below, like whatever else is no event.
      }
      throw new EventsError(`line ${index + 1} is no event of the engine`);
    });
  return verdictOf(events);
}

/** @throws {EventsError} when no pack has judged anything: silence is not a good verdict. */
export function verdictOf(events: readonly EngineEvent[]): Verdict {
  const summary = events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent;
  const packs = new Set<string>();
  const judged = new Set<string>();
  for (const { policyAnalyzeSummaryEvent: found } of events) {
    if (!found) continue;
    packs.add(packOf(found));
    judged.add(found.resourceUrn);
  }
  for (const { policyEvent } of events) if (policyEvent) packs.add(packOf(policyEvent));
  if (packs.size === 0)
    throw new EventsError(
      events.length === 0
        ? "it is empty; was the preview run with --json and PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true?"
        : "no policy pack has judged anything in this run; give the preview --policy-pack",
    );
  const findings = events.flatMap(({ policyEvent: found }): Finding[] =>
    found
      ? [
          {
            rule: found.policyName,
            ...partsOf(plain(found.message), found.policyName),
            level: found.enforcementLevel === "mandatory" ? "mandatory" : "advisory",
            severity: found.severity ?? "",
            urn: found.resourceUrn ?? "",
          },
        ]
      : [],
  );
  const remediated = events.flatMap(({ policyRemediationEvent: found }) =>
    found ? [{ rule: found.policyName, urn: found.resourceUrn ?? "" }] : [],
  );
  return {
    by: "engine",
    pack: [...packs].sort().join(", "),
    resources: judged.size,
    findings: sorted(findings),
    remediated,
    remarks: remarksOn(events, summary),
  };
}

const packOf = ({
  policyPackName,
  policyPackVersion,
}: {
  policyPackName: string;
  policyPackVersion?: string;
}): string => (policyPackVersion ? `${policyPackName}@v${policyPackVersion}` : policyPackName);

/** Without the engine's marks for colours. */
const plain = (message: string): string => message.replaceAll(/<\{%[^%]*%\}>/g, "");

function remarksOn(events: readonly EngineEvent[], summary: EngineEvent["summaryEvent"]): string[] {
  if (!summary) return ["The run was broken off: what stands here is not the whole of it."];
  const whole = events.some(({ policyAnalyzeStackSummaryEvent }) => policyAnalyzeStackSummaryEvent);
  return whole ? [] : ["The run ended before the stack as a whole was judged."];
}
