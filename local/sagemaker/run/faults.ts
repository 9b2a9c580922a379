/** Failures of a job that its owner must see, as opposed to faults of the stand-in. */

/** FailureReason holds at most 1,024 characters (botocore, SageMaker FailureReason). */
export const REASON_LIMIT = 1024;

/** Ends a job as Failed; the message becomes FailureReason. */
export class JobFault extends Error {
  override readonly name = "JobFault";
  constructor(message: string) {
    super(message.slice(0, REASON_LIMIT));
  }
}

/** An S3 call that was refused or failed. */
export class S3Fault extends Error {
  override readonly name = "S3Fault";
  readonly code: string;
  readonly operation: string;
  readonly uri: string;
  /** The service's own words. */
  readonly words: string;
  constructor(operation: string, uri: string, code: string, words: string) {
    super(`${operation} failed for ${uri}: ${code}: ${words}`);
    this.code = code;
    this.operation = operation;
    this.uri = uri;
    this.words = words;
  }
}

/**
 * A download's failure in AWS's words. Forms seen in public reports:
 * `ClientError: Data download failed:Unable to download object s3://… (AccessDenied: Access Denied)` and
 * `ClientError: Data download failed:Failed to download data. ListObjectsV2 failed for s3://… : …`.
 */
export function downloadFault(fault: unknown): JobFault {
  if (fault instanceof JobFault) return fault;
  if (!(fault instanceof S3Fault)) throw fault;
  const detail =
    fault.operation === "ListObjectsV2"
      ? `Failed to download data. ${fault.message}`
      : `Unable to download object ${fault.uri} (${fault.code}: ${fault.words})`;
  return new JobFault(`ClientError: Data download failed:${detail}`);
}

/** An upload's failure; seen from AWS: `ClientError: Artifact upload failed:Error 7: AccessDenied (403): Access Denied`. */
export function uploadFault(fault: unknown): JobFault {
  if (fault instanceof JobFault) return fault;
  if (!(fault instanceof S3Fault)) throw fault;
  return new JobFault(`ClientError: Artifact upload failed:Error 7: ${fault.code}: ${fault.words} (${fault.uri})`);
}
