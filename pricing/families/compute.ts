/** Functions, state machines, events and requests: paid by use, unless something is kept ready. */
import type { Meter } from "../meter.ts";
import { UNSEEN } from "../reader.ts";
import { type Family, family } from "./family.ts";

const MB = 1024;
/** What Lambda gives when nothing is said (Lambda API reference, CreateFunction). */
const DEFAULT_MB = 128;
const FREE_TMP_MB = 512;

function meterFunction(meter: Meter): void {
  meter.perUse("requests", "lambda.requests", "piece");
  const memory = meter.props.number("memorySize") ?? DEFAULT_MB;
  const architecture = architectureOf(meter);
  const gb = memory === UNSEEN || architecture === UNSEEN ? UNSEEN : memory / MB;
  meter.perUse("seconds", `lambda.compute.${architecture === "arm64" ? "arm" : "x86"}`, "second", gb);
  const tmp = meter.props.number("ephemeralStorage.size") ?? FREE_TMP_MB;
  if (tmp === UNSEEN) meter.perUse("tmp-seconds", "lambda.tmp", "second", UNSEEN);
  else if (tmp > FREE_TMP_MB) meter.perUse("tmp-seconds", "lambda.tmp", "second", (tmp - FREE_TMP_MB) / MB);
  if (meter.props.has("capacityProviderConfig"))
    meter.unpriced("capacity provider", "its machines have no price", true);
}

function architectureOf(meter: Meter): string | typeof UNSEEN {
  const list = meter.props.list("architectures");
  if (list === UNSEEN) return UNSEEN;
  return list[0]?.own ?? "x86_64";
}

/** Capacity kept ready. Its price goes by memory, which stands in the function and not here, so none is known. */
const keptReady =
  (path: string) =>
  (meter: Meter): void => {
    const count = meter.props.number(path);
    if (count !== undefined && count !== 0) {
      meter.unpriced("provisioned concurrency", "the price table has no lambda.provisioned", true);
    }
  };

function meterTable(meter: Meter): void {
  const { props } = meter;
  const mode = props.text("billingMode") ?? "PROVISIONED";
  // Other classes have other prices, which the table does not have.
  const standard = (props.text("tableClass") ?? "STANDARD") === "STANDARD" ? 1 : UNSEEN;
  meter.perUse("storage", "dynamodb.storage", "GB-month", standard);
  meter.perUse("recovery", "dynamodb.recovery", "GB-month");
  const copies = props.list("replicas");
  const isCopied = copies === UNSEEN || copies.length > 0;
  if (mode === "PAY_PER_REQUEST") {
    meter.perUse("writes", "dynamodb.writes", "piece", standard);
    meter.perUse("reads", "dynamodb.reads", "piece", standard);
    if (isCopied) meter.perUse("replicated-writes", "dynamodb.replicated-writes", "piece");
  } else if (mode !== "PROVISIONED") meter.unpriced("capacity", "its billing mode is not known yet", true);
  else if (standard === UNSEEN) meter.unpriced("capacity", "only the table class STANDARD has a price", true);
  else meterCapacity(meter, isCopied);
}

function meterCapacity(meter: Meter, isCopied: boolean): void {
  const { props } = meter;
  if (isCopied) meter.unpriced("capacity of the replicas", "they have no price", true);
  const indexes = props.list("globalSecondaryIndexes");
  if (indexes === UNSEEN) meter.unpriced("capacity of the indexes", "not known yet", true);
  for (const one of [props, ...(indexes === UNSEEN ? [] : indexes)]) {
    const writes = one.number("provisionedThroughput.writeCapacityUnits", "writeCapacity");
    const reads = one.number("provisionedThroughput.readCapacityUnits", "readCapacity");
    meter.always("write capacity units", "dynamodb.write-capacity", writes, true);
    meter.always("read capacity units", "dynamodb.read-capacity", reads, true);
  }
}

const messages = (fifo: boolean | typeof UNSEEN | undefined) => (fifo === true ? "sqs.fifo.requests" : "sqs.requests");

export const COMPUTE: readonly Family[] = [
  family(
    {
      "aws-native:lambda:Function": ["memorySize", "architectures", "ephemeralStorage.size", "capacityProviderConfig"],
      "aws:lambda/function:Function": [
        "memorySize",
        "architectures",
        "ephemeralStorage.size",
        "capacityProviderConfig",
      ],
    },
    meterFunction,
  ),
  family(
    {
      "aws-native:lambda:Alias": ["provisionedConcurrencyConfig.provisionedConcurrentExecutions"],
      "aws-native:lambda:Version": ["provisionedConcurrencyConfig.provisionedConcurrentExecutions"],
    },
    keptReady("provisionedConcurrencyConfig.provisionedConcurrentExecutions"),
  ),
  family(
    { "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": ["provisionedConcurrentExecutions"] },
    keptReady("provisionedConcurrentExecutions"),
  ),
  family(
    {
      "aws-native:stepfunctions:StateMachine": ["stateMachineType"],
      "aws:sfn/stateMachine:StateMachine": ["type"],
    },
    (meter) => {
      const type = meter.props.text("stateMachineType", "type") ?? "STANDARD";
      if (type === "EXPRESS") {
        meter.perUse("requests", "states.express.requests", "piece");
        meter.perUse("gb-hours", "states.express.compute", "GB-hour");
      } else meter.perUse("transitions", "states.transitions", "piece", type === "STANDARD" ? 1 : UNSEEN);
    },
  ),
  family({ "aws-native:events:EventBus": ["name"], "aws:cloudwatch/eventBus:EventBus": ["name"] }, (meter) =>
    meter.perUse("events", "events.custom", "piece"),
  ),
  family(
    { "aws-native:events:Archive": ["archiveName"], "aws:cloudwatch/eventArchive:EventArchive": ["name"] },
    (meter) => {
      meter.perUse("archived", "events.archive.in", "GB");
      meter.perUse("kept", "events.archive.kept", "GB-month");
    },
  ),
  family({ "aws-native:pipes:Pipe": ["name"], "aws:pipes/pipe:Pipe": ["name"] }, (meter) =>
    meter.perUse("events", "events.pipes", "piece"),
  ),
  family({ "aws-native:scheduler:Schedule": ["name"], "aws:scheduler/schedule:Schedule": ["name"] }, (meter) =>
    meter.perUse("invocations", "scheduler.invocations", "piece"),
  ),
  family({ "aws-native:apigatewayv2:Api": ["protocolType"], "aws:apigatewayv2/api:Api": ["protocolType"] }, (meter) => {
    const protocol = meter.props.text("protocolType") ?? "HTTP";
    if (protocol === "WEBSOCKET") meter.perUse("messages", "api.websocket.messages", "piece");
    else meter.perUse("requests", "api.http.requests", "piece", protocol === "HTTP" ? 1 : UNSEEN);
  }),
  family({ "aws-native:apigateway:RestApi": ["name"], "aws:apigateway/restApi:RestApi": ["name"] }, (meter) =>
    meter.perUse("requests", "api.rest.requests", "piece"),
  ),
  family(
    {
      "aws-native:apigateway:Stage": ["cacheClusterEnabled"],
      "aws:apigateway/stage:Stage": ["cacheClusterEnabled"],
    },
    (meter) => {
      if (meter.props.flag("cacheClusterEnabled"))
        meter.unpriced("cache", "the price table has no api.rest.cache", true);
    },
  ),
  family({ "aws-native:sns:Topic": ["topicName"], "aws:sns/topic:Topic": ["name"] }, (meter) => {
    meter.perUse("requests", "sns.requests", "piece");
    meter.perUse("emails", "sns.email", "piece");
  }),
  family({ "aws-native:sqs:Queue": ["fifoQueue"], "aws:sqs/queue:Queue": ["fifoQueue"] }, (meter) => {
    const fifo = meter.props.flag("fifoQueue");
    meter.perUse("requests", messages(fifo), "piece", fifo === UNSEEN ? UNSEEN : 1);
  }),
  family(
    { "aws-native:ses:EmailIdentity": ["emailIdentity"], "aws:sesv2/emailIdentity:EmailIdentity": ["emailIdentity"] },
    (meter) => meter.perUse("emails", "ses.emails", "piece"),
  ),
  family(
    {
      "aws-native:dynamodb:Table": [
        "billingMode",
        "tableClass",
        "provisionedThroughput.writeCapacityUnits",
        "provisionedThroughput.readCapacityUnits",
        "globalSecondaryIndexes[].provisionedThroughput.writeCapacityUnits",
        "globalSecondaryIndexes[].provisionedThroughput.readCapacityUnits",
      ],
      "aws:dynamodb/table:Table": [
        "billingMode",
        "tableClass",
        "replicas",
        "writeCapacity",
        "readCapacity",
        "globalSecondaryIndexes[].writeCapacity",
        "globalSecondaryIndexes[].readCapacity",
      ],
      "aws-native:dynamodb:GlobalTable": ["billingMode", "replicas", "globalSecondaryIndexes"],
    },
    meterTable,
  ),
];
