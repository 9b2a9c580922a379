/** The moto server behind the front: it answers what the front does not own. */
import { AwsError, messageOf, unimplemented, validation } from "./errors.ts";
import type { Json, RawRequest } from "./front.ts";
import type { Settings } from "./settings.ts";

const TARGET = "SageMaker.";

/** moto's wordings that differ from AWS's (single quotes, a trailing operation name). */
function translate(message: string): string {
  return message
    .replace(/^An error occurred \(\w+\) when calling the \w+ operation: /, "")
    .replace(/^(Could not find [\w -]+?) '([^']+)'\.?$/, '$1 "$2".');
}

export class Moto {
  readonly #settings: Pick<Settings, "motoUrl" | "accountId" | "region">;

  constructor(settings: Pick<Settings, "motoUrl" | "accountId" | "region">) {
    this.#settings = settings;
  }

  /** Passes a call on as root; moto's own faults and unknown operations become the front's clear refusal. */
  async call(operation: string, input: Json): Promise<Json> {
    const { motoUrl, accountId, region } = this.#settings;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${motoUrl}/`, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `${TARGET}${operation}`,
          "x-moto-account-id": accountId,
          authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/sagemaker/aws4_request, SignedHeaders=host, Signature=0`,
        },
        body: JSON.stringify(input),
        signal: AbortSignal.timeout(30_000),
      });
      text = await response.text();
    } catch (fault) {
      throw new AwsError(
        "ServiceUnavailable",
        `moto at ${motoUrl} does not answer ${operation}: ${messageOf(fault)}`,
        503,
      );
    }
    let body: Json;
    try {
      body = text ? (JSON.parse(text) as Json) : {};
    } catch {
      throw unimplemented(operation);
    }
    if (response.ok) return body;
    if (response.status >= 404) throw unimplemented(operation);
    const code =
      String(body.__type ?? response.headers.get("x-amzn-errortype") ?? "ValidationException")
        .split("#")
        .at(-1) ?? "";
    const message = String(body.message ?? body.Message ?? "");
    if (/not (yet )?(been )?implemented/i.test(message)) throw unimplemented(operation);
    throw code === "ValidationError"
      ? validation(translate(message))
      : new AwsError(code, translate(message), response.status);
  }

  /** Tags of a resource that moto holds; none when it knows no such resource. */
  async tags(arn: string): Promise<{ Key: string; Value: string }[]> {
    try {
      const { Tags } = await this.call("ListTags", { ResourceArn: arn });
      return Array.isArray(Tags) ? Tags : [];
    } catch (fault) {
      if (fault instanceof AwsError && fault.code !== "ServiceUnavailable") return [];
      throw fault;
    }
  }
}

/** Whether a request is for the control plane, and which operation. */
export function targetOf(request: Pick<RawRequest, "headers">): string | undefined {
  const target = request.headers["x-amz-target"];
  return target?.startsWith(TARGET) ? target.slice(TARGET.length) : undefined;
}
