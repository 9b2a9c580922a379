/** StartRollout: turns SageMaker's package events, which repeat and come for metadata too, into one rollout per approval. */
import * as z from "zod";
import { ModelPackageEvent } from "../../contracts/events.ts";
import { modelPackageArnPattern, parseModelPackageArn } from "../../contracts/lineage.ts";
import type { RolloutInput } from "../../contracts/rollout.ts";
import { isNotFound } from "../shared/aws-errors.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { decideStart, type PackageFacts } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({
  ROLLOUT_STATE_MACHINE_ARN: z.string().regex(/^arn:[^:]+:states:[^:]+:\d{12}:stateMachine:.+$/, "must be its ARN"),
  MODEL_PACKAGE_GROUP: z.string().min(1),
});

export interface StartResult {
  started: boolean;
  /** Name of the rollout's execution, whether new or there already. */
  execution?: string;
}

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<StartResult> {
  return handling(log, async (event) => {
    const { detail } = parseInput(ModelPackageEvent, event, "The event");
    const arn = detail.ModelPackageArn;
    const skip = (because: string): StartResult => {
      log.info("nothing to roll out", { modelPackageArn: arn, because });
      return { started: false };
    };
    if (!modelPackageArnPattern.test(arn)) return skip("it is not a version in a group");
    // AWS writes the group in package ARNs in lower case, whatever its name is.
    if (parseModelPackageArn(arn).group.toLowerCase() !== environment.MODEL_PACKAGE_GROUP.toLowerCase()) {
      return skip(`it is not in the group ${environment.MODEL_PACKAGE_GROUP}`);
    }
    const found = await describe(arn);
    if (!found) return skip("it does not exist any more");
    const decision = decideStart(arn, found);
    if (!decision.start) return skip(decision.because);
    const input: RolloutInput = { modelPackageArn: decision.modelPackageArn };
    const started = await ports.start(environment.ROLLOUT_STATE_MACHINE_ARN, decision.name, JSON.stringify(input));
    log.info(started ? "rollout started" : "rollout was started before", {
      modelPackageArn: arn,
      execution: decision.name,
    });
    return { started, execution: decision.name };
  });

  async function describe(arn: string): Promise<PackageFacts | undefined> {
    try {
      return await ports.describe(arn);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
