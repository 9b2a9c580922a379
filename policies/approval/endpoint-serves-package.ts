/** Every road that leads to an endpoint starts at a model package. */
import { CALLED_READS, judgeCalled } from "../support/called.ts";
import { roadInAccount } from "../support/chain.ts";
import { ENDPOINT, ENDPOINT_CONFIG, tokensOf } from "../support/families.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import type { Node } from "../support/graph.ts";
import { HIDDEN_READS, judgeHidden } from "../support/hidden.ts";
import { LINEAGE } from "../support/lineage.ts";
import { factsOf, LIVE_CHECKS, type LiveCheck } from "../support/live.ts";
import { isUpdate } from "../support/operation.ts";
import type { Reporter } from "../support/report.ts";
import { ACCOUNT_READS, type Break, ROAD_READS, type Road } from "../support/road.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { ROAD_TYPES, roadFrom } from "../support/served.ts";
import { show } from "../support/show.ts";
import { tagsOf, tagText } from "../support/tags.ts";

type Check =
  | "dangling"
  | "untraceable"
  | "no-package"
  | "no-model"
  | "tags-differ"
  | "hidden"
  | "unseen"
  | "called"
  | LiveCheck;

const FIXES: Readonly<Record<Break["kind"], string>> = {
  dangling: "Declare it in this program, or correct the name.",
  untraceable: "Use the resource's own name property, or a literal name, so that what serves can be followed.",
  "no-package": "Make the model from a registered package: modelPackageName and nothing besides.",
  "no-model": "Name a model that is made from a package.",
};

export default rule({
  id: "endpoint-serves-package",
  group: "approval",
  severity: "critical",
  what: "An endpoint's configuration, variants or models do not lead to a model package.",
  why: "A well-formed Model proves nothing about an endpoint that serves another one.",
  fix: "Let the endpoint name a configuration, its variants a model, and the model a package, each by reference or literal name.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    dangling: "A name is found neither in the program nor in the account.",
    untraceable: "A hop cannot be followed.",
    "no-package": "A model on the road is not made from a package.",
    "no-model": "A variant names no model.",
    "tags-differ": "The lineage tag names another package than the one that serves.",
    hidden: "A template, or a resource by the name of its type, declares what serves models, where no rule sees it.",
    unseen: "A template is only named, so that what it declares cannot be seen.",
    called:
      "A schedule, automation, pipeline or state machine makes or declares what serves, where it is not followed.",
    ...LIVE_CHECKS,
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["offline", "tagPrefix", "hiddenTemplates"],
  resource: {
    reads: allReads(ACCOUNT_READS, HIDDEN_READS, CALLED_READS),
    async judge(subject, { settings, report }) {
      if (Object.hasOwn(HIDDEN_READS, subject.type)) judgeHidden(subject, settings.hiddenTemplates, report);
      else if (Object.hasOwn(CALLED_READS, subject.type)) judgeCalled(subject, settings.hiddenTemplates, report);
      // At update, before the endpoint exists: a reference may have claimed another configuration than the name it became.
      else if (isUpdate()) reportRoad(await roadInAccount(subject), settings.offline, report);
    },
  },
  stack: {
    types: ROAD_TYPES,
    reads: allReads(ROAD_READS, reads(tokensOf(ENDPOINT, ENDPOINT_CONFIG), "tags")),
    async judge(node, { settings, report, graph }) {
      const road = await roadFrom(node, graph);
      reportRoad(road, settings.offline, report);
      if (tokensOf(ENDPOINT).includes(node.type))
        for (const tagged of [node, ...road.configs]) judgeTag(tagged, road, settings.tagPrefix, report);
    },
  },
});

function reportRoad(road: Road, offline: "refuse" | "warn", report: Reporter<Check>): void {
  for (const { kind, path, value, limit } of road.breaks) {
    report.fault({ check: kind, path, value, limit, fix: FIXES[kind] });
  }
  for (const { path, subject, answer } of road.unanswered) {
    factsOf(answer, { path, subject, limit: "one whose package is known" }, offline, report);
  }
}

/** Whether the package in the tag is one that the endpoint serves. A missing tag is lineage-tags-present's fault. */
function judgeTag(node: Node, road: Road, prefix: string, report: Reporter<Check>): void {
  const served = new Set(road.ends.map((end) => end.arn));
  const tag = tagText(tagsOf(node.one("tags")), `${prefix}${LINEAGE.modelPackage.key}`);
  if (!tag || served.size === 0 || served.has(undefined) || served.has(tag.text)) return;
  report.fault({
    check: "tags-differ",
    path: `${node.name} ${tag.path}`,
    value: show(tag.text),
    limit: [...served].join(" or "),
    fix: "Derive the tag from the package that the model is made from.",
  });
}
