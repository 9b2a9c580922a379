/** Client of the emulated AWS's rehearsal paths: who may do what, and sessions of roles. */

import type { Credentials } from "../run/types.ts";
import { AwsError, messageOf } from "../server/errors.ts";
import type { RawRequest } from "../server/front.ts";

/** IAM condition keys with their values in the request. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export interface Check {
  /** e.g. "sagemaker:CreateModel" or "iam:PassRole". */
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

interface Verdict {
  readonly allowed: boolean;
  readonly principalArn?: string;
  readonly code?: string;
  readonly message?: string;
}

type Assumed = Credentials & {
  readonly assumedRoleArn?: string;
  readonly error?: { readonly code: string; readonly message: string };
};

/** HTTP status of a refused caller: missing credentials are 403 in AWS, the rest of JSON 1.1 is 400. */
const STATUS: Readonly<Record<string, number>> = { MissingAuthenticationTokenException: 403 };

export class Rehearsal {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  async #post<T>(path: string, body: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
    } catch (fault) {
      throw new AwsError(
        "ServiceUnavailable",
        `The emulated AWS at ${this.#base} does not answer ${path}: ${messageOf(fault)}`,
        503,
      );
    }
    if (!response.ok)
      throw new AwsError(
        "ServiceUnavailable",
        `The emulated AWS at ${this.#base} answered ${path} with ${response.status}`,
        503,
      );
    return (await response.json()) as T;
  }

  /** The caller's ARN when allowed; throws what AWS would answer when not. The signature is checked when the request is given. */
  async authorize(accessKeyId: string, check: Check, request?: RawRequest): Promise<string> {
    const verdict = await this.#post<Verdict>("/_rehearsal/authorize", {
      accessKeyId,
      ...check,
      ...(request ? { request: { ...request, body: Buffer.from(request.body).toString("base64") } } : {}),
    });
    if (verdict.allowed) return verdict.principalArn ?? "";
    const code = verdict.code ?? "AccessDeniedException";
    throw new AwsError(code, verdict.message ?? `not authorized to perform: ${check.action}`, STATUS[code] ?? 400);
  }

  /** A session of a role for SageMaker; undefined when the role is missing or does not trust SageMaker. */
  async assume(roleArn: string, sessionName: string, sourceArn: string): Promise<Credentials | undefined> {
    const answer = await this.#post<Assumed>("/_rehearsal/assume", {
      roleArn,
      service: "sagemaker.amazonaws.com",
      sessionName: sessionName.slice(0, 64),
      sourceArn,
    });
    if (answer.error) return undefined;
    return {
      accessKeyId: answer.accessKeyId,
      secretAccessKey: answer.secretAccessKey,
      sessionToken: answer.sessionToken,
    };
  }
}
