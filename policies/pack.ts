/** Serves the roster to the engine. Importing this file starts the server: tests import `index.ts`. */
import { PolicyPack } from "@pulumi/policy";
import { rules } from "./index.ts";
import { loadClientsAhead } from "./support/ahead.ts";
import { overhearConfiguration } from "./support/configuration.ts";
import { readOnce } from "./support/once.ts";

overhearConfiguration(() => loadClientsAhead());
readOnce();

new PolicyPack("frugal-mlops", {
  displayName: "Frugal MLOps",
  description: "Keeps a SageMaker estate traceable, approved, closed and narrow, whichever provider declares it.",
  // Every rule states its own level; this is what a rule without one would get.
  enforcementLevel: "mandatory",
  policies: rules.map((rule) => rule.policy),
});
