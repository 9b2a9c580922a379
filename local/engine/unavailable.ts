import { howToEngine } from "../setup/prerequisites.mjs";

/** One way to an engine that was tried, and why it did not lead to one. */
export interface Attempt {
  way: string;
  outcome: string;
}

/** No way led to an engine: names each one tried and what would mend it. */
export class EngineUnavailable extends Error {
  readonly attempts: readonly Attempt[];

  constructor(version: string, attempts: readonly Attempt[]) {
    const tried = attempts.map(({ way, outcome }) => `- ${way}: ${outcome}`).join("\n");
    super(`There is no Pulumi engine ${version} and none could be made. Tried:\n${tried}\n${howToEngine(version)}`);
    this.name = "EngineUnavailable";
    this.attempts = attempts;
  }
}
