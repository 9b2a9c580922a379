/** InvokeEndpoint: the call goes to a variant's model server; what it answers badly becomes AWS's ModelError. */

import type { Invocation, InvocationResult } from "../../run/types.ts";
import { AwsError } from "../../server/errors.ts";
import type { Front } from "../../server/front.ts";
import { pickVariant, type ServingVariant } from "./serving.ts";

/** Bytes of a request or answer: 4 MB serverless (developer guide), else BodyBlob's 6,291,456 (botocore's runtime model). */
export const SERVERLESS_BYTES = 4 * 1024 * 1024;
export const INSTANCE_BYTES = 6_291_456;

export interface InvokeRequest extends Invocation {
  readonly endpointName: string;
  readonly targetVariant?: string;
}

export interface InvokeAnswer {
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly variant: string;
}

const runtimeValidation = (message: string): AwsError => new AwsError("ValidationError", message, 400);

function modelError(front: Front, endpoint: string, status: number, text: string): AwsError {
  const { region, accountId } = front.settings;
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const side = status >= 400 && status < 500 ? "client" : "server";
  const message =
    `Received ${side} error (${status}) from primary with message "${text}". See https://${region}.console.aws.amazon.com/cloudwatch/home?` +
    `region=${region}#logEventViewer:group=${group} in account ${accountId} for more information.`;
  return new AwsError("ModelError", message, 424, {
    OriginalStatusCode: status,
    OriginalMessage: text,
    LogStreamArn: `arn:aws:logs:${region}:${accountId}:log-group:${group}`,
  });
}

/** AWS's words when the container does not answer in 60 s; its status is reported as 0. */
const TIMED_OUT =
  "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in " +
  "Amazon CloudWatch, resolve the issue, and try again.";

/** Refuses a body above the limit, in bytes. */
export function checkSize(body: Uint8Array, limit: number): void {
  if (body.length <= limit) return;
  throw new AwsError(
    "ValidationError",
    `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
    413,
  );
}

function judge(front: Front, endpoint: string, result: InvocationResult): void {
  if (result.status >= 200 && result.status < 300) return;
  const text = Buffer.from(result.body).toString("utf8").slice(0, 1024);
  throw result.status === 504
    ? modelError(front, endpoint, 0, TIMED_OUT)
    : modelError(front, endpoint, result.status, text);
}

function variantFor(front: Front, request: InvokeRequest): ServingVariant {
  const { endpointName, targetVariant } = request;
  const fleet = front.serving.route(endpointName, Math.random());
  if (!fleet) throw runtimeValidation(`Endpoint ${endpointName} of account ${front.settings.accountId} not found.`);
  const variant = pickVariant(fleet, targetVariant, Math.random());
  if (!variant)
    throw runtimeValidation(
      targetVariant === undefined
        ? `Endpoint ${endpointName} has no variant with a weight above zero.`
        : `Variant ${targetVariant} of endpoint ${endpointName} not found.`,
    );
  return variant;
}

export async function invokeEndpoint(front: Front, request: InvokeRequest): Promise<InvokeAnswer> {
  const variant = variantFor(front, request);
  const serverless = variant.definition.ServerlessConfig;
  const limit = serverless ? SERVERLESS_BYTES : INSTANCE_BYTES;
  checkSize(request.body, limit);
  if (serverless && variant.worker.inFlight >= serverless.MaxConcurrency)
    throw new AwsError("ThrottlingException", "Rate exceeded", 429);
  let result: InvocationResult;
  try {
    result = await variant.worker.invoke(request);
  } catch (fault) {
    front.log(`${request.endpointName}: ${String(fault)}`);
    throw new AwsError(
      "ModelNotReadyException",
      "Model is not ready for inference. Wait and try your request again.",
      429,
    );
  }
  judge(front, request.endpointName, result);
  if (result.body.length > limit)
    throw modelError(front, request.endpointName, 500, `The response of ${result.body.length} bytes exceeds ${limit}.`);
  return { body: result.body, contentType: result.contentType, variant: variant.name };
}
