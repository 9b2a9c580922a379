/** Keys of topics, time zones of schedules. */
import type { Step } from "./index.ts";

const topicAttribute =
  (name: string): Step =>
  async (client, id, wanted) => {
    const params = { TopicArn: id, AttributeName: name, AttributeValue: wanted === undefined ? "" : String(wanted) };
    await client.query("sns", "SetTopicAttributes", "2010-03-31", params);
  };

/** UpdateSchedule replaces the whole schedule, so the rest is read first. */
const scheduleField =
  (name: string): Step =>
  async (client, id, wanted) => {
    const path = `/schedules/${encodeURIComponent(id)}`;
    const {
      Arn: _arn,
      CreationDate: _made,
      LastModificationDate: _changed,
      ...rest
    } = await client.rest("scheduler", { path });
    await client.rest("scheduler", { method: "PUT", path, body: JSON.stringify({ ...rest, [name]: wanted }) });
  };

export const flow: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  "AWS::SNS::Topic": { KmsMasterKeyId: topicAttribute("KmsMasterKeyId") },
  "AWS::Scheduler::Schedule": { ScheduleExpressionTimezone: scheduleField("ScheduleExpressionTimezone") },
};
