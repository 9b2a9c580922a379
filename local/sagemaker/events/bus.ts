/**
 * Sends SageMaker's events to the emulated EventBridge.
 *
 * Events about one resource arrive in order; nobody waits for them; while the emulator is not up they are kept and tried
 * again. AWS "may send multiple events for each state change" and does so for model packages: every second model package
 * event is sent twice here, so that a consumer that is not idempotent is found out.
 */
import { messageOf } from "../server/errors.ts";
import type { Json } from "../server/front.ts";

export interface SageMakerEvent {
  readonly detailType: string;
  /** ARN of the resource the event is about; events of one ARN keep their order. */
  readonly resource: string;
  readonly detail: Json;
}

export interface BusOptions {
  readonly ministackUrl: string;
  readonly repeat: boolean;
  /** Milliseconds between tries while the emulator does not answer. @default 250 */
  readonly retryMs?: number;
  /** Tries before an event is given up (and logged). @default 2400 (ten minutes) */
  readonly tries?: number;
  log(line: string): void;
}

const PACKAGE_TYPE = "SageMaker Model Package State Change";

export class EventBus {
  readonly #options: BusOptions;
  readonly #queues = new Map<string, Promise<void>>();
  #packageEvents = 0;
  #stopped = false;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Queues an event; its content is copied now, so later changes of the record do not show. */
  publish(event: SageMakerEvent): void {
    const body = JSON.stringify({
      Entries: [
        {
          Source: "aws.sagemaker",
          DetailType: event.detailType,
          Detail: JSON.stringify(event.detail),
          Resources: [event.resource],
        },
      ],
    });
    let copies = 1;
    if (event.detailType === PACKAGE_TYPE) {
      this.#packageEvents += 1;
      if (this.#options.repeat && this.#packageEvents % 2 === 0) copies = 2;
    }
    const before = this.#queues.get(event.resource) ?? Promise.resolve();
    const after = before.then(async () => {
      for (let copy = 0; copy < copies; copy += 1) await this.#send(body, event);
    });
    this.#queues.set(event.resource, after);
    void after.then(() => {
      if (this.#queues.get(event.resource) === after) this.#queues.delete(event.resource);
    });
  }

  /** Resolves when everything published so far has been sent or given up. */
  async drained(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send(body: string, event: SageMakerEvent): Promise<void> {
    const { ministackUrl, retryMs = 250, tries = 2_400, log } = this.#options;
    let reason = "";
    for (let attempt = 0; attempt < tries && !this.#stopped; attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      try {
        const response = await fetch(`${ministackUrl}/_rehearsal/events`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
          signal: AbortSignal.timeout(10_000),
        });
        const text = await response.text();
        if (response.ok) {
          if (/"FailedEntryCount":\s*[1-9]/.test(text))
            log(`event refused: ${event.detailType} of ${event.resource}: ${text}`);
          return;
        }
        reason = `${response.status} ${text.slice(0, 200)}`;
        if (response.status >= 400 && response.status < 500 && response.status !== 404) break;
      } catch (fault) {
        reason = messageOf(fault);
      }
    }
    if (!this.#stopped) log(`event lost: ${event.detailType} of ${event.resource}: ${reason}`);
  }
}
