/** One question to AWS per thing and run: Analyze calls overlap, and several rules ask for the same package. */
import type { Answer, Registry } from "./live.ts";

/**
 * Wraps a registry so that each question is asked once. Being offline is remembered too, or each resource would wait for it;
 * "not found" is not, because what is missing may be created later in the same run.
 */
export function cached(inner: Registry): Registry {
  const asked = new Map<string, Promise<Answer<unknown>>>();
  const once = <Facts>(key: string, ask: () => Promise<Answer<Facts>>): Promise<Answer<Facts>> => {
    let answer = asked.get(key) as Promise<Answer<Facts>> | undefined;
    if (!answer) {
      answer = ask();
      asked.set(key, answer);
      void answer.then(({ state }) => state === "not-found" && asked.delete(key));
    }
    return answer;
  };
  return {
    modelPackage: (arn) => once(`package ${arn}`, () => inner.modelPackage(arn)),
    endpointConfig: (name, region) => once(`config ${region} ${name}`, () => inner.endpointConfig(name, region)),
    model: (name, region) => once(`model ${region} ${name}`, () => inner.model(name, region)),
  };
}
