/** Budgets that act: by an IAM policy that puts machines out of reach once the money is spent. */
import { covers, isAnything } from "./actions.ts";
import { parseDocument, type Statement } from "./document.ts";
import { BUDGET, BUDGET_ACTION, MANAGED_POLICY, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reporter } from "./report.ts";
import { allReads, reads } from "./rule.ts";
import { and, show } from "./show.ts";
import { Unknown } from "./unknown.ts";

/** What spends by the machine, and so must be out of reach once the money is. */
const DENIED = [
  "sagemaker:CreateTrainingJob",
  "sagemaker:CreateProcessingJob",
  "sagemaker:CreateTransformJob",
  "sagemaker:CreateHyperParameterTuningJob",
  "sagemaker:CreateEndpoint",
];
const DENY_ALL = /^arn:[^:]+:iam::aws:policy\/AWSDenyAll$/;

const POLICIES: Readonly<Record<string, readonly [name: string, document: string]>> = {
  [MANAGED_POLICY.native]: ["managedPolicyName", "policyDocument"],
  [MANAGED_POLICY.classic]: ["name", "policy"],
};
const IAM = "definition.iamActionDefinition";

/** What a rule must declare that asks for budgets that act. */
export const ACTION_READS = allReads(
  reads(tokensOf(BUDGET_ACTION), "budgetName", "actionType", "definition", `${IAM}.policyArn`),
  reads(tokensOf(BUDGET_ACTION), `${IAM}.roles[]`, `${IAM}.groups[]`, `${IAM}.users[]`),
  reads(tokensOf(BUDGET), "name"),
  POLICIES,
);

/** Reports unless one action of a budget of this stage (or kept `elsewhere`) denies new jobs and endpoints. */
export function judgeActions(
  graph: Graph,
  elsewhere: readonly string[],
  at: (urn?: string) => Reporter<"action">,
): void {
  const actions = graph.ofTypes(tokensOf(BUDGET_ACTION));
  const limit = `an action of a budget that denies ${and(DENIED)}`;
  const fix = "Give the budget an action with such an IAM policy: a notice alone stops nothing.";
  if (actions.length === 0) {
    at().fault({ check: "action", path: "the budget's action", value: show(undefined), limit, fix });
    return;
  }
  const judged = actions.map((action) => ({ action, flaw: flawOf(action, graph, elsewhere) }));
  if (judged.some(({ flaw }) => flaw === undefined)) return;
  for (const { action, flaw } of judged) {
    if (!flaw) continue;
    const report = at(action.urn);
    if (flaw.value instanceof Unknown) report.waits(flaw.path, flaw.limit);
    else report.fault({ check: "action", path: flaw.path, value: show(flaw.value), limit: flaw.limit, fix });
  }
}

interface ActionFlaw {
  readonly path: string;
  readonly value: unknown;
  readonly limit: string;
}

function flawOf(action: Node, graph: Graph, elsewhere: readonly string[]): ActionFlaw | undefined {
  const at = (path: string) => {
    const reading = action.one(path);
    if (reading.state === "unknown") return { path: reading.path, value: new Unknown(reading.path) };
    return { path: reading.path, value: reading.state === "absent" ? undefined : reading.value };
  };
  const name = at("budgetName");
  const budgets = graph.ofTypes(tokensOf(BUDGET));
  const isOurs =
    action.referredBy("budgetName", tokensOf(BUDGET)).length > 0 ||
    elsewhere.some((one) => one === name.value) ||
    budgets.some((budget) => {
      const reading = budget.one("name");
      return reading.state === "known" && reading.value === name.value;
    });
  if (!isOurs) return { ...name, limit: "the name of a budget of this stage" };
  const type = at("actionType");
  if (type.value !== "APPLY_IAM_POLICY") return { ...type, limit: "APPLY_IAM_POLICY" };
  const targets = ["roles", "groups", "users"].flatMap((kind) => action.read(`${IAM}.${kind}[]`));
  if (!targets.some(({ state }) => state === "known" || state === "unknown")) {
    return { path: `${IAM}.roles`, value: undefined, limit: "the roles that it applies to, or groups or users" };
  }
  const policy = at(`${IAM}.policyArn`);
  if (typeof policy.value === "string" && DENY_ALL.test(policy.value)) return undefined;
  const [found] = policiesMeant(action, policy.value, graph);
  if (!found) return { ...policy, limit: "the ARN of a policy of this program, or of AWSDenyAll" };
  return policyFlaw(found);
}

function policiesMeant(action: Node, arn: unknown, graph: Graph): readonly Node[] {
  const types = tokensOf(MANAGED_POLICY);
  const name = typeof arn === "string" ? arn.split("/").at(-1) : undefined;
  if (name !== undefined && name !== "") return graph.named(name, types);
  return action.referredBy("definition", types);
}

function policyFlaw(policy: Node): ActionFlaw | undefined {
  const [, path = ""] = POLICIES[policy.type] ?? [];
  const reading = policy.one(path);
  const limit = `a policy that denies ${and(DENIED)}`;
  if (reading.state === "unknown") return { path: `${policy.name}: ${path}`, value: new Unknown(path), limit };
  const { statements, unknown } = parseDocument(reading.state === "absent" ? undefined : reading.value, path);
  const missing = DENIED.filter((action) => !statements.some((statement) => denies(statement, action)));
  if (missing.length === 0) return undefined;
  const [hidden] = unknown;
  if (hidden !== undefined) return { path: `${policy.name}: ${hidden}`, value: new Unknown(hidden), limit };
  return { path: `${policy.name}: ${path}`, value: `without a Deny of ${and(missing)}`, limit };
}

/** Endpoints may be denied under a condition, which spares those without machines. */
function denies({ effect, actions, resources, conditions, unknownConditions }: Statement, action: string): boolean {
  if (effect !== "Deny") return false;
  if (!resources.some(({ value }) => typeof value === "string" && isAnything(value))) return false;
  if (conditions.length + unknownConditions.length > 0 && !action.endsWith("Endpoint")) return false;
  return actions.some(({ value }) => typeof value === "string" && covers(value, action));
}
