/**
 * Monitoring schedules as records with AWS's status changes. The rehearsal starts no analyser: ListMonitoringExecutions
 * is empty until one is added here.
 */
import { inUse, notFound, validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { fieldAt, respond, respondList } from "./listing.ts";
import { find, operationsOf, type Resource } from "./resource.ts";
import { type Entry, now } from "./store.ts";

/** Milliseconds between Pending and Scheduled. */
const SETTLE_MS = 100;

/** API reference, ScheduleExpression: hourly, daily, every N hours, or NOW. */
const EXPRESSIONS = [
  /^cron\(0 \* \? \* \* \*\)$/,
  /^cron\(0 ([01]?\d|2[0-3]) \? \* \* \*\)$/,
  /^cron\(0 ([01]?\d|2[0-3])\/([1-9]|1\d|2[0-4]) \? \* \* \*\)$/,
  /^NOW$/,
];

const DEFINITIONS: Readonly<Record<string, string>> = {
  DataQuality: "data-quality-job-definition",
  ModelQuality: "model-quality-job-definition",
  ModelBias: "model-bias-job-definition",
  ModelExplainability: "model-explainability-job-definition",
};

function checkConfig(config: Json): void {
  const expression = (config.ScheduleConfig as Json | undefined)?.ScheduleExpression;
  if (expression !== undefined && !EXPRESSIONS.some((form) => form.test(String(expression))))
    throw validation(
      `Invalid ScheduleExpression "${expression}". Supported: cron(0 * ? * * *) hourly, cron(0 [00-23] ? * * *) daily, cron(0 [00-23]/[01-24] ? * * *), NOW.`,
    );
  const inline = config.MonitoringJobDefinition !== undefined;
  if (inline === (config.MonitoringJobDefinitionName !== undefined))
    throw validation("Exactly one of MonitoringJobDefinition and MonitoringJobDefinitionName must be provided.");
  if (!inline && !DEFINITIONS[String(config.MonitoringType)])
    throw validation("MonitoringType is required with MonitoringJobDefinitionName.");
}

/** The endpoint a schedule watches, where its inline definition names one. */
function endpointOf(config: Json): unknown {
  const [input] = (fieldAt(config, "MonitoringJobDefinition.MonitoringInputs") ?? []) as Json[];
  return fieldAt(input ?? {}, "EndpointInput.EndpointName");
}

/** The status changes a moment later, as AWS's do; a schedule deleted meanwhile is left alone. */
function settle(front: Front, entry: Entry, status: string): void {
  setTimeout(() => {
    if (front.store.get(entry.kind, entry.name) !== entry) return;
    entry.fields.MonitoringScheduleStatus = status;
    entry.fields.LastModifiedTime = now();
  }, SETTLE_MS).unref();
}

async function fieldsOf(front: Front, input: Json): Promise<Json> {
  const config = input.MonitoringScheduleConfig as Json;
  checkConfig(config);
  if (config.MonitoringJobDefinitionName !== undefined)
    await front.moto.call(`Describe${config.MonitoringType}JobDefinition`, {
      JobDefinitionName: config.MonitoringJobDefinitionName,
    });
  return {
    MonitoringScheduleStatus: "Pending",
    MonitoringType: config.MonitoringType ?? "DataQuality",
    MonitoringJobDefinitionName: config.MonitoringJobDefinitionName,
    EndpointName: endpointOf(config),
  };
}

const SCHEDULE: Resource = {
  noun: "MonitoringSchedule",
  kind: "monitoring-schedule",
  nameMember: "MonitoringScheduleName",
  arnMember: "MonitoringScheduleArn",
  missing: (arn) => notFound(`Could not find monitoring schedule "${arn}".`),
  exists: (arn) => inUse(`Monitoring Schedule with ARN ${arn} already exists.`),
  beforeCreate: (front, call) => fieldsOf(front, call.input),
  afterCreate: (front, entry) => settle(front, entry, "Scheduled"),
  listing: {
    status: "MonitoringScheduleStatus",
    equal: {
      EndpointName: "EndpointName",
      MonitoringJobDefinitionName: "MonitoringJobDefinitionName",
      MonitoringTypeEquals: "MonitoringType",
    },
  },
};

function named(front: Front, call: Call): Entry {
  return find(front, SCHEDULE, String(call.input.MonitoringScheduleName));
}

export const monitoringOperations: Roster = {
  ...operationsOf(SCHEDULE),
  UpdateMonitoringSchedule: async (front, call) => {
    const entry = named(front, call);
    Object.assign(
      entry.fields,
      { MonitoringScheduleConfig: call.input.MonitoringScheduleConfig },
      await fieldsOf(front, call.input),
    );
    entry.fields.LastModifiedTime = now();
    settle(front, entry, "Scheduled");
    return respond(front, call, entry.fields);
  },
  StartMonitoringSchedule: (front, call) => {
    const entry = named(front, call);
    if (entry.fields.MonitoringScheduleStatus !== "Stopped")
      throw validation(
        `Monitoring schedule ${entry.arn} can be started in status Stopped only; it is ${entry.fields.MonitoringScheduleStatus}.`,
      );
    settle(front, entry, "Scheduled");
    return undefined;
  },
  StopMonitoringSchedule: (front, call) => {
    const entry = named(front, call);
    if (entry.fields.MonitoringScheduleStatus !== "Scheduled")
      throw validation(
        `Monitoring schedule ${entry.arn} can be stopped in status Scheduled only; it is ${entry.fields.MonitoringScheduleStatus}.`,
      );
    settle(front, entry, "Stopped");
    return undefined;
  },
  ListMonitoringExecutions: (front, call) => respondList(front, call, []),
};
