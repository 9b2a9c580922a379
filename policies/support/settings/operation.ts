/** Settings of the observability and reliability rules. */
import { choice, whole } from "./shapes.ts";

export const operationSettings = {
  minInstances: whole("Instances that a variant of a synchronous endpoint has at least.", 2, 1),
  ssmAccess: choice("Whether the instances behind an endpoint may be logged into: refuse or allow.", "refuse", "allow"),
  approvalSeconds: whole("Seconds that a state may wait for a person's answer at most.", 604_800, 60),
  maxAttempts: whole("Attempts that one retrier of a state makes at most.", 100, 1),
  logDaysLeast: whole("Days that logs are kept at least.", 90, 1),
  logDaysMost: whole("Days that logs are kept at most.", 3653, 1),
  auditKey: choice("Whether audit log groups need a key of the stage's own: demand or optional.", "demand", "optional"),
} as const;
