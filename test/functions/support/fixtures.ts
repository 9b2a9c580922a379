/** Event fixtures: what AWS sends, in the shapes of its documentation. */
import { readFileSync } from "node:fs";

export function eventFixture(name: string): Record<string, unknown> & { detail: Record<string, unknown> } {
  return JSON.parse(readFileSync(new URL(`../../fixtures/events/${name}.json`, import.meta.url), "utf8"));
}
