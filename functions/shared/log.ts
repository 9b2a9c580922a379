/**
 * Structured logs. Never logged, whatever the level: task tokens, links and their random parts, bodies of mails and
 * requests, whole events.
 */
import { Logger } from "@aws-lambda-powertools/logger";

type Level = (message: string, fields?: Record<string, unknown>) => void;
/** What a handler needs of a logger; tests hand in one that collects. */
export interface Log {
  info: Level;
  warn: Level;
  error: Level;
}

let shared: Logger | undefined;

/** The function's logger; service name and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL. */
export function functionLog(): Log {
  shared ??= new Logger();
  const logger = shared;
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
