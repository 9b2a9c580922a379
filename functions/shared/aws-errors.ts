/**
 * What an AWS error means. SageMaker models few of its errors: a resource that is not there is mostly an undeclared
 * `ValidationException`, so name and message are both read (texts: SageMaker API in use; "Could not find endpoint "…"",
 * "Could not find model "…"", "Requested resource not found.", "… does not exist").
 */

export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "Unknown";
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the asked-for resource or object does not exist. */
export function isNotFound(error: unknown): boolean {
  const name = errorName(error);
  if (["ResourceNotFound", "ResourceNotFoundException", "NoSuchKey", "NoSuchVersion", "NotFound"].includes(name))
    return true;
  return name === "ValidationException" && /could not find|not found|does not exist/i.test(errorMessage(error));
}

/** Whether something with the same identity is there already, in any of SageMaker's spellings. */
export function isAlreadyThere(error: unknown): boolean {
  const name = errorName(error);
  if (name === "ResourceInUse" || name === "ConflictException") return true;
  return name === "ValidationException" && /already exist/i.test(errorMessage(error));
}

/** Whether S3 refused a conditional request: 412, or 409 when two of them met. */
export function isPreconditionFailed(error: unknown): boolean {
  return ["PreconditionFailed", "ConditionalRequestConflict"].includes(errorName(error)) || httpStatus(error) === 412;
}

export function httpStatus(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode;
}
