import type { Scene } from "../life.ts";
import { cheats } from "./cheats.ts";
import { data } from "./data.ts";
import { deploy } from "./deploy.ts";
import { lineage, tampering } from "./lineage.ts";
import { prod } from "./prod.ts";
import { rejection } from "./rejection.ts";
import { better, gate, rollout } from "./rollout.ts";
import { submission } from "./submission.ts";
import { teardown } from "./teardown.ts";
import { retraining, training } from "./training.ts";

/** The life of a model, in order. */
export const life: readonly Scene[] = [
  deploy,
  data,
  training,
  retraining,
  submission,
  rollout,
  gate,
  rejection,
  better,
  prod,
  cheats,
  lineage,
  tampering,
];
/** The last scene, left out with --keep. */
export const ending: Scene = teardown;
