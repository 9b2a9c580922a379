/**
 * Notebooks and Studio apps stop when nobody works in them.
 *
 * A notebook instance knows no idle time of its own: its start script installs a stopper, which says so in a line of the
 * script (`# frugal-idle-stop 1`; the stopper of this project is policies/assets/idle-stop.sh). Studio has idle settings, of
 * the domain, which user profiles and spaces inherit; where the domain is not in the program they must say it themselves.
 */
import { demand, within } from "../support/demand.ts";
import { LIFECYCLE, NOTEBOOK, STUDIO, tokensOf } from "../support/families.ts";
import type { Graph, Node } from "../support/graph.ts";
import { textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";

type Check = "notebook" | "lifecycle" | "stopper" | "studio" | "timeout" | "app";
interface Orders {
  readonly idleMinutes: number;
  readonly idleMarker: string;
  readonly idleVersion: number;
  readonly lifecycles: readonly string[];
}

const DOMAINS = [STUDIO.domain, STUDIO.classicDomain];
const PROFILES = [STUDIO.userProfile, STUDIO.classicUserProfile];
const SPACES = [STUDIO.space, STUDIO.classicSpace];
const APPS = [STUDIO.app, STUDIO.classicApp];
const LIFECYCLES = [LIFECYCLE.classic];

const IDLE = "appLifecycleManagement.idleSettings";
/** The apps that can stop by themselves, with the words by which an App is of that type (botocore sagemaker, AppType). */
const STOPPING = { jupyterLabAppSettings: "JupyterLab", codeEditorAppSettings: "CodeEditor" } as const;
/** Studio's own machine, which is not billed. */
const SYSTEM = "system";

const blocks = (prefix: string) => Object.keys(STOPPING).map((app) => `${prefix}.${app}.${IDLE}`);
const USER_BLOCKS = blocks("userSettings");
const DOMAIN_BLOCKS = blocks("defaultUserSettings");
/** Shared spaces: there are none unless the domain has settings for them. */
const SHARED = "defaultSpaceSettings";
const SHARED_BLOCK = `${SHARED}.jupyterLabAppSettings.${IDLE}`;
const SPACE_BLOCKS = blocks("spaceSettings");
const LEAVES = ["lifecycleManagement", "idleTimeoutInMinutes", "maxIdleTimeoutInMinutes"] as const;
const leaves = (block: string) => [block, ...LEAVES.map((leaf) => `${block}.${leaf}`)];

export default rule({
  id: "idle-shutdown",
  group: "cost",
  severity: "high",
  what: "A notebook or a Studio app runs on when nobody works in it.",
  why: "The commonest bill in this field is a forgotten notebook.",
  fix: "Give notebooks a start script that installs the idle stopper, and Studio idle settings that are on and within the limit.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    notebook: "The notebook has no lifecycle configuration.",
    lifecycle: "The notebook's lifecycle configuration is neither in the program nor a known one.",
    stopper: "The start script does not install the idle stopper, or an old one.",
    studio: "Idle shutdown is not on.",
    timeout: "The app may be idle for too long.",
    app: "An app is declared that nothing stops when it is idle.",
  } satisfies Record<Check, string>,
  settings: ["idleMinutes", "idleMarker", "idleVersion", "lifecycles"],
  stack: {
    types: [...tokensOf(NOTEBOOK), ...tokensOf(STUDIO)],
    reads: allReads(
      reads(tokensOf(NOTEBOOK), "lifecycleConfigName"),
      reads(LIFECYCLES, "name", "onStart"),
      reads(DOMAINS, SHARED, ...[...DOMAIN_BLOCKS, SHARED_BLOCK].flatMap(leaves)),
      reads(PROFILES, ...USER_BLOCKS.flatMap(leaves)),
      reads(SPACES, "spaceSettings.appType", ...SPACE_BLOCKS.map((block) => `${block}.idleTimeoutInMinutes`)),
      reads(APPS, "appType", "resourceSpec.instanceType"),
    ),
    judge(node, { settings, report, graph }) {
      // One domain of the program is taken for the domain: which one it is stands in an id that AWS gives.
      const isInherited = graph.ofTypes(DOMAINS).length > 0;
      const { type } = node;
      if (DOMAINS.some((one) => one === type)) judgeDomain(node, settings.idleMinutes, report);
      else if (PROFILES.some((one) => one === type)) judgeProfile(node, isInherited, settings.idleMinutes, report);
      else if (SPACES.some((one) => one === type)) judgeSpace(node, isInherited, settings.idleMinutes, report);
      else if (APPS.some((one) => one === type)) judgeApp(node, isInherited, report);
      else judgeNotebook(node, graph, settings, report);
    },
  },
});

function judgeDomain(domain: Node, most: number, report: Reporter<Check>): void {
  for (const block of DOMAIN_BLOCKS) judgeBlock(domain, block, most, report);
  if (domain.one(SHARED).state !== "absent") judgeBlock(domain, SHARED_BLOCK, most, report);
}

function judgeProfile(profile: Node, isInherited: boolean, most: number, report: Reporter<Check>): void {
  for (const block of USER_BLOCKS) {
    if (isInherited && profile.one(block).state === "absent") continue;
    judgeBlock(profile, block, most, report);
  }
}

function judgeBlock(node: Node, block: string, most: number, report: Reporter<Check>): void {
  const at = (leaf: (typeof LEAVES)[number]) => node.one(`${block}.${leaf}`);
  const [management, idle, longest] = [at(LEAVES[0]), at(LEAVES[1]), at(LEAVES[2])];
  const turnOn = "Turn it on.";
  const isOn = (value: unknown) => value === "ENABLED";
  demand(management, { check: "studio", limit: "ENABLED", fix: turnOn, holds: isOn }, report);
  // What cannot be seen as a whole is said once.
  if (management.path === idle.path) return;
  for (const reading of [idle, longest]) demand(reading, timeout(most), report);
}

const timeout = (most: number) =>
  ({
    check: "timeout",
    limit: `a number of minutes up to ${most}`,
    fix: "Lower it: until then an idle app is billed.",
    holds: within(1, most),
  }) as const;

function judgeSpace(space: Node, isInherited: boolean, most: number, report: Reporter<Check>): void {
  const type = space.one("spaceSettings.appType");
  for (const [settings, app] of Object.entries(STOPPING)) {
    const reading = space.one(`spaceSettings.${settings}.${IDLE}.idleTimeoutInMinutes`);
    const isOfType = type.state !== "known" || type.value === app;
    demand(reading, { ...timeout(most), optional: isInherited || !isOfType }, report);
  }
}

function judgeApp(app: Node, isInherited: boolean, report: Reporter<Check>): void {
  if (textOf(app.one("resourceSpec.instanceType")) === SYSTEM) return;
  const type = app.one("appType");
  const names = Object.values(STOPPING);
  const isStopping = (value: unknown) => names.some((name) => name === value);
  const limit = `${names.join(" or ")}, which stop when idle`;
  const fix = "Let people start the app from a space, or use a type that stops by itself.";
  demand(type, { check: "app", limit, fix, holds: isStopping }, report);
  const written = valueIn(type);
  if (isInherited || !isStopping(written)) return;
  const inSight = `${show(written)} of a domain of this program, whose idle settings are seen`;
  report.fault({
    check: "app",
    path: type.path,
    value: show(written),
    limit: inSight,
    fix: "Declare it beside them.",
  });
}

function judgeNotebook(notebook: Node, graph: Graph, orders: Orders, report: Reporter<Check>): void {
  const reading = notebook.one("lifecycleConfigName");
  const { path, state } = reading;
  const limit = "a lifecycle configuration that installs the idle stopper";
  if (state === "absent") {
    const fix = "Give the notebook one: of its own it runs on for ever.";
    report.fault({ check: "notebook", path, value: show(undefined), limit, fix });
    return;
  }
  const value = valueIn(reading);
  if (orders.lifecycles.some((name) => name === value)) return;
  const found =
    typeof value === "string" ? graph.named(value, LIFECYCLES) : notebook.referredBy("lifecycleConfigName", LIFECYCLES);
  if (found.length === 0) {
    const known = "the name of one in this program, or of one listed in lifecycles";
    const fix = "Declare it here, or list it once it is known to stop idle notebooks.";
    if (state === "unknown") report.waits(path, known);
    else report.fault({ check: "lifecycle", path, value: show(value), limit: known, fix });
  }
  for (const lifecycle of found) judgeScript(lifecycle, orders, report);
}

function judgeScript(lifecycle: Node, { idleMarker, idleVersion }: Orders, report: Reporter<Check>): void {
  const reading = lifecycle.one("onStart");
  const path = `${lifecycle.name}: ${reading.path}`;
  const limit = `a script (in base64) with a line # ${idleMarker}${idleVersion > 0 ? ` ${idleVersion}` : ""}`;
  const fix = "Install the idle stopper when the notebook starts, and say so in that line.";
  if (reading.state === "unknown") {
    report.waits(path, limit);
    return;
  }
  const text = textOf(reading);
  const version = text === undefined ? undefined : stopperIn(Buffer.from(text, "base64").toString("utf8"), idleMarker);
  if (version !== undefined && version >= idleVersion) return;
  const value =
    text === undefined ? show(valueIn(reading)) : version === undefined ? "without it" : `of version ${version}`;
  report.fault({ check: "stopper", path, value, limit, fix });
}

/** The version of the stopper that a script says it installs; 0 where it says none, undefined where there is no such line. */
function stopperIn(script: string, marker: string): number | undefined {
  for (const line of script.split(/\r?\n/)) {
    const words = line.trim().replace(/^#\s*/, "");
    if (!words.startsWith(marker)) continue;
    const rest = words.slice(marker.length).trim();
    if (rest === "") return 0;
    if (/^\d+$/.test(rest)) return Number(rest);
  }
  return undefined;
}
