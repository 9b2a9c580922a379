/** Expiry and recovery of tables. */
import type { Step } from "./index.ts";

const api =
  (action: string, property: string, off: object): Step =>
  async (client, id, wanted) => {
    await client.json("dynamodb", `DynamoDB_20120810.${action}`, { TableName: id, [property]: wanted ?? off }, "1.0");
  };

export const dynamodb: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  "AWS::DynamoDB::Table": {
    TimeToLiveSpecification: api("UpdateTimeToLive", "TimeToLiveSpecification", { Enabled: false }),
    PointInTimeRecoverySpecification: api("UpdateContinuousBackups", "PointInTimeRecoverySpecification", {
      PointInTimeRecoveryEnabled: false,
    }),
  },
};
