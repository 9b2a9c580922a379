/** An event rule that calls one function; events that could not be delivered are kept. */
import * as events from "@pulumi/aws-native/events/index.js";
import { arnOf } from "../../contracts/iam.ts";
import type { FlowComponent } from "./component.ts";
import type { FrugalFunction } from "./function.ts";
import { physicalName } from "./naming.ts";

/** EventBridge's own limit is 24 hours and 185 tries (AWS: event retry policy); an hour says it as well. */
const RETRY = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 };

/**
 * @param args.pattern at most 4,096 characters as JSON (botocore events, EventPattern)
 * @param args.failedEventsArn queue for what could not be delivered; what the function itself fails goes by its own setting
 */
export function functionRule(
  component: FlowComponent,
  purpose: string,
  args: {
    readonly description: string;
    readonly pattern: Readonly<Record<string, unknown>>;
    readonly target: FrugalFunction;
    readonly failedEventsArn: string;
  },
): events.Rule {
  const name = physicalName(component.site, "rule", purpose);
  const permission = args.target.allowCaller(
    purpose,
    "events.amazonaws.com",
    arnOf(component.site, "events", `rule/${name}`),
  );
  return new events.Rule(
    `${purpose}-rule`,
    {
      name,
      description: args.description,
      eventPattern: args.pattern,
      state: "ENABLED",
      targets: [
        {
          id: "function",
          arn: args.target.functionArn,
          deadLetterConfig: { arn: args.failedEventsArn },
          retryPolicy: RETRY,
        },
      ],
      tags: component.tags({ role: purpose }),
    },
    component.part([permission]),
  );
}
