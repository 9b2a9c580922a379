/** What starts on a package's change starts on its approval only. */
import { filterOf, meansPackages, type Pattern, patternOf } from "../support/event-pattern.ts";
import { EVENT_RULE, EVENT_TARGET, tokensOf } from "../support/families.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { FUNCTIONS, functionsNamed } from "../support/functions.ts";
import type { Graph, Node } from "../support/graph.ts";
import { type Reading, textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import type { Tree } from "../support/unknown.ts";

type Check = "status" | "group" | "dangling" | "unreadable";

const rules = tokensOf(EVENT_RULE);
const PATTERN_WORDS = "a pattern that lets only approved packages of one group through";

interface Recorders {
  readonly roles: readonly string[];
  readonly key: string;
}

export default rule({
  id: "approved-event-filtered",
  group: "approval",
  severity: "high",
  what: "An event rule starts something on every change of a model package, not only on its approval.",
  why: "It would deploy rejected and pending packages.",
  fix: "Filter detail.ModelApprovalStatus and detail.ModelPackageGroupName in the event pattern; still look the package up before it serves.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    status: "The pattern lets other approval statuses than Approved through.",
    group: "The pattern lets packages of any group through.",
    dangling: "The target's rule is not in this program, so its pattern cannot be seen.",
    unreadable: "The event pattern cannot be read.",
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["recordingRoles", "tagPrefix"],
  stack: {
    types: tokensOf({ native: EVENT_RULE.native }, EVENT_TARGET),
    reads: allReads(
      { [EVENT_RULE.native]: ["eventPattern", "targets[].arn"], [EVENT_RULE.classic]: ["eventPattern"] },
      reads(tokensOf(EVENT_TARGET), "rule", "arn"),
      reads(FUNCTIONS, "tags"),
    ),
    judge(node, { settings, report, graph }) {
      const recorders = { roles: settings.recordingRoles, key: `${settings.tagPrefix}role` };
      if (node.type === EVENT_RULE.native) {
        if (node.read("targets[].arn").some((target) => starts(target, "targets", node, graph, recorders)))
          judgePattern(node, "", report);
      } else if (starts(node.one("arn"), "arn", node, graph, recorders)) judgeRulesOf(node, graph, report);
    },
  },
});

/** Whether a target may start a rollout: anything but a log group and the functions that only record. */
function starts(target: Reading, property: string, node: Node, graph: Graph, recorders: Recorders): boolean {
  if (target.state === "absent") return false;
  const arn = textOf(target);
  if (arn?.split(":")[2] === "logs") return false;
  const meant =
    arn === undefined ? node.referredBy(property, FUNCTIONS) : functionsNamed(arn, graph).map((called) => called.node);
  return meant.length === 0 || !meant.every((one) => records(one, recorders));
}

function records(target: Node, { roles, key }: Recorders): boolean {
  const role = tagText(tagsOf(target.one("tags")), key);
  return role !== undefined && roles.includes(role.text);
}

/** Classic: the target names its rule, by name or by reference. */
function judgeRulesOf(target: Node, graph: Graph, report: Reporter<Check>): void {
  const reading = target.one("rule");
  const name = textOf(reading);
  const found = name === undefined ? target.referredBy("rule", rules) : graph.named(name, rules);
  for (const one of found) judgePattern(one, `rule > ${JSON.stringify(one.name)} `, report);
  if (found.length > 0) return;
  if (reading.state === "unknown") report.waits(reading.path, PATTERN_WORDS);
  else {
    const value =
      reading.state === "known" ? `${show(reading.value)}, which is no rule of this program` : show(undefined);
    const fix = "Declare rule and target in one program, so that what starts on which event can be seen.";
    report.fault({ check: "dangling", path: reading.path, value, limit: `a rule with ${PATTERN_WORDS}`, fix });
  }
}

function judgePattern(node: Node, road: string, report: Reporter<Check>): void {
  const reading = node.one("eventPattern");
  // A rule without a pattern runs by the clock.
  if (reading.state === "absent") return;
  const path = `${road}${reading.path}`;
  const pattern: Pattern = reading.state === "known" ? patternOf(reading.value) : { state: "unknown" };
  if (pattern.state === "unknown") report.waits(path, PATTERN_WORDS);
  else if (pattern.state === "unreadable") {
    const value = show(pattern.value);
    const fix = "Correct the pattern.";
    report.fault({ check: "unreadable", path, value, limit: "an event pattern, as an object or as JSON text", fix });
  } else if (meansPackages(pattern.tree)) judgeFilters(pattern.tree, path, report);
}

function judgeFilters(tree: Tree, path: string, report: Reporter<Check>): void {
  const status = filterOf(tree, path, "ModelApprovalStatus");
  const limit = '["Approved"]';
  if (status.state === "unknown") report.waits(status.path, limit);
  else if (status.state === "open" || status.texts.some((text) => text !== "Approved")) {
    const value = show(status.state === "open" ? status.value : status.texts);
    const fix =
      "Let only approvals through, or name another detail-type if the rule is not about model packages; what only records is named in recordingRoles.";
    report.fault({ check: "status", path: status.path, value, limit, fix });
  }
  const group = filterOf(tree, path, "ModelPackageGroupName");
  if (group.state === "unknown") report.waits(group.path, "the names of the groups that this program deploys");
  else if (group.state === "open") {
    const limit = "the names of the groups that this program deploys";
    const fix = "Name them; another team's approval is not this program's.";
    report.fault({ check: "group", path: group.path, value: show(group.value), limit, fix });
  }
}
