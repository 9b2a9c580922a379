/** A state machine: its definition, its role, its log and its alarm, from one place. */
import * as sfn from "@pulumi/aws-native/stepfunctions/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { arnOf, type Statement } from "../../contracts/iam.ts";
import type { StateMachine } from "../../workflow/states.ts";
import type { Notices } from "../notices.ts";
import type { FlowComponent } from "./component.ts";
import { logGroup } from "./log-group.ts";
import { physicalName } from "./naming.ts";
import { serviceRole } from "./role.ts";

export interface FlowMachine {
  /** Known before the machine exists. */
  readonly arn: string;
  readonly resource: sfn.StateMachine;
}

/** The ARN of a stage's state machine, for those who only name it. */
export function stateMachineArn(component: FlowComponent, purpose: string): string {
  return arnOf(component.site, "states", `stateMachine:${physicalName(component.site, "stateMachine", purpose)}`);
}

/**
 * @param args.logData whether inputs and outputs stand in the log; never for a machine that hands out task tokens
 * @param args.dependsOn what the states call. It also gives the role its time to be seen by Step Functions, which refuses a
 *   machine whose role it cannot see yet ("not authorized to create managed-rule").
 */
export function flowMachine(
  component: FlowComponent,
  purpose: string,
  args: {
    readonly definition: StateMachine;
    readonly grants: readonly Statement[];
    readonly logData: boolean;
    readonly logRetentionDays: number;
    readonly notices: Notices;
    readonly dependsOn: readonly pulumi.Resource[];
  },
): FlowMachine {
  const { site } = component;
  const stateMachineName = physicalName(site, "stateMachine", purpose);
  const arn = stateMachineArn(component, purpose);
  const role = serviceRole(component, `${purpose}-workflow`, {
    service: "states",
    description: `What the state machine ${purpose} of stage ${site.stage} may do`,
    grants: args.grants,
  });
  // Below this prefix a log group needs no entry in the account's one log policy (AWS: Step Functions, logging).
  const logGroupName = `/aws/vendedlogs/states/${stateMachineName}`;
  const log = logGroup(component, `${purpose}-workflow-log`, { logGroupName, retentionDays: args.logRetentionDays });
  const resource = new sfn.StateMachine(
    `${purpose}-workflow`,
    {
      stateMachineName,
      stateMachineType: "STANDARD",
      definitionString: JSON.stringify(args.definition),
      roleArn: role.arn,
      loggingConfiguration: {
        level: site.protect ? "ALL" : "ERROR",
        includeExecutionData: args.logData,
        destinations: [
          { cloudWatchLogsLogGroup: { logGroupArn: `${arnOf(site, "logs", `log-group:${logGroupName}`)}:*` } },
        ],
      },
      tracingConfiguration: { enabled: true },
      // Says why the log holds none of it; the policies ask.
      tags: component.tags(args.logData ? {} : { "personal-data": "true" }),
    },
    component.part([role.resource, log, ...args.notices.ready, ...args.dependsOn]),
  );
  args.notices.alarm(
    `${purpose}-failed`,
    {
      alarmDescription: `A run of ${stateMachineName} failed; its execution says why. Runbook: docs/RUNBOOK.md#a-run-failed`,
      namespace: "AWS/States",
      metricName: "ExecutionsFailed",
      dimensions: [{ name: "StateMachineArn", value: arn }],
      statistic: "Sum",
    },
    component,
  );
  return { arn, resource };
}
