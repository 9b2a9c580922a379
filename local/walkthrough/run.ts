/** Plays scenes one after another, tells what they show, and times them. */
import type { Fact, Life, Scene } from "./life.ts";

export interface Played {
  readonly id: string;
  readonly title: string;
  readonly seconds: number;
  readonly facts: readonly Fact[];
  /** Why the scene failed; absent when it showed what it is to show. */
  readonly fault?: string;
}

/** Plays until the first scene that fails; every scene played is in the answer. */
export async function playScenes(
  life: Life,
  scenes: readonly Scene[],
  report: (played: Played) => void,
): Promise<Played[]> {
  const all: Played[] = [];
  for (const scene of scenes) {
    const start = performance.now();
    const done = (facts: readonly Fact[], fault?: string): Played => ({
      id: scene.id,
      title: scene.title,
      seconds: (performance.now() - start) / 1000,
      facts,
      ...(fault === undefined ? {} : { fault }),
    });
    life.say("");
    life.say(`── ${scene.title} ──`);
    const played = await scene.play(life).then(
      (facts) => done(facts),
      (error: Error) => done([], error.message),
    );
    all.push(played);
    report(played);
    if (played.fault !== undefined) break;
  }
  return all;
}
