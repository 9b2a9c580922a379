/** Deletions that AWS refuses because the resource is protected; asked first, so that no stack is left half deleted. */
import type { Client } from "../emulator/client.ts";

const GUARDS: Readonly<Record<string, (client: Client, id: string) => Promise<string | undefined>>> = {
  "AWS::DynamoDB::Table": async (client, id) => {
    const answer = (await client
      .json("dynamodb", "DynamoDB_20120810.DescribeTable", { TableName: id }, "1.0")
      .catch(() => undefined)) as { Table?: { DeletionProtectionEnabled?: boolean } } | undefined;
    // What DynamoDB answers to DeleteTable (ValidationException).
    return answer?.Table?.DeletionProtectionEnabled
      ? "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
      : undefined;
  },
  "AWS::Logs::LogGroup": async (client, id) => {
    const answer = (await client
      .json("logs", "Logs_20140328.DescribeLogGroups", { logGroupNamePrefix: id })
      .catch(() => undefined)) as { logGroups?: { logGroupName?: string; deletionProtectionEnabled?: boolean }[] };
    const found = answer?.logGroups?.find(({ logGroupName }) => logGroupName === id);
    return found?.deletionProtectionEnabled
      ? `Log group ${id} cannot be deleted: deletion protection is enabled for it`
      : undefined;
  },
};

/** @throws with AWS's words when the resource must not be deleted as it is; one that is gone already may */
export async function refuseProtected(client: Client, cfnType: string, id: string): Promise<void> {
  const refusal = await GUARDS[cfnType]?.(client, id);
  if (refusal !== undefined) throw new Error(`${cfnType} ${id}: ${refusal}`);
}
