/** What passes between the states of the rollout state machine. */
import * as z from "zod";
import { modelPackageArnPattern } from "./lineage.ts";

/** Input of the rollout state machine. */
export const RolloutInput = z.strictObject({
  modelPackageArn: z.string().regex(modelPackageArnPattern),
});
export type RolloutInput = z.infer<typeof RolloutInput>;

/** Result of the state CheckPackage: approved, unchanged, and what serving it is called. */
export const RolloutPlan = z.object({
  modelPackageArn: z.string().regex(modelPackageArnPattern),
  modelName: z.string(),
  endpointConfigName: z.string(),
  endpointName: z.string(),
  /** Whether the endpoint exists, and whether it serves this package already. */
  endpoint: z.enum(["absent", "other", "same"]),
  /** Lineage tags as the SageMaker API takes them. */
  tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
});
export type RolloutPlan = z.infer<typeof RolloutPlan>;

/** Names derive from the package, so that an old configuration is never deleted before the new one serves. */
export function servingNames(
  prefix: string,
  packageVersion: number,
): { modelName: string; endpointConfigName: string; endpointName: string } {
  return {
    modelName: `${prefix}-v${packageVersion}`,
    endpointConfigName: `${prefix}-v${packageVersion}`,
    endpointName: prefix,
  };
}
