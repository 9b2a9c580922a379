/** Live state of what moves work along: state machines, event rules, schedules, queues, topics. */
import type { Client } from "../../emulator/client.ts";
import { at } from "../../emulator/xml.ts";
import { document, optional, plain, type Reader, tagList } from "./reader.ts";

const stateMachine: Reader = {
  // The emulator keeps no TracingConfiguration.
  covers: ["RoleArn", "LoggingConfiguration", "Tags"],
  async read(client, [arn = ""], recorded) {
    const api = (action: string, input: object) => client.json("states", `AWSStepFunctions.${action}`, input, "1.0");
    const [found, tags] = await Promise.all([
      api("DescribeStateMachine", { stateMachineArn: arn }),
      optional(api("ListTagsForResource", { resourceArn: arn })),
    ]);
    const substituted = recorded.DefinitionSubstitutions !== undefined || recorded.DefinitionS3Location !== undefined;
    return {
      Arn: arn,
      Name: found.name,
      StateMachineName: found.name,
      StateMachineType: found.type,
      StateMachineRevisionId: found.revisionId,
      RoleArn: found.roleArn,
      // With substitutions the stored definition is not the one asked for, so it cannot be compared.
      Definition: substituted ? undefined : document(found.definition),
      DefinitionString: substituted ? undefined : found.definition,
      LoggingConfiguration: found.loggingConfiguration,
      TracingConfiguration: found.tracingConfiguration,
      Tags: tagList(tags?.tags),
    };
  },
};

/** `rule/name` or `rule/bus/name` of a rule's ARN. */
function ruleOf(arn: string): { Name: string; EventBusName?: string } {
  const parts = arn.split(":").slice(5).join(":").split("/").slice(1);
  return parts.length > 1 ? { EventBusName: parts[0], Name: parts.slice(1).join("/") } : { Name: parts[0] ?? arn };
}

const rule: Reader = {
  covers: ["Description", "EventPattern", "ScheduleExpression", "State", "Targets", "RoleArn"],
  async read(client, [arn = ""], recorded) {
    const { Name, EventBusName } = ruleOf(arn);
    const api = (action: string, input: object) => client.json("events", `AWSEvents.${action}`, input);
    const found = await api("DescribeRule", { Name, EventBusName });
    const [targets, tags] = await Promise.all([
      api("ListTargetsByRule", { Rule: Name, EventBusName }),
      optional(api("ListTagsForResource", { ResourceARN: arn })),
    ]);
    const list = targets.Targets as { Id: string }[];
    const order = Array.isArray(recorded.Targets) ? recorded.Targets.map((target) => target.Id) : [];
    list.sort((a, b) => order.indexOf(a.Id) - order.indexOf(b.Id));
    return {
      ...found,
      EventPattern: document(found.EventPattern),
      Targets: list.length > 0 ? list : undefined,
      Tags: tagList(tags?.Tags),
      Arn: arn,
      RuleName: Name,
    };
  },
};

const schedule: Reader = {
  covers: ["Description", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "State", "Target"],
  async read(client, [name = ""], recorded) {
    const group = recorded.GroupName;
    const query = typeof group === "string" ? { groupName: group } : undefined;
    return client.rest("scheduler", { path: `/schedules/${encodeURIComponent(name)}`, query });
  },
};

const queue: Reader = {
  covers: [
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "Tags",
  ],
  async read(client, [url = ""]) {
    const api = (action: string, input: object) => client.json("sqs", `AmazonSQS.${action}`, input, "1.0");
    const [{ Attributes }, { Tags }] = await Promise.all([
      api("GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] }),
      api("ListQueueTags", { QueueUrl: url }),
    ]);
    const found = Attributes as Record<string, string>;
    return {
      ...found,
      QueueUrl: url,
      Arn: found.QueueArn,
      QueueName: found.QueueArn?.split(":").at(-1),
      RedrivePolicy: document(found.RedrivePolicy),
      RedriveAllowPolicy: document(found.RedriveAllowPolicy),
      Tags: tagList(Tags),
    };
  },
};

const queueInlinePolicy: Reader = {
  covers: ["PolicyDocument"],
  async read(client, [url = ""]) {
    const { Attributes } = await client.json(
      "sqs",
      "AmazonSQS.GetQueueAttributes",
      { QueueUrl: url, AttributeNames: ["Policy"] },
      "1.0",
    );
    const { Policy } = (Attributes ?? {}) as { Policy?: string };
    return Policy ? { Queue: url, PolicyDocument: document(Policy) } : undefined;
  },
};

async function attributes(
  client: Client,
  kind: "Topic" | "Subscription",
  arn: string,
): Promise<Record<string, string>> {
  const answer = await client.query("sns", `Get${kind}Attributes`, "2010-03-31", { [`${kind}Arn`]: arn });
  return plain(at(answer, "Attributes")) as Record<string, string>;
}

const topic: Reader = {
  covers: ["DisplayName", "KmsMasterKeyId", "Tags"],
  async read(client, [arn = ""]) {
    const [found, tags] = await Promise.all([
      attributes(client, "Topic", arn),
      optional(client.query("sns", "ListTagsForResource", "2010-03-31", { ResourceArn: arn })),
    ]);
    return {
      TopicArn: arn,
      TopicName: arn.split(":").at(-1),
      DisplayName: found.DisplayName || undefined,
      KmsMasterKeyId: found.KmsMasterKeyId || undefined,
      FifoTopic: found.FifoTopic,
      Tags: tagList(plain(at(tags, "Tags"))),
    };
  },
};

const topicPolicy: Reader = {
  covers: ["PolicyDocument"],
  async read(client, [id = ""], recorded) {
    const [first] = (recorded.Topics as string[] | undefined) ?? [];
    if (first === undefined) throw new Error("a topic policy cannot be imported: its id does not name its topics");
    const found = await attributes(client, "Topic", first);
    return { Id: id, Topics: recorded.Topics, PolicyDocument: document(found.Policy) };
  },
};

const topicInlinePolicy: Reader = {
  covers: ["PolicyDocument"],
  async read(client, [arn = ""]) {
    return { TopicArn: arn, PolicyDocument: document((await attributes(client, "Topic", arn)).Policy) };
  },
};

const subscription: Reader = {
  covers: ["FilterPolicy", "RawMessageDelivery", "RedrivePolicy"],
  async read(client, [arn = ""]) {
    const found = await attributes(client, "Subscription", arn);
    return {
      ...found,
      Arn: arn,
      FilterPolicy: document(found.FilterPolicy),
      RedrivePolicy: document(found.RedrivePolicy),
    };
  },
};

export const flow: Readonly<Record<string, Reader>> = {
  "AWS::StepFunctions::StateMachine": stateMachine,
  "AWS::Events::Rule": rule,
  "AWS::Scheduler::Schedule": schedule,
  "AWS::SQS::Queue": queue,
  "AWS::SQS::QueueInlinePolicy": queueInlinePolicy,
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SNS::TopicInlinePolicy": topicInlinePolicy,
  "AWS::SNS::Subscription": subscription,
};
