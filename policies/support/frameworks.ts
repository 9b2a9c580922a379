/** What a group of rules supports in a published framework. "Supports": produces evidence or blocks a known way to fail. */
import type { PolicyComplianceFramework } from "@pulumi/policy";

const euAiAct = (reference: string, specification: string): PolicyComplianceFramework => ({
  name: "EU AI Act",
  version: "Regulation (EU) 2024/1689",
  reference,
  specification,
});

export const TRACEABLE = euAiAct(
  "Art. 12",
  "Supports an automatic, traceable record over the system's life, and Art. 10, the origin of data.",
);
export const OVERSIGHT = euAiAct(
  "Art. 14",
  "Supports that a person can understand, decide and stop, and that who decided is on record.",
);
export const MONITORED = euAiAct(
  "Art. 72",
  "Supports post-market monitoring, and Art. 26(5), monitoring by the deployer.",
);

export const cis = (reference: string, specification: string): PolicyComplianceFramework => ({
  name: "CIS AWS Foundations Benchmark",
  version: "5.0",
  reference,
  specification,
});
