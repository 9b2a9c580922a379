/** Gate: judges a candidate against the stage's thresholds and against the champion. */
import * as z from "zod";
import type { GateVerdict } from "../../contracts/submission.ts";
import { GateInput, GateRules } from "../../contracts/tasks.ts";
import { json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { decideGate } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ GATE: json(GateRules) });

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<GateVerdict> {
  return handling(log, async (event) => {
    const input = parseInput(GateInput, event, "The input of Gate");
    const champion = await ports.champion(input.modelPackageGroupName);
    const verdict = decideGate(environment.GATE, input.evaluation, champion);
    log.info("gate decided", { ...verdict });
    return verdict;
  });
}
