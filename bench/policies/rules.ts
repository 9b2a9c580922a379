/** Evaluation alone: the rules over the engine's messages, which are made beforehand. */
import { ownLevels } from "../../policies/check/configuration.ts";
import { judge, prepare } from "../../policies/check/judge.ts";
import { rules } from "../../policies/index.ts";
import { type Registry, useRegistry } from "../../policies/support/live.ts";
import { type Objects, useObjects } from "../../policies/support/live-objects.ts";
import { estate } from "./estate.ts";

export interface Measured {
  readonly resources: number;
  readonly seconds: number;
  /** Peak resident megabytes of the process until then. */
  readonly megabytes: number;
  readonly findings: number;
}

export const ruleCount = rules.length;

/** AWS is not asked: what it takes to answer is not the rules' time. */
function withoutAws(): void {
  const silent = async () => ({ state: "offline", words: "a bench asks nobody" }) as const;
  useRegistry({
    modelPackage: silent,
    endpointConfig: silent,
    model: silent,
    trainingJob: silent,
    autoMlJob: silent,
  } satisfies Registry);
  useObjects({ object: silent } satisfies Objects);
}

/** Each size once, after a run that warms up the code. */
export async function measureRules(sizes: readonly number[]): Promise<Measured[]> {
  withoutAws();
  const configuration = ownLevels(rules);
  await judge(prepare(estate(500)), rules, configuration);
  const measured: Measured[] = [];
  for (const size of sizes) {
    const prepared = prepare(estate(size));
    const began = performance.now();
    const { findings } = await judge(prepared, rules, configuration);
    const seconds = (performance.now() - began) / 1000;
    const megabytes = process.resourceUsage().maxRSS / 1024;
    measured.push({ resources: size, seconds, megabytes, findings: findings.length });
  }
  return measured;
}
