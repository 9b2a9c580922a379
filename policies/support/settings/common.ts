/** Settings that rules of several groups read. */
import { choice, type Setting, texts } from "./shapes.ts";

const tagPrefix: Setting<string> = {
  description: "Start of the lineage and estate tag keys.",
  default: "frugal:",
  schema: { type: "string", minLength: 1, maxLength: 64 },
};

export const commonSettings = {
  tagPrefix,
  offline: choice(
    "When AWS cannot be asked: refuse (a violation) or warn (an advisory note that says not verified).",
    "refuse",
    "warn",
  ),
  requiredTags: texts("Tag keys, after the prefix, that every taggable resource carries.", [
    "stage",
    "project",
    "owner",
    "component",
  ]),
} as const;
