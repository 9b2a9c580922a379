import type { Scene } from "../life.ts";
import { data } from "./data.ts";
import { deploy } from "./deploy.ts";
import { lineage, prod } from "./prod.ts";
import { better, gate, rollout } from "./rollout.ts";
import { submission, training } from "./submission.ts";
import { teardown } from "./teardown.ts";

/** The life of a model, in order. */
export const life: readonly Scene[] = [deploy, data, training, submission, rollout, gate, better, prod, lineage];
/** The last scene, left out with --keep. */
export const ending: Scene = teardown;
