/** A function's time, share of the account and failures have limits that somebody wrote down. */
import { CALLER_READS, CALLS, type Caller, callersOf } from "../support/callers.ts";
import { demand, rowPaths, rows, within } from "../support/demand.ts";
import {
  EVENT_RULE,
  EVENT_TARGET,
  FUNCTION_URL,
  HTTP_API,
  INTEGRATION,
  INVOKE_CONFIG,
  PERMISSION,
  SCHEDULE,
  SOURCE_MAPPING,
  tokensOf,
} from "../support/families.ts";
import { FUNCTIONS, functionsMeant, LATEST } from "../support/functions.ts";
import type { Graph, Node } from "../support/graph.ts";
import { file, perGraph } from "../support/per-graph.ts";
import { type Reading, rootOf, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { judgeSource, SOURCE_READS } from "../support/source-queue.ts";
import { isTree } from "../support/unknown.ts";

type Check = "timeout" | "concurrency" | "failures" | "target" | "queue";

const mappings = tokensOf(SOURCE_MAPPING);
const invokeConfigs = tokensOf(INVOKE_CONFIG);
const schedules = tokensOf(SCHEDULE);
/** They call a function and are judged for nothing else. */
const doors = [...tokensOf(INTEGRATION, FUNCTION_URL, PERMISSION), HTTP_API.api, HTTP_API.classicApi];
/** Lambda's own limit, and what holds where nothing is written (Lambda developer guide, quotas). */
const MOST_SECONDS = 900;
const DEFAULT_SECONDS = 3;
const TARGET = ["arn", "deadLetterConfig.arn", "retryPolicy"] as const;

export default rule({
  id: "function-bounded",
  group: "reliability",
  severity: "medium",
  what: "A function has no time limit of its own or outlasts its caller, can take the whole account's concurrency from outside, or loses events.",
  why: "The defaults are 3 seconds, the whole account's concurrency, and events lost after two retries.",
  fix: "Write the timeout below the caller's, reserve concurrency for what is reachable from outside, and give failed events a queue.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    timeout: "The timeout is left to the default, or a caller gives up before the function does.",
    concurrency: "A function that is reachable from outside can take the whole account's concurrency.",
    failures: "Events that a function fails on are lost after two retries.",
    target: "What an event rule or a schedule cannot deliver is lost, or retried as long as the default says.",
    queue: "A message comes back to the queue while the function may still be working on it.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "checkov", ids: ["CKV_AWS_115"], note: "every function there; here those reachable from outside" },
    { source: "checkov", ids: ["CKV_AWS_116"], note: "only deadLetterConfig there; here also a failure destination" },
    {
      source: "cdk-nag",
      ids: ["NIST.800.53.R5-LambdaConcurrency", "NIST.800.53.R5-LambdaDLQ"],
      note: "every function there; here those to which it matters",
    },
  ],
  stack: {
    types: [
      ...FUNCTIONS,
      ...tokensOf({ native: EVENT_RULE.native }, EVENT_TARGET),
      ...schedules,
      ...mappings,
      ...doors,
    ],
    reads: allReads(
      CALLER_READS,
      reads(FUNCTIONS, "reservedConcurrentExecutions", "deadLetterConfig.targetArn"),
      reads(invokeConfigs, "functionName", "qualifier", "destinationConfig.onFailure.destination"),
      { [EVENT_RULE.native]: rowPaths("targets", TARGET), [EVENT_TARGET.classic]: TARGET },
      reads(schedules, ...TARGET.map((path) => `target.${path}`)),
      SOURCE_READS,
    ),
    judge(node, { report, graph }) {
      if (FUNCTIONS.includes(node.type)) judgeFunction(node, callersOf(graph).get(node.urn) ?? [], graph, report);
      else if (mappings.includes(node.type)) judgeSource(node, graph, report);
      else if (doors.includes(node.type)) judgeDoor(node, graph, report);
      else judgeTargets(node, report);
    },
  },
});

function judgeFunction(node: Node, callers: readonly Caller[], graph: Graph, report: Reporter<Check>): void {
  judgeTimeout(node.one("timeout"), callers, report);
  const outside = callers.find(({ kind }) => kind === "outside");
  if (outside) {
    const limit = `0 or more, as ${outside.words} lets callers in`;
    const fix = "Reserve what it may take; otherwise a flood of calls stops every other function of the account.";
    const reading = node.one("reservedConcurrentExecutions");
    demand(reading, { check: "concurrency", limit, fix, holds: within(0) }, report);
  }
  const asynchronous = callers.filter(({ kind }) => kind === "asynchronous");
  if (asynchronous.length > 0) judgeFailures(node, asynchronous, graph, report);
}

function judgeTimeout(reading: Reading, callers: readonly Caller[], report: Reporter<Check>): void {
  const shortest = callers.reduce<Caller | undefined>(
    (least, caller) => ((caller.limit ?? Infinity) < (least?.limit ?? Infinity) ? caller : least),
    undefined,
  );
  const seconds = (shortest?.limit ?? Infinity) / 1000;
  const isShort = seconds <= MOST_SECONDS;
  const limit = isShort
    ? `above 0 and below ${seconds}, as ${shortest?.words} waits no longer`
    : `above 0 and up to ${MOST_SECONDS}`;
  const fix = `Write how long it may take; the default is ${DEFAULT_SECONDS} seconds.`;
  const holds = (value: unknown) => within(1, MOST_SECONDS)(value) && (!isShort || Number(value) < seconds);
  demand(reading, { check: "timeout", limit, fix, holds }, report);
}

function judgeFailures(node: Node, callers: readonly Caller[], graph: Graph, report: Reporter<Check>): void {
  const own = node.one("deadLetterConfig.targetArn");
  if (own.state === "unknown" && !node.derives("deadLetterConfig"))
    report.waits(own.path, "the ARN of a queue or topic");
  if (own.state === "unknown" || textOf(own) !== undefined) return;
  const kept = failureConfigs(graph).get(node.urn) ?? [];
  // A configuration holds for one version or alias.
  const lost = callers.find(
    (caller) => !kept.some(({ qualifier }) => !qualifier || !caller.qualifier || qualifier === caller.qualifier),
  );
  if (!lost) return;
  const path = own.path;
  const value = show(valueIn(own));
  const at = lost.qualifier === undefined || lost.qualifier === LATEST ? "" : ` for ${lost.qualifier}`;
  const limit = `the ARN of a queue or topic, or beside a failure destination${at}, as ${lost.words} does not wait`;
  const fix = "Keep the events that it fails on; after two retries they are gone.";
  report.fault({ check: "failures", path, value, limit, fix });
}

interface Kept {
  readonly qualifier: string | undefined;
}

/** By function: the versions and aliases whose failed events go somewhere. */
const failureConfigs = perGraph((graph): ReadonlyMap<string, readonly Kept[]> => {
  const byUrn = new Map<string, Kept[]>();
  for (const config of graph.ofTypes(invokeConfigs)) {
    const destination = config.one("destinationConfig.onFailure.destination");
    if (destination.state !== "unknown" && textOf(destination) === undefined) continue;
    const written = config.one("qualifier");
    for (const { node, qualifier } of functionsMeant(config.one("functionName"), config, graph)) {
      const known = textOf(written) ?? qualifier;
      file(byUrn, node.urn, { qualifier: written.state === "unknown" ? undefined : known });
    }
  }
  return byUrn;
});

function judgeTargets(node: Node, report: Reporter<Check>): void {
  if (node.type === EVENT_RULE.native) {
    const { rows: targets, unseen } = rows(node, "targets", TARGET);
    const limit = "a list of targets with deadLetterConfig and retryPolicy";
    const fix = "Write the targets out.";
    for (const reading of unseen) demand(reading, { check: "target", limit, fix }, report);
    for (const { at } of targets) {
      judgeAim(node, at.arn, report);
      judgeTarget(at["deadLetterConfig.arn"], at.retryPolicy, report);
    }
    return;
  }
  const below = schedules.includes(node.type) ? "target." : "";
  judgeAim(node, node.one(`${below}arn`), report);
  judgeTarget(node.one(`${below}deadLetterConfig.arn`), node.one(`${below}retryPolicy`), report);
}

/** A target that is not known yet, and comes from no resource of the program, may be a function of it. */
function judgeAim(node: Node, arn: Reading, report: Reporter<Check>): void {
  if (arn.state !== "unknown" || node.derives(rootOf(arn.path))) return;
  report.waits(arn.path, "known, as a function must not lose what it starts");
}

function judgeTarget(letter: Reading, retry: Reading, report: Reporter<Check>): void {
  const keep = {
    check: "target",
    limit: "the ARN of a queue",
    fix: "Keep what cannot be delivered; otherwise it is dropped without a word.",
    holds: (value: unknown) => typeof value === "string" && value !== "",
  } as const;
  const bound = {
    check: "target",
    limit: "a number of attempts or an age in seconds",
    fix: "Say how long to try; the default is a day.",
    holds: (value: unknown) => isTree(value) && Object.keys(value).length > 0,
  } as const;
  demand(letter, keep, report);
  demand(retry, bound, report);
}

/** A caller whose function is not known yet may be what lets strangers in. */
function judgeDoor(node: Node, graph: Graph, report: Reporter<Check>): void {
  const words = "known, as a function that is called from outside needs limits of its own";
  if (tokensOf(PERMISSION).includes(node.type)) {
    const principal = node.one("principal");
    if (principal.state === "unknown") report.waits(principal.path, words);
  }
  for (const reading of node.read(CALLS[node.type] as string)) {
    if (reading.state === "unknown" && functionsMeant(reading, node, graph).length === 0)
      report.waits(reading.path, words);
  }
}
