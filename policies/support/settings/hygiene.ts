/** Settings of the hygiene rules, among them those of the pack itself. */
import { mapping, type Setting, texts, whole } from "./shapes.ts";

const stage: Setting<string> = {
  description:
    "The stage for which this configuration is meant: the stack's own name, or what stageOfStack makes of it.",
  // Who forgets the configuration gets production's.
  default: "prod",
  schema: { type: "string", minLength: 1 },
};

const exemptionsFile: Setting<string> = {
  description: "The reviewed file of exemptions, absolute or from the pack's folder.",
  default: "exemptions.json",
  schema: { type: "string", minLength: 1 },
};

export const hygieneSettings = {
  stage,
  stageOfStack: mapping("Stage of a stack whose name is another: stack → stage; * stands for every other stack.", {}),
  exemptionsFile,
  packDays: whole("Days since the pack's dated lists were last reviewed at most.", 365, 1),
  priceTableDays: whole("Days since the price table was last compared with AWS at most.", 365, 1),
  regions: texts("Regions in which resources may lie; empty: any one, but all in the same.", [], {
    pattern: "^[a-z]{2}(-[a-z]+)+-[0-9]$",
  }),
  accounts: texts("Accounts that ARNs may name; empty: any one, but all the same.", [], { pattern: "^[0-9]{12}$" }),
  runtimeNoticeDays: whole("Days before its end of support from which a runtime counts as deprecated.", 0, 0, 365),
} as const;
