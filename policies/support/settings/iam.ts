/** Settings of the IAM rules: who may take, pass and hold which roles. */
import { choice, texts } from "./shapes.ts";

const SERVICES = [
  "sagemaker.amazonaws.com",
  "states.amazonaws.com",
  "scheduler.amazonaws.com",
  "lambda.amazonaws.com",
  "events.amazonaws.com",
];

export const iamSettings = {
  passRoleServices: texts("Services that a role may be passed to.", SERVICES, { minItems: 1 }),
  trustedServices: texts("Services that may take a role.", SERVICES, { minItems: 1 }),
  accountTrust: choice(
    "A trust in a whole account without a condition: refuse, or allow where people's own policies decide who takes the role.",
    "refuse",
    "allow",
  ),
  approvingRoles: texts("Roles, by name or role tag, that may decide on model packages: one of each.", [
    "record-decision",
  ]),
  answeringRoles: texts(
    "Roles, by name or role tag, that hand a person's answer to a waiting workflow: one of each.",
    // The second only repeats an answer that was given before, when a submission comes again.
    ["decide-approval", "request-approval"],
  ),
  boundaries: texts(
    "Names of the managed policies that bound roles, and so grant nothing; <stack> stands for the stack's name; empty: any policy may bound, and none is known as one.",
    ["frugal-<stack>-boundary"],
  ),
  deployingRoles: texts("Roles, by name or role tag, that make and change endpoints: one of each.", [
    "rollout-workflow",
  ]),
} as const;
