/** Live state of what keeps things: tables, parameters, log groups; and of alarms and mail identities. */
import { optional, type Reader, tagList, tagMap } from "./reader.ts";

interface Table {
  TableName: string;
  TableArn: string;
  LatestStreamArn?: string;
  BillingModeSummary?: { BillingMode?: string };
  SSEDescription?: { Status?: string; SSEType?: string; KMSMasterKeyArn?: string };
  TableClassSummary?: { TableClass?: string };
  StreamSpecification?: { StreamViewType?: string };
  [name: string]: unknown;
}

const table: Reader = {
  covers: [
    "BillingMode",
    "TimeToLiveSpecification",
    "PointInTimeRecoverySpecification",
    "DeletionProtectionEnabled",
    "Tags",
  ],
  async read(client, [name = ""]) {
    const api = (action: string, input: object) => client.json("dynamodb", `DynamoDB_20120810.${action}`, input, "1.0");
    const found = (await api("DescribeTable", { TableName: name })).Table as Table;
    const [ttl, backups, tags] = await Promise.all([
      optional(api("DescribeTimeToLive", { TableName: name })),
      optional(api("DescribeContinuousBackups", { TableName: name })),
      optional(api("ListTagsOfResource", { ResourceArn: found.TableArn })),
    ]);
    const live = ttl?.TimeToLiveDescription as { TimeToLiveStatus?: string; AttributeName?: string } | undefined;
    const expires = live?.TimeToLiveStatus === "ENABLED" || live?.TimeToLiveStatus === "ENABLING";
    const recovery = (
      backups?.ContinuousBackupsDescription as
        | { PointInTimeRecoveryDescription?: { PointInTimeRecoveryStatus?: string } }
        | undefined
    )?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    const provisioned = found.BillingModeSummary?.BillingMode !== "PAY_PER_REQUEST";
    return {
      TableName: name,
      KeySchema: found.KeySchema,
      AttributeDefinitions: found.AttributeDefinitions,
      BillingMode: provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
      ProvisionedThroughput: provisioned ? found.ProvisionedThroughput : undefined,
      DeletionProtectionEnabled: found.DeletionProtectionEnabled,
      StreamSpecification: found.StreamSpecification?.StreamViewType
        ? { StreamViewType: found.StreamSpecification.StreamViewType }
        : undefined,
      GlobalSecondaryIndexes: found.GlobalSecondaryIndexes,
      TableClass: found.TableClassSummary?.TableClass,
      TimeToLiveSpecification: expires ? { AttributeName: live?.AttributeName, Enabled: true } : undefined,
      PointInTimeRecoverySpecification: recovery ? { PointInTimeRecoveryEnabled: recovery === "ENABLED" } : undefined,
      Tags: tagList(tags?.Tags),
      Arn: found.TableArn,
      StreamArn: found.LatestStreamArn,
    };
  },
};

const parameter: Reader = {
  covers: ["Value", "Type", "Description", "AllowedPattern", "Tags"],
  async read(client, [name = ""]) {
    const api = (action: string, input: object) => client.json("ssm", `AmazonSSM.${action}`, input);
    const found = (await api("GetParameter", { Name: name, WithDecryption: true })).Parameter as Record<
      string,
      unknown
    >;
    const [described, tags] = await Promise.all([
      api("DescribeParameters", { ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [name] }] }),
      api("ListTagsForResource", { ResourceType: "Parameter", ResourceId: name }),
    ]);
    const [about = {}] = (described.Parameters as Record<string, unknown>[] | undefined) ?? [];
    return {
      Name: name,
      Type: found.Type,
      Value: found.Value,
      DataType: found.DataType,
      Description: about.Description || undefined,
      AllowedPattern: about.AllowedPattern || undefined,
      Tier: about.Tier,
      Tags: tagMap(tags.TagList),
      Arn: found.ARN,
    };
  },
};

const logGroup: Reader = {
  covers: ["RetentionInDays", "KmsKeyId", "DeletionProtectionEnabled", "Tags"],
  async read(client, [name = ""]) {
    const api = (action: string, input: object) => client.json("logs", `Logs_20140328.${action}`, input);
    const { logGroups } = (await api("DescribeLogGroups", { logGroupNamePrefix: name })) as {
      logGroups: Record<string, unknown>[];
    };
    const found = logGroups.find(({ logGroupName }) => logGroupName === name);
    if (!found) return undefined;
    const tags = await optional(api("ListTagsForResource", { resourceArn: String(found.arn).replace(/:\*$/, "") }));
    return { ...found, Tags: tagList(tags?.tags) };
  },
};

const alarm: Reader = {
  covers: [
    "AlarmActions",
    "OKActions",
    "ComparisonOperator",
    "Threshold",
    "EvaluationPeriods",
    "Period",
    "TreatMissingData",
    "AlarmDescription",
    "Tags",
  ],
  async read(client, [name = ""]) {
    const api = (action: string, input: object) =>
      client.json("monitoring", `GraniteServiceVersion20100801.${action}`, input, "1.0");
    const { MetricAlarms } = (await api("DescribeAlarms", { AlarmNames: [name] })) as {
      MetricAlarms: Record<string, unknown>[];
    };
    const [found] = MetricAlarms;
    if (!found) return undefined;
    const tags = await optional(api("ListTagsForResource", { ResourceARN: found.AlarmArn }));
    return { ...found, Arn: found.AlarmArn, Tags: tagList(tags?.Tags) };
  },
};

const emailIdentity: Reader = {
  covers: [],
  async read(client, [identity = ""]) {
    const found = await client.rest("ses", { path: `/v2/email/identities/${encodeURIComponent(identity)}` });
    return { EmailIdentity: identity, Tags: tagList(found.Tags) };
  },
};

export const store: Readonly<Record<string, Reader>> = {
  "AWS::DynamoDB::Table": table,
  "AWS::SSM::Parameter": parameter,
  "AWS::Logs::LogGroup": logGroup,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::SES::EmailIdentity": emailIdentity,
};
