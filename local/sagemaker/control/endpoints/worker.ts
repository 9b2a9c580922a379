/** One variant's model server: started when needed, ended when idle (serverless), started again by the next call. */
import type { Invocation, InvocationResult, ModelServer } from "../../run/types.ts";

export class Worker {
  readonly #start: () => Promise<ModelServer>;
  readonly #idleMs: number | undefined;
  #server: Promise<ModelServer> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  inFlight = 0;

  /** `idleMs` undefined = never ended for idleness (instances). */
  constructor(start: () => Promise<ModelServer>, idleMs?: number) {
    this.#start = start;
    this.#idleMs = idleMs;
  }

  /** Resolves when the server answers /ping; rejects with the reason when it does not come up. */
  async ready(): Promise<ModelServer> {
    if (this.#stopped) throw new Error("the variant has been ended");
    if (!this.#server) {
      const starting = this.#start();
      this.#server = starting;
      // A failed start must not be what the next call finds.
      starting.catch(() => {
        if (this.#server === starting) this.#server = undefined;
      });
    }
    return this.#server;
  }

  async invoke(input: Invocation): Promise<InvocationResult> {
    this.inFlight += 1;
    clearTimeout(this.#timer);
    try {
      let result = await (await this.ready()).invoke(input);
      // 503 = the server's process has ended: one fresh start, as an instance replaces a dead container.
      if (result.status === 503) {
        await this.#drop();
        result = await (await this.ready()).invoke(input);
      }
      return result;
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.rest();
    }
  }

  /** Lets the idle time begin. */
  rest(): void {
    if (this.#idleMs === undefined || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#drop(), this.#idleMs);
    this.#timer.unref();
  }

  async #drop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.then((running) => running.stop()).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#drop();
  }
}
