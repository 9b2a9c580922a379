/** A job's log in CloudWatch Logs, written as AWS does: with the role's permissions, and silently not at all without them. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { LogLine } from "./child.ts";
import { identity } from "./s3.ts";
import type { Credentials, RunContext } from "./types.ts";

/** PutLogEvents takes 10,000 events and 1,048,576 bytes a call, each event counting 26 bytes more than its text (botocore). */
const EVENTS = 10_000;
const BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;
/** One event: 256 KB less its overhead; longer lines are cut. */
const EVENT_BYTES = 256 * 1024 - EVENT_OVERHEAD;

/** Log lines cut into calls that PutLogEvents accepts. Empty lines are left out: an event needs at least one character. */
export function batchLines(lines: readonly LogLine[]): LogLine[][] {
  const batches: LogLine[][] = [];
  let bytes = BYTES;
  for (const line of lines) {
    if (line.message === "") continue;
    const encoded = Buffer.from(line.message);
    const message = encoded.length > EVENT_BYTES ? encoded.subarray(0, EVENT_BYTES).toString("utf8") : line.message;
    const size = Math.min(encoded.length, EVENT_BYTES) + EVENT_OVERHEAD;
    if (bytes + size > BYTES || (batches.at(-1)?.length ?? 0) >= EVENTS) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push({ timestamp: line.timestamp, message });
    bytes += size;
  }
  return batches;
}

/** Groups, by kind of job (AWS: "Log Amazon SageMaker Events with Amazon CloudWatch"). */
export const LOG_GROUPS = {
  training: "/aws/sagemaker/TrainingJobs",
  processing: "/aws/sagemaker/ProcessingJobs",
  transform: "/aws/sagemaker/TransformJobs",
} as const;

/** Writes the lines; never fails: a refusal is only noted in the front's own log. */
export async function shipLogs(
  group: string,
  stream: string,
  lines: readonly LogLine[],
  creds: Credentials,
  ctx: RunContext,
): Promise<void> {
  const batches = batchLines(lines);
  if (batches.length === 0) return;
  const client = new CloudWatchLogsClient({
    endpoint: ctx.ministackUrl,
    region: ctx.region,
    credentials: identity(creds),
    maxAttempts: 1,
  });
  const names = { logGroupName: group, logStreamName: stream };
  try {
    await client.send(new CreateLogGroupCommand({ logGroupName: group })).catch((error: Error) => {
      if (error.name !== "ResourceAlreadyExistsException" && error.name !== "AccessDeniedException") throw error;
    });
    await client.send(new CreateLogStreamCommand(names));
    for (const logEvents of batches) await client.send(new PutLogEventsCommand({ ...names, logEvents }));
  } catch (error) {
    ctx.log(`logs of ${stream} not written to ${group}: ${(error as Error).name}: ${(error as Error).message}`);
  } finally {
    client.destroy();
  }
}
