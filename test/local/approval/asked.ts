/** One request for approval, from the mail to its end. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { type PacketItem, packetKey } from "../../../contracts/approvals.ts";
import type { ApprovalPacket } from "../../../contracts/submission.ts";
import { eventually } from "../../../local/walkthrough/life.ts";
import { type ApprovalBench, TABLE } from "./bench.ts";

export interface Asked {
  readonly packet: ApprovalPacket;
  readonly executionArn: string;
  readonly packageArn: string;
  /** The page's links, by approver, newest last. */
  links(): Promise<Record<string, string[]>>;
  /** The link of an approver; waits for the mail. */
  link(approver: string): Promise<string>;
  item(): Promise<PacketItem | undefined>;
  /** Waits until the execution has ended. */
  ended(): Promise<{ status: string; output?: Record<string, unknown>; error?: string; cause?: string }>;
  package(): Promise<{ status?: string; description?: string; metadata: Record<string, string> }>;
  stop(): Promise<void>;
}

export function follow(bench: ApprovalBench, packet: ApprovalPacket, executionArn: string): Asked {
  const { submissionId, modelPackageArn: packageArn } = packet;
  const sagemaker = bench.sagemaker();
  const sfn = new SFNClient(bench.config());
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(bench.config()));
  const links = async (): Promise<Record<string, string[]>> => {
    const found: Record<string, string[]> = {};
    for (const mail of await bench.mails(submissionId)) {
      const link = /http:\/\/\S+\/approvals\/[A-Za-z0-9_-]{43}/.exec(mail.text)?.[0];
      for (const person of mail.to) if (link) found[person] = [...(found[person] ?? []), link];
    }
    return found;
  };
  return {
    packet,
    executionArn,
    packageArn,
    links,
    link: (approver) =>
      eventually(
        `the mail to ${approver}`,
        async () => {
          const found = (await links())[approver]?.[0];
          if (found !== undefined) return found;
          const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          if (status !== "RUNNING") throw new Error(`nobody was asked: ${status} ${error} ${cause}`);
          return undefined;
        },
        { timeoutMs: 15_000 },
      ),
    item: async () =>
      (await documents.send(new GetCommand({ TableName: TABLE, Key: { pk: packetKey(submissionId) } }))).Item as
        | PacketItem
        | undefined,
    ended: () =>
      eventually(
        `the end of ${executionArn}`,
        async () => {
          const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          if (found.status === "RUNNING") return undefined;
          const output = found.output === undefined ? undefined : JSON.parse(found.output);
          return { status: found.status ?? "", output, error: found.error, cause: found.cause };
        },
        { timeoutMs: 20_000 },
      ),
    package: async () => {
      const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: packageArn }));
      return {
        status: found.ModelApprovalStatus,
        description: found.ApprovalDescription,
        metadata: found.CustomerMetadataProperties ?? {},
      };
    },
    stop: async () => {
      await sfn.send(new StopExecutionCommand({ executionArn, error: "Stopped", cause: "by the test" }));
    },
  };
}
