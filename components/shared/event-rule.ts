/** An event rule that calls one function or starts one state machine; events that could not be delivered are kept. */
import * as events from "@pulumi/aws-native/events/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { allow, arnOf } from "../../contracts/iam.ts";
import type { FlowComponent } from "./component.ts";
import type { FrugalFunction } from "./function.ts";
import { physicalName } from "./naming.ts";
import { serviceRole } from "./role.ts";
import type { FlowMachine } from "./state-machine.ts";

/** EventBridge's own limit is 24 hours and 185 tries (AWS: event retry policy); an hour says it as well. */
const RETRY = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 };

interface RuleArgs {
  readonly description: string;
  /** At most 4,096 characters as JSON (botocore events, EventPattern). */
  readonly pattern: Readonly<Record<string, unknown>>;
  /** Queue for what could not be delivered. */
  readonly failedEventsArn: string;
}

/** What the function itself fails goes by its own setting. */
export function functionRule(
  component: FlowComponent,
  purpose: string,
  args: RuleArgs & { readonly target: FrugalFunction },
): events.Rule {
  const name = physicalName(component.site, "rule", purpose);
  const permission = args.target.allowCaller(
    purpose,
    "events.amazonaws.com",
    arnOf(component.site, "events", `rule/${name}`),
  );
  return rule(component, purpose, args, { id: "function", arn: args.target.functionArn }, [permission]);
}

/** The event is the machine's input. EventBridge names no execution, so an event that comes twice starts two. */
export function machineRule(
  component: FlowComponent,
  purpose: string,
  args: RuleArgs & { readonly target: FlowMachine },
): events.Rule {
  const role = serviceRole(component, `${purpose}-rule`, {
    service: "events",
    description: `Lets the rule ${purpose} of stage ${component.site.stage} start its state machine`,
    grants: [allow("Start", "states:StartExecution", args.target.arn)],
  });
  return rule(component, purpose, args, { id: "machine", arn: args.target.arn, roleArn: role.arn }, [
    role.resource,
    args.target.resource,
  ]);
}

function rule(
  component: FlowComponent,
  purpose: string,
  args: RuleArgs,
  target: { readonly id: string; readonly arn: string; readonly roleArn?: string },
  dependsOn: readonly pulumi.Resource[],
): events.Rule {
  return new events.Rule(
    `${purpose}-rule`,
    {
      name: physicalName(component.site, "rule", purpose),
      description: args.description,
      eventPattern: args.pattern,
      state: "ENABLED",
      targets: [{ ...target, deadLetterConfig: { arn: args.failedEventsArn }, retryPolicy: RETRY }],
      tags: component.tags({ role: purpose }),
    },
    component.part(dependsOn),
  );
}
