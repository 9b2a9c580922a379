/** The estate, in the order in which things depend on each other. */
import type { Variant } from "./context.ts";
import { dataBucket } from "./data.ts";
import { modelRole, workingRoles } from "./identity.ts";
import { notebook } from "./notebook.ts";
import { endpoint } from "./serving.ts";
import { budget, driftMonitor, router } from "./watch.ts";
import { cleaning, training } from "./workflow.ts";

export type { Variant };

export function declare(variant: Variant): void {
  dataBucket(variant);
  modelRole(variant);
  workingRoles();
  endpoint(variant);
  cleaning(variant);
  training(variant);
  notebook(variant);
  if (variant === "violating") return;
  router();
  driftMonitor();
  budget();
}
