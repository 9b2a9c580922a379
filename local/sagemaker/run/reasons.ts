/** FailureReason of a script that failed, in the form that AWS's toolkit gives it: pure. */
import { REASON_LIMIT } from "./faults.ts";

/** The message of the last Python traceback in a log, e.g. `ValueError: no such column`; else the last line that speaks of an error, else nothing. */
export function errorFromLog(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last):"));
  if (start < 0) return lines.findLast((line) => /error\b/i.test(line)) ?? "";
  // The frames are indented; the message starts at the first line that is not.
  const message = lines.slice(start + 1).findIndex((line) => line !== "" && !/^\s/.test(line));
  if (message < 0) return "";
  const first = start + 1 + message;
  const end = lines.slice(first + 1).findIndex((line) => /^\s*$|^Traceback /.test(line));
  return lines.slice(first, end < 0 ? first + 5 : Math.min(first + 1 + end, first + 5)).join("\n");
}

/**
 * `AlgorithmError: ` and what the container left in /opt/ml/output/failure (its first 1,024 characters), else the
 * toolkit's ExecuteUserScriptError (sagemaker-training 5.1.4, errors.py), then the exit code.
 */
export function algorithmError(
  exitCode: number,
  failureFile: string | undefined,
  lines: readonly string[],
  command: string,
): string {
  const code = `, exit code: ${exitCode}`;
  const extra = exitCode === 137 ? '\nExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"' : "";
  const text =
    failureFile?.trim() ||
    `ExecuteUserScriptError:\nExitCode ${exitCode}\nErrorMessage "${errorFromLog(lines)}"${extra}\nCommand "${command}"`;
  return `AlgorithmError: ${text}`.slice(0, REASON_LIMIT - code.length) + code;
}
