/** Types with tags of their own, and types with a name that the program may give, with the longest that AWS takes. */
import {
  ALARM,
  BUCKET,
  BUDGET,
  COMPOSITE_ALARM,
  ENDPOINT,
  ENDPOINT_CONFIG,
  EVENT_RULE,
  FUNCTION,
  HTTP_API,
  INFERENCE_COMPONENT,
  JOB,
  KEY,
  LIFECYCLE,
  LOG_GROUP,
  MODEL,
  MONITOR,
  NOTEBOOK,
  PACKAGE_GROUP,
  QUEUE,
  ROLE,
  SCHEDULE,
  STATE_MACHINE,
  STUDIO,
  TABLE,
  TOPIC,
  tokensOf,
} from "./families.ts";

/**
 * Types that take tags of their own. A package with a group takes none (SageMaker API reference, CreateModelPackage), a
 * global table has them in its replicas, and a schedule has those of its group.
 */
export const TAGGABLE: readonly string[] = [
  ...tokensOf(MODEL, ENDPOINT_CONFIG, ENDPOINT, INFERENCE_COMPONENT, PACKAGE_GROUP, JOB, NOTEBOOK, STUDIO, MONITOR),
  ...tokensOf(LIFECYCLE, BUCKET, ROLE, FUNCTION, STATE_MACHINE, LOG_GROUP, ALARM, COMPOSITE_ALARM, EVENT_RULE),
  ...tokensOf(TABLE, TOPIC, QUEUE, KEY, BUDGET),
  ...[HTTP_API.api, HTTP_API.stage, HTTP_API.classicApi, HTTP_API.classicStage],
];

interface Named {
  readonly property: string;
  /** Most characters. */
  readonly most: number;
}

const pair = (
  family: { readonly native: string; readonly classic: string },
  native: string,
  classic: string,
  most: number,
) => ({ [family.native]: { property: native, most }, [family.classic]: { property: classic, most } });

/** SageMaker takes 63 characters of nearly all. */
const ML = 63;

/**
 * Names that carry the stage. Lengths are those of the services' API models (botocore: the Create or Put call of each).
 * Left out are names that are no stage's alone: buckets, whose names are the whole world's and so often hold a hash; package
 * groups, as one registry may serve several stages; and what people call their own: domains, profiles, spaces, notebooks.
 */
export const NAMED: Readonly<Record<string, Named>> = {
  ...pair(MODEL, "modelName", "name", ML),
  ...pair(ENDPOINT_CONFIG, "endpointConfigName", "name", ML),
  ...pair(ENDPOINT, "endpointName", "name", ML),
  [INFERENCE_COMPONENT.native]: { property: "inferenceComponentName", most: ML },
  [MONITOR.schedule]: { property: "monitoringScheduleName", most: ML },
  [MONITOR.classicSchedule]: { property: "name", most: ML },
  ...pair(ROLE, "roleName", "name", 64),
  ...pair(STATE_MACHINE, "stateMachineName", "name", 80),
  ...pair(LOG_GROUP, "logGroupName", "name", 512),
  ...pair(ALARM, "alarmName", "name", 255),
  ...pair(COMPOSITE_ALARM, "alarmName", "alarmName", 255),
  ...pair(EVENT_RULE, "name", "name", 64),
  ...pair(SCHEDULE, "name", "name", 64),
  ...pair(FUNCTION, "functionName", "name", 64),
  ...pair(TABLE, "tableName", "name", 255),
  ...pair(TOPIC, "topicName", "name", 256),
  ...pair(QUEUE, "queueName", "name", 80),
};
