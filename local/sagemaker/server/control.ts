/** A control plane call: types, then the caller's permissions, then constraints, then the operation. */
import { ROSTER } from "../control/roster.ts";
import { authorize } from "../iam/authorize.ts";
import { checkConstraints, checkTypes, project } from "../validate/validate.ts";
import { AwsError } from "./errors.ts";
import type { Call, Front, Json, RawRequest } from "./front.ts";
import type { Answer } from "./http.ts";

function parse(raw: RawRequest): Json {
  const text = Buffer.from(raw.body).toString("utf8").trim();
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // falls through to the refusal
  }
  throw new AwsError("SerializationException", "Could not parse request body into json.");
}

/** Runs one operation for an authorised caller; the answer is undefined where AWS answers no body. */
export async function perform(front: Front, call: Call): Promise<Json | undefined> {
  const handler = ROSTER[call.operation];
  if (handler) return handler(front, call);
  return front.moto.call(call.operation, call.input);
}

export async function control(front: Front, operation: string, raw: RawRequest): Promise<Answer> {
  if (!front.model.has(operation))
    throw new AwsError(
      "UnknownOperationException",
      `SageMaker has no operation ${operation} in the botocore model that the rehearsal uses.`,
    );
  const shape = front.model.input(operation);
  const given = parse(raw);
  if (shape) checkTypes(front.model, shape, given);
  const input = shape ? (project(front.model, shape, given) as Json) : {};
  const principalArn = await authorize(front, operation, input, raw);
  if (shape) checkConstraints(front.model, shape, input);
  const output = await perform(front, { operation, input, raw, principalArn });
  const body = front.model.output(operation) === undefined ? "" : JSON.stringify(output ?? {});
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body };
}
