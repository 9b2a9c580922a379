/** What the gate's tests start from. */
import type { Evaluation, GateRules, Interval } from "../../../contracts/evaluation.ts";
import type { Champion } from "../../../functions/gate/champion.ts";
import { datasetVersion, evaluation, packageArn } from "./samples.ts";

export const rules: GateRules = {
  metric: "rocAuc",
  bound: 0.9,
  minimumGain: 0,
  minimumSamples: 100,
  confidence: 0.95,
  slices: { maximumRegression: 0.05, minimumSamples: 30 },
};
export const exact = (value: number): Interval => ({ low: value, high: value, standardError: 0 });
export const around = (value: number, half: number): Interval => ({
  low: value - half,
  high: value + half,
  standardError: half / 1.96,
});

export function candidate(rocAuc: number, change: Partial<Evaluation> = {}): Evaluation {
  return { ...evaluation, metrics: { rocAuc }, intervals: { rocAuc: exact(rocAuc) }, slices: [], ...change };
}
export function champion(value: number, change: Partial<Champion> = {}): Champion {
  return {
    modelPackageArn: packageArn,
    judgedBy: "rocAuc",
    figure: { value, interval: exact(value) },
    sampleSize: 171,
    testDatasetVersion: datasetVersion,
    slices: [],
    cautions: [],
    ...change,
  };
}
