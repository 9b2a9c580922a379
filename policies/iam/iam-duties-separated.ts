/** One role decides, one hands the decision on, one deploys; and nobody else does. */
import { isText } from "../support/actions.ts";
import { BOUNDARY_READS, isBoundary } from "../support/boundary.ts";
import { type Document, parseDocument, type Statement } from "../support/document.ts";
import { DUTIES, type Duty, dutyOf, hiddenActions, holdsDuties, REGISTER } from "../support/duties.ts";
import { MANAGED_POLICIES, PERMISSION_DOCUMENTS } from "../support/families.ts";
import { firmValues } from "../support/firm.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import type { Graph, Node } from "../support/graph.ts";
import { type Holder, holderOf, namesake, OWNER_READS } from "../support/holders.ts";
import { documentsIn, reportFlaws } from "../support/open-document.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, rule } from "../support/rule.ts";
import type { Settings } from "../support/settings.ts";
import { show } from "../support/show.ts";

type Check = Duty | "register" | "several" | "together" | "managed" | "unreadable";
type Hands = Pick<Settings, "approvingRoles" | "answeringRoles" | "deployingRoles" | "tagPrefix">;

const types = [...new Set([...Object.keys(PERMISSION_DOCUMENTS), ...Object.keys(MANAGED_POLICIES)])];
const UNDECIDED = ["PendingManualApproval", "Rejected"];

export default rule({
  id: "iam-duties-separated",
  group: "iam",
  severity: "critical",
  what: "Another role than the one meant for it may decide on model packages, hand a decision on, or change endpoints.",
  why: "If several roles can approve or deploy, the gate is decoration.",
  fix: "Grant each of these in the one role's own document, and name that role in approvingRoles, answeringRoles or deployingRoles.",
  levels: { dev: "mandatory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    approve: "A role that is not listed may change a model package, and with it its approval.",
    deploy: "A role that is not listed may make or change an endpoint or what runs on it.",
    answer: "A role that is not listed may answer a workflow that waits for a person.",
    register: "Model packages may be registered in a status that is a decision.",
    several: "More than one role goes by the listed name or tag.",
    together: "One role may both decide and deploy.",
    managed: "An AWS managed policy that holds such grants is attached.",
    unreadable: "The document cannot be read as a policy.",
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["approvingRoles", "answeringRoles", "deployingRoles", "tagPrefix", "boundaries"],
  stack: {
    types,
    reads: allReads(PERMISSION_DOCUMENTS, MANAGED_POLICIES, OWNER_READS, BOUNDARY_READS),
    judge(node, { settings, report, graph }) {
      if (isBoundary(node, settings.boundaries)) return;
      for (const path of MANAGED_POLICIES[node.type] ?? []) judgeManaged(node, path, report);
      judge(node, [...statementsIn(node, report)], settings, graph, report);
    },
  },
});

function* statementsIn(node: Node, report: Reporter<Check>): Generator<Statement> {
  for (const reading of documentsIn(node)) {
    if (reading.state === "unknown") report.waits(reading.path, "a document without the duties of another role");
    else if (reading.state !== "absent") {
      const document = parseDocument(reading.value, reading.path);
      say(document, report);
      yield* document.statements;
    }
  }
}

function say(document: Document, report: Reporter<Check>): void {
  const waiting = [...document.unknown, ...document.statements.flatMap(hiddenActions).map(({ path }) => path)];
  for (const path of waiting) report.waits(path, "without the duties of another role");
  reportFlaws(document, report);
}

function judgeManaged(node: Node, path: string, report: Reporter<Check>): void {
  for (const reading of node.read(path)) {
    const arn = textOf(reading);
    const name = arn?.match(/^arn:[^:]+:iam::aws:policy\/(?:.*\/)?(.+)/)?.[1];
    if (!name || !holdsDuties(name)) continue;
    const fix = "Write the actions that are used into the role's own document.";
    const limit = "a policy without the duties of another role";
    report.fault({ check: "managed", path: reading.path, value: show(arn), limit, fix });
  }
}

function judge(
  node: Node,
  statements: readonly Statement[],
  settings: Hands,
  graph: Graph,
  report: Reporter<Check>,
): void {
  const listed = {
    approve: settings.approvingRoles,
    deploy: settings.deployingRoles,
    answer: settings.answeringRoles,
  } as const;
  const key = `${settings.tagPrefix}role`;
  let holder: Holder | undefined;
  const held = new Map<Duty, string>();
  for (const [duty, actions] of Object.entries(DUTIES) as [Duty, (typeof DUTIES)[Duty]][]) {
    const grant = statements.map((one) => dutyOf(one, actions)).find((leaf) => leaf !== undefined);
    if (!grant) continue;
    held.set(duty, grant.path);
    holder ??= holderOf(node, graph, key);
    const words = `in the one role that ${key} or name says is ${listed[duty].join(" or ") || "nobody's"}`;
    const { names, hidden, words: owner } = holder;
    const mine = listed[duty].find((name) => names.includes(name));
    const fix = `Take it away, or make this the one role for it; the setting is ${SETTING[duty]}.`;
    if (mine === undefined && hidden !== undefined) report.waits(hidden, words);
    else if (mine === undefined) {
      const value = `${show(grant.value)} in ${owner}`;
      report.fault({ check: duty, path: grant.path, value, limit: words, fix });
    } else if (namesake(graph, key, mine) > 1) {
      const value = `${show(grant.value)} in one of ${namesake(graph, key, mine)} roles that go by ${mine}`;
      report.fault({ check: "several", path: grant.path, value, limit: words, fix: "Keep one of them." });
    }
  }
  if (holder) judgeBoth(holder, held, listed, report);
  for (const statement of statements) judgeRegistering(statement, report);
}

/** Two documents of one role are judged apart, so being listed for both counts too. */
function judgeBoth(
  { names, words }: Holder,
  held: ReadonlyMap<Duty, string>,
  listed: Readonly<Record<Duty, readonly string[]>>,
  report: Reporter<Check>,
): void {
  const isBoth = (["approve", "deploy"] as const).every(
    (duty) => held.has(duty) || listed[duty].some((name) => names.includes(name)),
  );
  const path = held.get("deploy") ?? held.get("approve");
  if (!isBoth || path === undefined) return;
  const value = `in ${words}, which decides and deploys`;
  const fix = "Give the two to separate roles.";
  report.fault({ check: "together", path, value, limit: "one of the two", fix });
}

const SETTING: Readonly<Record<Duty, keyof Hands>> = {
  approve: "approvingRoles",
  deploy: "deployingRoles",
  answer: "answeringRoles",
};

/** Whoever registers may leave the status open, or refuse; never approve. */
function judgeRegistering(statement: Statement, report: Reporter<Check>): void {
  const grant = dutyOf(statement, REGISTER);
  if (!grant) return;
  const values = firmValues(statement, "sagemaker:modelapprovalstatus");
  const limit = `conditioned by sagemaker:ModelApprovalStatus to ${UNDECIDED.join(" or ")}`;
  for (const leaf of values) if (!isText(leaf)) report.waits(leaf.path, limit);
  if (values.length === 0) for (const path of statement.unknownConditions) report.waits(path, limit);
  const open = values.find((leaf) => isText(leaf) && !UNDECIDED.includes(leaf.value));
  if (!open && (values.length > 0 || statement.unknownConditions.length > 0)) return;
  const fix = `Add Condition: {"StringEquals": {"sagemaker:ModelApprovalStatus": ${JSON.stringify(UNDECIDED)}}}.`;
  const [path, value] = open ? [open.path, show(open.value)] : [grant.path, `${show(grant.value)} without a condition`];
  report.fault({ check: "register", path, value, limit, fix });
}
