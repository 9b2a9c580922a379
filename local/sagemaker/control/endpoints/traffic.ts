/** The steps of a blue/green deployment (deployment guardrails): what share goes to the new fleet, and for how long. Pure. */
import type { Json } from "../../server/front.ts";

export interface Step {
  /** Share of the traffic on the new fleet, 0 to 1. */
  readonly share: number;
  /** Seconds to bake before the next step; alarms are watched meanwhile. */
  readonly seconds: number;
}

function fraction(size: unknown, instances: number): number {
  const { Type, Value } = (size ?? {}) as { Type?: string; Value?: number };
  if (Value === undefined) return 1;
  return Type === "INSTANCE_COUNT" ? Math.min(1, Value / Math.max(1, instances)) : Value / 100;
}

/** Serverless variants take all traffic at once, whatever the policy says: capacity has no instances there. */
export function trafficSteps(deployment: Json | undefined, instances: number, serverless: boolean): Step[] {
  const rolling = deployment?.RollingUpdatePolicy as Json | undefined;
  const routing = (deployment?.BlueGreenUpdatePolicy as Json | undefined)?.TrafficRoutingConfiguration as
    | Json
    | undefined;
  const wait = Number(routing?.WaitIntervalInSeconds ?? rolling?.WaitIntervalInSeconds ?? 0);
  const last: Step = { share: 1, seconds: wait };
  if (serverless || (!routing && !rolling)) return [last];
  if (routing?.Type === "CANARY") return [{ share: fraction(routing.CanarySize, instances), seconds: wait }, last];
  const size = routing?.Type === "LINEAR" ? routing.LinearStepSize : rolling?.MaximumBatchSize;
  if (!size) return [last];
  const step = fraction(size, instances);
  const steps: Step[] = [];
  for (let share = step; share < 1 - 1e-9; share += step) steps.push({ share, seconds: wait });
  return [...steps, last];
}

/** Names of the alarms that roll the deployment back. */
export function alarmsOf(deployment: Json | undefined): string[] {
  const alarms = ((deployment?.AutoRollbackConfiguration as Json | undefined)?.Alarms ?? []) as {
    AlarmName?: string;
  }[];
  return alarms.map((alarm) => alarm.AlarmName).filter((name): name is string => name !== undefined);
}
