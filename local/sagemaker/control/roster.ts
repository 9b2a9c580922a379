/** Every operation the front answers itself. All others go to moto, and what moto does not know is refused. */
import type { Roster } from "../server/front.ts";
import { configOperations } from "./endpoints/configs.ts";
import { endpointOperations } from "./endpoints/endpoints.ts";
import { experimentOperations } from "./experiments.ts";
import { processingOperations } from "./jobs/processing.ts";
import { trainingOperations } from "./jobs/training.ts";
import { transformOperations } from "./jobs/transform.ts";
import { associationOperations } from "./lineage/associations.ts";
import { entityOperations } from "./lineage/entities.ts";
import { modelOperations } from "./models.ts";
import { monitoringOperations } from "./monitoring.ts";
import { groupOperations } from "./registry/groups.ts";
import { packageOperations } from "./registry/packages.ts";
import { searchOperations } from "./search.ts";
import { tagOperations } from "./tags.ts";

export const ROSTER: Roster = {
  ...trainingOperations,
  ...processingOperations,
  ...transformOperations,
  ...modelOperations,
  ...configOperations,
  ...endpointOperations,
  ...groupOperations,
  ...packageOperations,
  ...entityOperations,
  ...associationOperations,
  ...experimentOperations,
  ...monitoringOperations,
  ...searchOperations,
  ...tagOperations,
};
