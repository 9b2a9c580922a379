/**
 * Every resource says where it lies, and that is where the stage may be.
 *
 * The stage's regions and accounts are settings. Empty, their default, means: any one, but all in the same. So a program of
 * any region runs without a setting, and still nothing slips into a second region or account unseen: the stack half takes the
 * place that is named most often for the stage's, and reports the others. With lists the resource half judges each resource
 * before it is touched. Accounts in which registries may be read or read this one are allowed by their own settings.
 */

import * as families from "../support/families.ts";
import { isNative } from "../support/families.ts";
import type { Graph, Node } from "../support/graph.ts";
import { type Place, placesIn } from "../support/places.ts";
import { type Reading, textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { reads, rule } from "../support/rule.ts";
import type { Settings } from "../support/settings.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "region" | "mixed" | "unstated" | "arn" | "account";
type Allowed = Pick<Settings, "regions" | "accounts" | "registryAccounts" | "readerAccounts">;

/** Services without regions: where their resources lie is nowhere said, and need not be. */
const GLOBAL = /^aws(?:-native)?:(?:iam|budgets|cloudfront|route53|organizations|globalaccelerator|shield)[:/]/;
const PROVIDER = "provider.region";
const classic = families
  .tokensOf(families.MODEL, families.ENDPOINT_CONFIG, families.ENDPOINT, families.BUCKET, families.FUNCTION)
  .filter((type) => !isNative(type));

export default rule({
  id: "region-allowed",
  group: "hygiene",
  severity: "high",
  what: "A resource lies in another region or account than the stage's, names things there, or does not say where it lies.",
  why: "Data residency is lost by one provider argument.",
  fix: "State the region once, in the provider, and name only what lies in the stage's regions and accounts.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    region: "The resource's region is not the stage's.",
    mixed: "The resource states another region than its provider.",
    unstated: "The region is stated nowhere, so that it is taken from the environment.",
    arn: "An ARN names another region.",
    account: "An ARN names another account.",
  } satisfies Record<Check, string>,
  settings: ["regions", "accounts", "registryAccounts", "readerAccounts"],
  resource: {
    reads: reads(classic, "region"),
    every: ["aws:", "aws-native:"],
    judge(subject, { settings, report }) {
      if (!GLOBAL.test(subject.type)) judgeStated(subject, settings.regions, report);
      judgeListed(subject, settings, report);
    },
  },
  stack: {
    types: [],
    reads: {},
    whole(graph, { settings, at }) {
      judgeOneOnly(graph, settings, at);
    },
  },
});

/** The resource's own statement, which aws-native does not have, before the provider's. */
function stated(subject: Subject): { readonly own: Reading; readonly provider: Reading } {
  const own = isNative(subject.type) ? ({ state: "absent", path: "region" } as const) : subject.top("region");
  return { own, provider: { ...subject.provider("region"), path: PROVIDER } };
}

function judgeStated(subject: Subject, regions: readonly string[], report: Reporter<Check>): void {
  const { own, provider } = stated(subject);
  const limit = regions.length > 0 ? oneOf(regions) : "a region";
  const fix = "Set the region in the provider, as the program's configuration.";
  if (own.state === "absent" && provider.state === "absent") {
    report.fault({ check: "unstated", path: PROVIDER, value: show(undefined), limit, fix });
    return;
  }
  for (const reading of [own, provider]) {
    if (reading.state === "absent") continue;
    if (reading.state === "unknown") {
      report.waits(reading.path, limit);
      continue;
    }
    const { value } = reading;
    if (typeof value === "string" && value !== "" && (regions.length === 0 || regions.includes(value))) continue;
    report.fault({ check: "region", path: reading.path, value: show(value), limit, fix });
  }
  if (own.state === "known" && provider.state === "known" && own.value !== provider.value) {
    const mend = "Leave it out, or use a provider of that region.";
    const same = `${show(provider.value)}, as its provider's`;
    report.fault({ check: "mixed", path: own.path, value: show(own.value), limit: same, fix: mend });
  }
}

function judgeListed(subject: Subject, allowed: Allowed, report: Reporter<Check>): void {
  const { regions } = allowed;
  const accounts = accountsOf(allowed);
  if (regions.length + allowed.accounts.length === 0) return;
  const places = placesIn(subject);
  if (regions.length > 0) each(places.regions, regions, "arn", report);
  if (allowed.accounts.length > 0) each(places.accounts, accounts, "account", report);
}

function each(found: readonly Place[], allowed: readonly string[], check: Check, report: Reporter<Check>): void {
  const said = new Set<string>();
  for (const { path, value } of found) {
    if (allowed.includes(value) || said.has(`${path} ${value}`)) continue;
    said.add(`${path} ${value}`);
    const kind = check === "account" ? "account" : "region";
    const shown = `an ARN of ${kind} ${value}`;
    const fix = `Name what lies in the stage's ${kind}, or list it in ${kind}s.`;
    report.fault({ check, path, value: shown, limit: `of ${oneOf(allowed)}`, fix });
  }
}

const oneOf = (values: readonly string[]): string => (values.length > 1 ? `one of ${and(values)}` : `${values[0]}`);
const accountsOf = ({ accounts, registryAccounts, readerAccounts }: Allowed): string[] => [
  ...accounts,
  ...registryAccounts,
  ...readerAccounts,
];

interface Sighting extends Place {
  readonly node: Node;
  readonly check: Check;
}

/** Without lists: the place named most often is the stage's, and there is no other. */
function judgeOneOnly(graph: Graph, allowed: Allowed, at: (urn: string) => Reporter<Check>): void {
  const regions: Sighting[] = [];
  const accounts: Sighting[] = [];
  for (const node of graph.all()) {
    if (!/^aws(?:-native)?:/.test(node.type)) continue;
    for (const reading of GLOBAL.test(node.type) ? [] : Object.values(stated(node))) {
      const value = textOf(reading);
      if (value !== undefined) regions.push({ path: reading.path, value, node, check: "region" });
    }
    const places = placesIn(node);
    regions.push(...places.regions.map((place) => ({ ...place, node, check: "arn" as const })));
    const known = accountsOf(allowed);
    accounts.push(
      ...places.accounts
        .filter(({ value }) => !known.includes(value))
        .map((place) => ({ ...place, node, check: "account" as const })),
    );
  }
  if (allowed.regions.length === 0) sayOthers(regions, "regions", at);
  if (allowed.accounts.length === 0) sayOthers(accounts, "accounts", at);
}

function sayOthers(
  sightings: readonly Sighting[],
  setting: "regions" | "accounts",
  at: (urn: string) => Reporter<Check>,
): void {
  const counts = [...Map.groupBy(sightings, ({ value }) => value)].map(([value, { length }]) => ({ value, length }));
  // By count, then by name, so that a tie is said alike each time.
  const [main] = counts.sort((a, b) => b.length - a.length || (a.value < b.value ? -1 : 1));
  if (!main) return;
  const said = new Set<string>();
  for (const { node, path, value, check } of sightings) {
    const key = `${node.urn} ${path} ${value}`;
    if (value === main.value || said.has(key)) continue;
    said.add(key);
    const kind = setting.slice(0, -1);
    const shown = check === "region" ? show(value) : `an ARN of ${kind} ${value}`;
    const limit = `${check === "region" ? "" : "of "}${main.value}, as in ${main.length} other ${main.length === 1 ? "place" : "places"} of the stack`;
    const fix = `Keep the stack in one ${kind}, or list those it uses in ${setting}.`;
    at(node.urn).fault({ check, path, value: shown, limit, fix });
  }
}
