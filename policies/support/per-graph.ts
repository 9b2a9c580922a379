/** What is found once for a stack, so that judging n resources against m others stays linear. */
import type { Graph } from "./graph.ts";

/** A function that makes its answer once for each graph and each list of words. */
export function perGraph<T>(make: (graph: Graph, ...words: readonly string[]) => T) {
  const known = new WeakMap<Graph, Map<string, T>>();
  return (graph: Graph, ...words: readonly string[]): T => {
    const key = JSON.stringify(words);
    let answers = known.get(graph);
    if (!answers) {
      answers = new Map();
      known.set(graph, answers);
    }
    const old = answers.get(key);
    if (old !== undefined) return old;
    const fresh = make(graph, ...words);
    answers.set(key, fresh);
    return fresh;
  };
}

/** Adds to the list that stands under a key. */
export function file<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const same = map.get(key);
  if (same) same.push(value);
  else map.set(key, [value]);
}

/** The words of a text that names of AWS's things may be: runs of letters, digits, hyphens and underscores. */
export const wordsOf = (text: string): Set<string> => new Set(text.match(/[\w-]+/g) ?? []);
