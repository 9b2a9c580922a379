/** A double of an AWS client: answers commands by their class, remembers what was sent, and knows nothing else. */

type CommandClass = new (...args: never[]) => { input: object };
type Answer<I> = (input: I, nth: number) => unknown;

export class FakeClient {
  readonly calls: { name: string; input: Record<string, unknown> }[] = [];
  readonly #answers = new Map<unknown, Answer<never>>();

  /** Answers a command; a returned Error is thrown. */
  on<C extends CommandClass>(command: C, answer: Answer<InstanceType<C>["input"]> | object): this {
    this.#answers.set(command, (typeof answer === "function" ? answer : () => answer) as Answer<never>);
    return this;
  }

  async send(command: object): Promise<unknown> {
    const { input } = command as { input: Record<string, unknown> };
    const name = command.constructor.name;
    const nth = this.named(name).length;
    this.calls.push({ name, input });
    const answer = this.#answers.get(command.constructor) as Answer<unknown> | undefined;
    if (!answer) throw new Error(`the test does not expect ${name} ${JSON.stringify(input)}`);
    const result = answer(input, nth);
    if (result instanceof Error) throw result;
    return result ?? {};
  }

  /** Inputs of the commands of a name, in order. */
  named(name: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input);
  }

  /** The double in the place of a client of the given type. */
  as<T>(): T {
    return this as unknown as T;
  }
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = name, status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
