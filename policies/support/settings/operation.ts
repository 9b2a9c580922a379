/** Settings of the observability and reliability rules. */
import { choice, texts, whole } from "./shapes.ts";

export const operationSettings = {
  minInstances: whole("Instances that a variant of a synchronous endpoint has at least.", 2, 1),
  ssmAccess: choice("Whether the instances behind an endpoint may be logged into: refuse or allow.", "refuse", "allow"),
  approvalSeconds: whole("Seconds that a state may wait for a person's answer at most.", 604_800, 60),
  maxAttempts: whole("Attempts that one retrier of a state makes at most.", 100, 1),
  logDaysLeast: whole("Days that logs are kept at least.", 90, 1),
  logDaysMost: whole("Days that logs are kept at most.", 3653, 1),
  auditKey: choice("Whether audit log groups need a key of the stage's own: demand or optional.", "demand", "optional"),
  executionLogs: choice(
    "What a state machine logs at least: ALL events or those of an ERROR; express machines always ALL.",
    "ALL",
    "ERROR",
  ),
  protection: choice(
    "Whether what must not be lost is protected against deletion (demand), or must not be, so that nothing is left (refuse).",
    "demand",
    "refuse",
  ),
  recovery: choice(
    "Which tables can be set back to any moment: all, or those listed in recoveryTables.",
    "all",
    "listed",
  ),
  recoveryTables: texts("Tables, by name, end of name or role tag, that can be set back even where not all can.", [
    "approvals",
  ]),
  bakeSeconds: whole("Seconds for which a part of the traffic tries a new model at least.", 300, 1, 3600),
  routerRoles: texts("Values of the role tag of functions that route traffic to serverless endpoints.", ["router"], {
    minItems: 1,
  }),
  capturePercent: whole("Percent of the requests that an endpoint of machines captures at least.", 10, 1, 100),
  expiringBuckets: texts("Buckets outside this program that are known to remove what is captured into them.", []),
  invokingRoles: texts("Roles, by name or role tag, that may invoke a serverless endpoint past its router.", []),
  driftRoles: texts("Values of the role tag of functions that look for drift.", ["drift"], { minItems: 1 }),
} as const;
