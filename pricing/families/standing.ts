/** What is paid for because it stands: keys, secrets, alarms, networks; and stores, paid by what is in them. */
import type { Meter } from "../meter.ts";
import { type Reader, UNSEEN } from "../reader.ts";
import { type Family, family } from "./family.ts";

/** Seconds below which an alarm counts as high resolution (CloudWatch API reference, PutMetricAlarm). */
const FAST_SECONDS = 60;

/** An alarm is paid by the metrics that it looks at; an expression adds none, a band of expected values is not priced. */
function meterAlarm(meter: Meter): void {
  const queries = meter.props.list("metrics", "metricQueries");
  if (queries === UNSEEN) {
    meter.unpriced("alarm", "its metrics are not known yet", false);
    return;
  }
  if (queries.length === 0) {
    alarm(meter, meter.props);
    return;
  }
  for (const query of queries) {
    const expression = query.text("expression");
    if (expression === UNSEEN || /ANOMALY_DETECTION_BAND|SELECT\s/i.test(expression ?? "")) {
      meter.unpriced("alarm", "the number of metrics that it looks at is not known", false);
    } else if (expression === undefined) alarm(meter, query);
  }
}

function alarm(meter: Meter, at: Reader): void {
  const period = at.number("period", "metricStat.period", "metric.period");
  if (period === UNSEEN) meter.unpriced("alarm", "its period is not known yet", false);
  else if (period !== undefined && period < FAST_SECONDS) meter.always("fast alarm", "cloudwatch.alarm.fast", 1, false);
  else meter.always("alarm", "cloudwatch.alarm", 1, false);
}

function meterEndpoint(meter: Meter): void {
  const type = meter.props.text("vpcEndpointType") ?? "Gateway";
  if (type === "Gateway") return;
  if (type !== "Interface") {
    meter.unpriced(
      "network endpoint",
      type === UNSEEN ? "its type is not known yet" : `the type ${type} has no price`,
      true,
    );
    return;
  }
  const subnets = meter.props.list("subnetIds");
  const configured = meter.props.list("subnetConfigurations");
  const zones = subnets === UNSEEN || configured === UNSEEN ? UNSEEN : Math.max(subnets.length, configured.length);
  // Without subnets AWS takes some; how many is not written.
  meter.always("interface endpoint, by zone", "network.endpoint", zones === 0 ? undefined : zones, true);
  meter.perUse("data", "network.endpoint.data", "GB");
}

function meterBalancer(meter: Meter): void {
  const type = meter.props.text("type", "loadBalancerType") ?? "application";
  if (type === UNSEEN) meter.unpriced("load balancer", "its type is not known yet", true);
  else meter.always(`${type} load balancer`, `network.balancer.${type}`, 1, true);
  meter.perUse("capacity", "network.balancer.capacity", "hour");
}

const one =
  (what: string, item: string, byTime = false) =>
  (meter: Meter): void =>
    meter.always(what, item, 1, byTime);

function meterKey(meter: Meter): void {
  meter.always("key", "kms.key", 1, false);
  const spec = meter.props.text("keySpec", "customerMasterKeySpec") ?? "SYMMETRIC_DEFAULT";
  const isPlain = spec === "SYMMETRIC_DEFAULT";
  const isPair = spec !== UNSEEN && /^(?:RSA|ECC|SM2|ML_DSA)/.test(spec);
  meter.perUse(
    "requests",
    isPair ? "kms.requests.asymmetric" : "kms.requests",
    "piece",
    isPlain || isPair ? 1 : UNSEEN,
  );
}

const ALARM = ["period", "metrics[].expression", "metrics[].metricStat.period"];

export const STANDING: readonly Family[] = [
  family(
    {
      "aws-native:cloudwatch:Alarm": ALARM,
      "aws:cloudwatch/metricAlarm:MetricAlarm": [
        "period",
        "metricQueries[].expression",
        "metricQueries[].metric.period",
      ],
    },
    meterAlarm,
  ),
  family(
    {
      "aws-native:cloudwatch:CompositeAlarm": ["alarmName"],
      "aws:cloudwatch/compositeAlarm:CompositeAlarm": ["alarmName"],
    },
    one("composite alarm", "cloudwatch.alarm.composite"),
  ),
  family(
    { "aws-native:cloudwatch:Dashboard": ["dashboardName"], "aws:cloudwatch/dashboard:Dashboard": ["dashboardName"] },
    one("dashboard", "cloudwatch.dashboard"),
  ),
  family(
    { "aws-native:logs:LogGroup": ["logGroupClass"], "aws:cloudwatch/logGroup:LogGroup": ["logGroupClass"] },
    (meter) => {
      const standard = (meter.props.text("logGroupClass") || "STANDARD") === "STANDARD" ? 1 : UNSEEN;
      meter.perUse("in", "logs.in", "GB", standard);
      meter.perUse("kept", "logs.kept", "GB-month", standard);
      meter.perUse("queried", "logs.queried", "GB", standard);
    },
  ),
  // A metric filter makes a metric of one's own, paid for in each month in which it has values.
  family(
    {
      "aws-native:logs:MetricFilter": ["filterPattern"],
      "aws:cloudwatch/logMetricFilter:LogMetricFilter": ["pattern"],
    },
    (meter) => meter.perUse("metrics", "cloudwatch.metric", "month"),
  ),
  family(
    {
      "aws-native:kms:Key": ["keySpec"],
      "aws:kms/key:Key": ["customerMasterKeySpec"],
      "aws-native:kms:ReplicaKey": ["primaryKeyArn"],
      "aws:kms/replicaKey:ReplicaKey": ["primaryKeyArn"],
      "aws:kms/externalKey:ExternalKey": ["description"],
    },
    meterKey,
  ),
  family(
    {
      "aws-native:secretsmanager:Secret": ["name", "replicaRegions"],
      "aws:secretsmanager/secret:Secret": ["name", "replicas"],
    },
    (meter) => {
      meter.always("secret", "secrets.secret", 1, false);
      meter.perUse("calls", "secrets.calls", "piece");
      const copies = meter.props.list("replicaRegions", "replicas");
      if (copies === UNSEEN || copies.length > 0)
        meter.unpriced("replicas", "they lie in other regions, whose prices are not asked", false);
    },
  ),
  // Free for what is open to others; one that looks for unused or internal access is paid by what it looks at.
  family(
    {
      "aws-native:accessanalyzer:Analyzer": ["type"],
      "aws:accessanalyzer/analyzer:Analyzer": ["type"],
    },
    (meter) => {
      const type = meter.props.text("type") ?? "ACCOUNT";
      if (type !== "ACCOUNT" && type !== "ORGANIZATION")
        meter.unpriced(
          "analyzer",
          type === UNSEEN ? "its type is not known yet" : `the type ${type} has no price`,
          false,
        );
    },
  ),
  family({ "aws-native:ssm:Parameter": ["tier"], "aws:ssm/parameter:Parameter": ["tier"] }, (meter) => {
    const tier = meter.props.text("tier") ?? "Standard";
    // Left to AWS, a parameter may become an advanced one.
    if (tier !== "Standard")
      meter.always("advanced parameter", "ssm.parameter.advanced", tier === UNSEEN ? UNSEEN : 1, false);
  }),
  family(
    {
      "aws-native:s3:Bucket": ["bucketName"],
      "aws:s3/bucket:Bucket": ["bucket"],
      "aws:s3/bucketV2:BucketV2": ["bucket"],
    },
    (meter) => {
      meter.perUse("storage", "s3.storage", "GB-month");
      meter.perUse("writes", "s3.writes", "piece");
      meter.perUse("reads", "s3.reads", "piece");
      meter.perUse("out", "internet.out", "GB");
    },
  ),
  family({ "aws-native:ecr:Repository": ["repositoryName"], "aws:ecr/repository:Repository": ["name"] }, (meter) =>
    meter.perUse("storage", "ecr.storage", "GB-month"),
  ),
  family(
    {
      "aws-native:budgets:BudgetsAction": ["budgetName"],
      "aws:budgets/budgetAction:BudgetAction": ["budgetName"],
    },
    one("budget with an action", "budgets.action-day"),
  ),
  family(
    { "aws-native:ec2:NatGateway": ["connectivityType"], "aws:ec2/natGateway:NatGateway": ["connectivityType"] },
    (meter) => {
      meter.always("NAT gateway", "network.nat", 1, true);
      meter.perUse("data", "network.nat.data", "GB");
    },
  ),
  family(
    {
      "aws-native:ec2:VpcEndpoint": ["vpcEndpointType", "subnetIds"],
      "aws:ec2/vpcEndpoint:VpcEndpoint": ["vpcEndpointType", "subnetIds", "subnetConfigurations"],
    },
    meterEndpoint,
  ),
  family(
    {
      "aws-native:elasticloadbalancingv2:LoadBalancer": ["type"],
      "aws:lb/loadBalancer:LoadBalancer": ["loadBalancerType"],
      "aws:alb/loadBalancer:LoadBalancer": ["loadBalancerType"],
    },
    meterBalancer,
  ),
  family(
    {
      "aws-native:elasticloadbalancing:LoadBalancer": ["loadBalancerName"],
      "aws:elb/loadBalancer:LoadBalancer": ["name"],
    },
    one("classic load balancer", "network.balancer.classic", true),
  ),
];
