/** A log that collects, so that a test can also say what must not be in it. */
import type { Log } from "../../../functions/shared/log.ts";

export interface FakeLog extends Log {
  entries: { level: string; message: string; fields?: Record<string, unknown> }[];
  /** Everything that was logged, as one text. */
  text(): string;
}

export function fakeLog(): FakeLog {
  const entries: FakeLog["entries"] = [];
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    entries.push({ level, message, fields });
  };
  return { entries, info: at("info"), warn: at("warn"), error: at("error"), text: () => JSON.stringify(entries) };
}
