/** One question to AWS per thing and run: Analyze calls overlap, and several rules ask for the same package. */
import type { Answer, Registry } from "./live.ts";

type Once = <Facts>(key: string, ask: () => Promise<Answer<Facts>>) => Promise<Answer<Facts>>;

/**
 * A memory of questions: each is asked once. Being offline is remembered too, or each resource would wait for it; "not
 * found" is not, because what is missing may be created later in the same run.
 */
export function once(): Once {
  const asked = new Map<string, Promise<Answer<unknown>>>();
  return <Facts>(key: string, ask: () => Promise<Answer<Facts>>): Promise<Answer<Facts>> => {
    let answer = asked.get(key) as Promise<Answer<Facts>> | undefined;
    if (!answer) {
      answer = ask();
      asked.set(key, answer);
      void answer.then(({ state }) => state === "not-found" && asked.delete(key));
    }
    return answer;
  };
}

/** Wraps a registry so that each question is asked once. */
export function cached(inner: Registry): Registry {
  const ask = once();
  return {
    modelPackage: (arn) => ask(`package ${arn}`, () => inner.modelPackage(arn)),
    endpointConfig: (name, region) => ask(`config ${region} ${name}`, () => inner.endpointConfig(name, region)),
    model: (name, region) => ask(`model ${region} ${name}`, () => inner.model(name, region)),
    trainingJob: (name, region) => ask(`job ${region} ${name}`, () => inner.trainingJob(name, region)),
    autoMlJob: (name, region) => ask(`AutoML job ${region} ${name}`, () => inner.autoMlJob(name, region)),
  };
}
