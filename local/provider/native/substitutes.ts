/**
 * Types that the emulator's CloudFormation lacks but another type of it does the same work.
 *
 * To support a further such type, add its row; a type that has no counterpart needs a backend of its own, as SageMaker has.
 */
import type { CfnProps } from "./convert.ts";

interface Substitute {
  readonly type: string;
  properties(wanted: CfnProps): CfnProps;
}

const SUBSTITUTES: Readonly<Record<string, Substitute>> = {
  "AWS::SQS::QueueInlinePolicy": {
    type: "AWS::SQS::QueuePolicy",
    properties: ({ Queue, PolicyDocument }) => ({ Queues: [Queue], PolicyDocument }),
  },
  "AWS::SNS::TopicInlinePolicy": {
    type: "AWS::SNS::TopicPolicy",
    properties: ({ TopicArn, PolicyDocument }) => ({ Topics: [TopicArn], PolicyDocument }),
  },
  "AWS::IAM::RolePolicy": {
    type: "AWS::IAM::Policy",
    properties: ({ RoleName, PolicyName, PolicyDocument }) => ({ Roles: [RoleName], PolicyName, PolicyDocument }),
  },
};

/** What to ask of the emulator's CloudFormation for a resource of the type. */
export function provisioned(cfnType: string, properties: CfnProps): { type: string; properties: CfnProps } {
  const substitute = SUBSTITUTES[cfnType];
  return substitute
    ? { type: substitute.type, properties: substitute.properties(properties) }
    : { type: cfnType, properties };
}

/** Names the file to extend where the emulator knows neither the type nor a counterpart. */
export function explained(error: unknown, cfnType: string): unknown {
  if (!(error instanceof Error) || !error.message.includes("Unrecognized resource types")) return error;
  return new Error(
    `${cfnType} is unknown to the emulator's CloudFormation, so the local provider cannot make it: ` +
      "add a counterpart in local/provider/native/substitutes.ts, or a backend for it in local/provider/main.ts",
  );
}
