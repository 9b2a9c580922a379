/** Training metrics from a job's log, by MetricDefinitions: pure. */
import type { MetricDefinition } from "@aws-sdk/client-sagemaker";
import type { LogLine } from "./child.ts";
import type { MetricValue } from "./types.ts";

/** The definitions whose Regex is not a usable one, with why. */
export function metricProblems(definitions: readonly MetricDefinition[]): string[] {
  return definitions.flatMap(({ Name, Regex }) => {
    try {
      new RegExp(Regex ?? "");
      return [];
    } catch (error) {
      return [`MetricDefinitions ${Name}: ${(error as Error).message}`];
    }
  });
}

/** The last value of each metric: the first group of its regex, on the last line that matches and gives a number. */
export function finalMetrics(definitions: readonly MetricDefinition[], lines: readonly LogLine[]): MetricValue[] {
  return definitions.flatMap(({ Name, Regex }) => {
    if (!Name || !Regex || metricProblems([{ Name, Regex }]).length > 0) return [];
    const pattern = new RegExp(Regex);
    for (const { message, timestamp } of lines.toReversed()) {
      const text = pattern.exec(message)?.[1];
      const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
      if (!Number.isNaN(value)) return [{ MetricName: Name, Value: value, Timestamp: timestamp }];
    }
    return [];
  });
}
