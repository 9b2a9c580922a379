/** sagemaker-runtime's REST protocol: POST /endpoints/{EndpointName}/invocations, metadata in headers. */
import { checkSize, INSTANCE_BYTES, invokeEndpoint } from "../control/endpoints/invoke.ts";
import { authorize } from "../iam/authorize.ts";
import { AwsError, unimplemented } from "./errors.ts";
import type { Front, Json, RawRequest } from "./front.ts";
import type { Answer } from "./http.ts";

const PATH = /^\/endpoints\/([^/]+)\/(invocations|async-invocations|invocations-response-stream)$/;

/** botocore's runtime model: EndpointName. */
const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

export const isRuntimePath = (path: string): boolean => path.startsWith("/endpoints/");

/** Headers that would have to be honoured and are not, by what they ask for. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  "x-amzn-sagemaker-target-model": "TargetModel (multi-model endpoints)",
  "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname (multi-container endpoints)",
  "x-amzn-sagemaker-inference-component": "InferenceComponentName",
  "x-amzn-sagemaker-session-id": "SessionId (stateful sessions)",
  "x-amzn-sagemaker-enable-explanations": "EnableExplanations",
};

function runtimeError(error: AwsError): Answer {
  return {
    status: error.status,
    headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
    body: JSON.stringify({ Message: error.message, ...error.members }),
  };
}

async function invoke(front: Front, raw: RawRequest): Promise<Answer> {
  const [, encoded = "", path] = PATH.exec(raw.path) ?? [];
  const { headers } = raw;
  const endpointName = decodeURIComponent(encoded);
  if (path === undefined)
    throw new AwsError(
      "UnknownOperationException",
      `${raw.method} ${raw.path} is no operation of sagemaker-runtime.`,
      404,
    );
  const operation =
    path === "invocations"
      ? "InvokeEndpoint"
      : path === "async-invocations"
        ? "InvokeEndpointAsync"
        : "InvokeEndpointWithResponseStream";
  checkSize(raw.body, INSTANCE_BYTES);
  const input: Json = { EndpointName: endpointName };
  if (headers["x-amzn-sagemaker-target-model"]) input.TargetModel = headers["x-amzn-sagemaker-target-model"];
  await authorize(front, operation === "InvokeEndpointAsync" ? operation : "InvokeEndpoint", input, raw);
  if (operation !== "InvokeEndpoint") throw unimplemented(operation);
  if (!NAME.test(endpointName))
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${endpointName}' at 'endpointName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAME.source}`,
    );
  for (const [header, what] of Object.entries(UNSUPPORTED))
    if (headers[header])
      throw new AwsError(
        "ValidationError",
        `The rehearsal's endpoints do not support ${what}; see local/sagemaker/server/runtime.ts.`,
      );
  const customAttributes = headers["x-amzn-sagemaker-custom-attributes"];
  const answer = await invokeEndpoint(front, {
    endpointName,
    body: raw.body,
    contentType: headers["content-type"],
    accept: headers.accept === "*/*" ? undefined : headers.accept,
    customAttributes,
    inferenceId: headers["x-amzn-sagemaker-inference-id"],
    targetVariant: headers["x-amzn-sagemaker-target-variant"],
  });
  return {
    status: 200,
    headers: {
      ...(answer.contentType ? { "content-type": answer.contentType } : {}),
      "x-amzn-invoked-production-variant": answer.variant,
    },
    body: answer.body,
  };
}

export async function runtime(front: Front, raw: RawRequest): Promise<Answer> {
  try {
    return await invoke(front, raw);
  } catch (fault) {
    if (fault instanceof AwsError) return runtimeError(fault);
    throw fault;
  }
}
