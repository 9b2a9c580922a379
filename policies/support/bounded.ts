/** Calls to the outside with a limit on time, on tries and on how many are under way at once. */

export interface Limits {
  /** Milliseconds that one try may take. */
  readonly tryMs: number;
  readonly tries: number;
  /** Calls under way at once; the rest wait their turn. */
  readonly inFlight: number;
  /** Milliseconds before the second try; doubled before each later one. */
  readonly pauseMs: number;
}

export const LIVE_LIMITS: Limits = { tryMs: 5_000, tries: 3, inFlight: 8, pauseMs: 200 };

export class TimedOut extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = "TimedOut";
  }
}

/**
 * A function that makes calls under `limits`. `isFinal` says which errors are answers (not found, denied, no credentials)
 * and are thrown at once; others are tried again, and the last one is thrown.
 */
export function bounded(limits: Limits, isFinal: (error: unknown) => boolean) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (running >= limits.inFlight) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await persist(call, limits, isFinal);
    } finally {
      // The place is handed on, not freed, when somebody waits: the count stays true.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

async function persist<T>(
  call: (signal: AbortSignal) => Promise<T>,
  limits: Limits,
  isFinal: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await within(limits.tryMs, call);
    } catch (error) {
      if (attempt >= limits.tries || isFinal(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, limits.pauseMs * 2 ** (attempt - 1)));
    }
  }
}

/** The race, besides the signal, covers callees that do not listen to it (looking for credentials does not). */
async function within<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOut(ms));
      controller.abort();
    }, ms);
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
