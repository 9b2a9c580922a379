/** Faults that only several values of a stage's configuration together make. Texts follow "<key> …". */
import { type MetricName, metricTable } from "../../contracts/evaluation.ts";
import { parseModelPackageArn } from "../../contracts/lineage.ts";
import type { StageSettings } from "./settings.ts";

/**
 * @param given the values as they were written, without defaults
 * @param stage the stack's name
 */
export function settingsFaults(
  settings: StageSettings,
  given: Readonly<Record<string, unknown>>,
  stage: string,
  region: string,
): string[] {
  return [
    ...gateFaults(settings, given.gate),
    ...approvalFaults(settings),
    ...deploymentFaults(settings, region),
    ...nameFaults(settings, stage),
  ];
}

/** Whether a metric never leaves 0 to 1. */
function isShare(metric: MetricName): boolean {
  return !["logLoss", "rmse", "mae", "r2"].includes(metric);
}

function gateFaults({ gate, evaluation }: StageSettings, given: unknown): string[] {
  const { metric, bound, minimumGain } = gate;
  const { problem } = evaluation;
  const names = (Object.keys(metricTable) as MetricName[]).filter((name) =>
    (metricTable[name].problems as readonly string[]).includes(problem),
  );
  // What a bound means depends on the metric, so nothing else is said of one that the problem does not have.
  if (!names.includes(metric)) {
    return [`gate.metric must be one of ${names.join(", ")} where evaluation.problem is ${problem}, got "${metric}"`];
  }
  const faults: string[] = [];
  if (metric !== "rocAuc" && (given as { bound?: unknown } | undefined)?.bound === undefined) {
    faults.push(`gate.bound is missing: it must be written out for ${metric}, since the default is rocAuc's`);
  } else if (isShare(metric) && (bound < 0 || bound > 1)) {
    faults.push(`gate.bound must be 0 to 1 for ${metric}, got ${bound}`);
  } else if (metric === "r2" && bound > 1) {
    faults.push(`gate.bound must be at most 1 for r2, got ${bound}`);
  } else if (metricTable[metric].direction === "lower" && bound < 0) {
    faults.push(`gate.bound must be 0 or more for ${metric}, of which less is better, got ${bound}`);
  }
  if (isShare(metric) && Math.abs(minimumGain) > 1) {
    faults.push(`gate.minimumGain must be -1 to 1 for ${metric}, got ${minimumGain}`);
  }
  const { sliceColumns } = evaluation;
  const twice = sliceColumns.find((column, index) => sliceColumns.indexOf(column) !== index);
  if (twice !== undefined) faults.push(`evaluation.sliceColumns must name each column once, got ${twice} twice`);
  return faults;
}

function approvalFaults({ approval }: StageSettings): string[] {
  const { approvers, required, expiryHours, remindHours, submitterMayApprove } = approval;
  const faults: string[] = [];
  const people = approvers.map((address) => address.toLowerCase());
  const twice = people.filter((address, index) => people.indexOf(address) !== index);
  if (twice.length > 0) faults.push(`approval.approvers must name each address once, got ${twice[0]} twice`);
  const count = new Set(people).size;
  if (required > count) {
    faults.push(`approval.required must be at most the number of approvers, ${count}, got ${required}`);
  } else if (required > 1 && required === count && !submitterMayApprove) {
    faults.push(
      `approval.required must be at most ${count - 1}, one less than there are approvers, where the submitter may not approve: else none of them could submit; got ${required}`,
    );
  }
  if (remindHours >= expiryHours) {
    faults.push(`approval.remindHours must be less than approval.expiryHours, ${expiryHours}, got ${remindHours}`);
  }
  return faults;
}

function deploymentFaults({ deployment }: StageSettings, region: string): string[] {
  const { flow, modelPackageArn } = deployment;
  if (modelPackageArn === undefined) return [];
  const faults: string[] = [];
  if (flow !== "commit") {
    const instead = flow === "none" ? "nothing is served" : "the approval decides what is served";
    faults.push(`deployment.modelPackageArn is for flow "commit" only: in flow "${flow}" ${instead}`);
  }
  const pinned = parseModelPackageArn(modelPackageArn).region;
  if (region && pinned !== region) {
    faults.push(`deployment.modelPackageArn must lie in the stage's region ${region}, got ${pinned}`);
  }
  return faults;
}

function nameFaults({ modelName }: StageSettings, stage: string): string[] {
  // SageMaker's names end at 63 characters: frugal-<stage>-<model>-v<up to 9 digits> (AWS: CreateModel, ModelName).
  const over = `frugal-${stage}-${modelName}-v999999999`.length - 63;
  if (over <= 0) return [];
  return [
    `modelName must be at most ${modelName.length - over} characters beside this stack's name, got ${modelName.length}`,
  ];
}
