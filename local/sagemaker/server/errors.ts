/**
 * AWS errors as SageMaker answers them, and the constructors for the texts used in more than one place.
 *
 * SageMaker declares few errors (ResourceInUse, ResourceNotFound, ResourceLimitExceeded, ConflictException; botocore's
 * model), so most refusals are an undeclared ValidationException whose text is all a caller can match.
 */

/** Declared errors spell their text member "Message" (botocore's model); all others use "message". */
const CAPITAL_MESSAGE = new Set(["ResourceInUse", "ResourceNotFound", "ResourceLimitExceeded", "ConflictException"]);

export class AwsError extends Error {
  readonly code: string;
  /** HTTP status; 400 for nearly all of SageMaker's control plane. */
  readonly status: number;
  /** Further members of the error's body, e.g. OriginalStatusCode of ModelError. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }

  /** Body of the AWS JSON 1.1 answer. */
  body(): Record<string, unknown> {
    const text = CAPITAL_MESSAGE.has(this.code) ? "Message" : "message";
    return { __type: this.code, [text]: this.message, ...this.members };
  }
}

export const validation = (message: string): AwsError => new AwsError("ValidationException", message);
export const inUse = (message: string): AwsError => new AwsError("ResourceInUse", message);
export const notFound = (message: string): AwsError => new AwsError("ResourceNotFound", message);
export const conflict = (message: string): AwsError => new AwsError("ConflictException", message);
export const limitExceeded = (message: string): AwsError => new AwsError("ResourceLimitExceeded", message);
export const internal = (message: string): AwsError => new AwsError("InternalFailure", message, 500);

/** The refusal of an operation that nobody here implements: never an empty success. */
export function unimplemented(operation: string): AwsError {
  return new AwsError(
    "UnknownOperationException",
    `The rehearsal's SageMaker does not implement ${operation}: neither the front nor moto knows it. ` +
      "To add it, write a handler under local/sagemaker/control/ and list it in local/sagemaker/control/roster.ts.",
    400,
  );
}

/** Texts of a value, whole or cut to AWS's limit for FailureReason (1,024 characters). */
export const failureReason = (text: string): string => text.slice(0, 1024);

/** Whatever was thrown, as an Error's message. */
export const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
