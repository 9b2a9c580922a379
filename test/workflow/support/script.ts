/** What the scripted stand-in and the tests say to each other. */

/** A result, or an error by code and message. */
export type Answer = { readonly result: unknown } | { readonly error: string; readonly message: string };

/** A call that was made: a SageMaker operation or a function, and what it was given. */
export interface Call {
  readonly key: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are as varied as SageMaker's operations
  readonly input: any;
  /** Why it was refused, where it was. */
  readonly denied?: string;
}

/** The last answer of a list is given for ever. */
export const ANSWERS_LAST = 1;

export const ok = (result: unknown = {}): Answer => ({ result });
export const refuse = (error: string, message = "as scripted"): Answer => ({ error, message });
export const throttled = refuse("ThrottlingException", "Rate exceeded");
export const notFound = (what: string): Answer => refuse("ValidationException", `Could not find ${what}.`);
