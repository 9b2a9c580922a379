/** CheckPackage: the last look before serving. What was approved is still approved, and its bytes are still the tested ones. */
import * as z from "zod";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { RolloutInput, type RolloutPlan } from "../../contracts/rollout.ts";
import { isNotFound } from "../shared/aws-errors.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { checkArtifact, checkPackage, type PackageFacts, planRollout } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ SERVING_PREFIX: z.string().min(1) });

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<RolloutPlan> {
  return handling(log, async (event) => {
    const { modelPackageArn } = parseInput(RolloutInput, event, "The input of the rollout");
    const candidate = checkPackage(modelPackageArn, await describe(modelPackageArn));
    checkArtifact(candidate, await ports.head(candidate.artifact.bucket, candidate.artifact.key));
    const endpoint = await ports.describeEndpoint(environment.SERVING_PREFIX);
    const plan = planRollout(modelPackageArn, environment.SERVING_PREFIX, candidate, endpoint);
    log.info("package checked", {
      modelPackageArn,
      endpoint: plan.endpoint,
      endpointConfigName: plan.endpointConfigName,
    });
    return plan;
  });

  async function describe(arn: string): Promise<PackageFacts> {
    try {
      return await ports.describePackage(arn);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new FlowError(errorNames.notApproved, `${arn} does not exist (any more)`, { cause: error });
    }
  }
}
