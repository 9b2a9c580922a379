/** The demands of a submission: the stage's, or stricter ones. Pure. */
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { directionOf, type GateOverride, type GateRules } from "../../contracts/evaluation.ts";

/** Throws `InvalidInput` that names every demand which is looser than the stage's. */
export function mergeRules(rules: GateRules, override: GateOverride): GateRules {
  const higher = directionOf(rules.metric) === "higher";
  const { bound, minimumGain, minimumSamples, maximumSliceRegression } = override;
  const regression = rules.slices.maximumRegression;
  const looser = [
    tooLoose("bound", bound, rules.bound, higher ? "at least" : "at most"),
    tooLoose("minimumGain", minimumGain, rules.minimumGain, "at least"),
    tooLoose("minimumSamples", minimumSamples, rules.minimumSamples, "at least"),
    tooLoose("maximumSliceRegression", maximumSliceRegression, regression, "at most"),
  ].filter((fault) => fault !== undefined);
  if (looser.length > 0) {
    throw new FlowError(
      errorNames.invalidInput,
      `A submission may only ask for more than the stage's gate: ${looser.join("; ")}`,
    );
  }
  return {
    ...rules,
    bound: bound ?? rules.bound,
    minimumGain: minimumGain ?? rules.minimumGain,
    minimumSamples: minimumSamples ?? rules.minimumSamples,
    slices: { ...rules.slices, maximumRegression: maximumSliceRegression ?? regression },
  };
}

function tooLoose(name: string, asked: number | undefined, stage: number, limit: "at least" | "at most") {
  if (asked === undefined || (limit === "at least" ? asked >= stage : asked <= stage)) return undefined;
  return `gate.${name} must be ${limit} ${stage}, the stage's, got ${asked}`;
}
