/** Whether a candidate may be shown to a person at all. No I/O. */
import { packageKeys } from "../../contracts/lineage.ts";
import type { Evaluation, GateVerdict } from "../../contracts/submission.ts";
import type { GateRules } from "../../contracts/tasks.ts";

/** The newest approved package of the group. */
export interface ChampionFacts {
  modelPackageArn: string;
  metadata: Readonly<Record<string, string>>;
}

/** Differences below this are arithmetic, not quality: 0.9 − 0.8 is 0.09999999999999998. */
const epsilon = 1e-12;

/** The champion's value of the metric; undefined when its record does not say. */
export function championValue(champion: ChampionFacts, metric: string): number | undefined {
  const text = champion.metadata[packageKeys.metricValue];
  if (champion.metadata[packageKeys.metricName] !== metric || text === undefined || text.trim() === "")
    return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Every threshold that was missed is a reason; none is hidden behind another. The sentences keep to the alphabet of a model
 * package's metadata, where they are kept.
 */
export function decideGate(rules: GateRules, evaluation: Evaluation, champion?: ChampionFacts): GateVerdict {
  const candidate = evaluation.metrics[rules.metric];
  const reasons: string[] = [];
  if (evaluation.sampleSize < rules.minimumSamples) {
    reasons.push(`The test has ${evaluation.sampleSize} rows: at least ${rules.minimumSamples} are asked for.`);
  }
  if (candidate + epsilon < rules.minimum) {
    reasons.push(`${rules.metric} is ${show(candidate)}: at least ${show(rules.minimum)} is asked for.`);
  }
  const base = { metric: rules.metric, candidate, minimum: rules.minimum };
  if (!champion) return { passed: reasons.length === 0, reasons, ...base };

  const value = championValue(champion, rules.metric);
  if (value === undefined) {
    const judged = champion.metadata[packageKeys.metricName] ?? "nothing";
    reasons.push(
      `The champion ${champion.modelPackageArn} was judged by ${judged}, not by ${rules.metric}, so the two cannot be compared; reject it, or approve a package that carries ${rules.metric}.`,
    );
    return { passed: false, reasons, ...base };
  }
  const margin = candidate - value;
  if (margin + epsilon < rules.minimumGain) {
    reasons.push(
      `${rules.metric} is ${show(candidate)} where the champion has ${show(value)}: a gain of at least ${show(rules.minimumGain)} is asked for.`,
    );
  }
  return {
    passed: reasons.length === 0,
    reasons,
    ...base,
    champion: { modelPackageArn: champion.modelPackageArn, value },
    margin,
  };
}

/** At most six digits after the point. */
function show(value: number): string {
  return String(Number(value.toFixed(6)));
}
