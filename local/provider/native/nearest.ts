/** Suggestions for misspelt names. */
import { closest, distance } from "fastest-levenshtein";

/** The candidate nearest to a name, where it is near enough (a third of the letters) to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(
    name.toLowerCase(),
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const found = candidates.find((candidate) => candidate.toLowerCase() === best);
  return found && distance(name.toLowerCase(), best) <= Math.max(1, Math.floor(name.length / 3)) ? found : undefined;
}
