/** One question to AWS per thing and run: Analyze calls overlap, and several rules ask for the same package. */
import type { Answer, Registry } from "./live.ts";

/** Wraps a registry so that each question is asked once, whatever the answer: an offline run must not wait for each resource. */
export function cached(inner: Registry): Registry {
  const asked = new Map<string, Promise<Answer<unknown>>>();
  const once = <Facts>(key: string, ask: () => Promise<Answer<Facts>>): Promise<Answer<Facts>> => {
    let answer = asked.get(key) as Promise<Answer<Facts>> | undefined;
    if (!answer) {
      answer = ask();
      asked.set(key, answer);
    }
    return answer;
  };
  return {
    modelPackage: (arn) => once(`package ${arn}`, () => inner.modelPackage(arn)),
    endpointConfig: (name, region) => once(`config ${region} ${name}`, () => inner.endpointConfig(name, region)),
    model: (name, region) => once(`model ${region} ${name}`, () => inner.model(name, region)),
  };
}
