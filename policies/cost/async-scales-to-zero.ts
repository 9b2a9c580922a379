/**
 * An asynchronous endpoint sleeps when there is nothing to do, and wakes when there is.
 *
 * Sleeping is a scalable target down to 0 with a policy that scales in; waking is a step policy that an alarm on
 * HasBacklogWithoutCapacity fires: target tracking alone wakes only past its backlog target (SageMaker developer guide,
 * autoscale an asynchronous endpoint).
 */
import {
  alarmsOf,
  isAbout,
  meansEndpoint,
  physicalName,
  policiesOf,
  SCALING_READS,
  scalesIn,
  scalesOut,
  type Verdict,
  worst,
} from "../support/async-scaling.ts";
import { demand } from "../support/demand.ts";
import { ENDPOINT, ENDPOINT_CONFIG, SCALABLE_TARGET, tokensOf } from "../support/families.ts";
import type { Graph, Node } from "../support/graph.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";

type Check = "failure-path" | "target" | "minimum" | "wake" | "sleep";

const CONFIG = "asyncInferenceConfig";
const FAILURES = `${CONFIG}.outputConfig.s3FailurePath`;
const VARIANTS = "productionVariants[].variantName";

export default rule({
  id: "async-scales-to-zero",
  group: "cost",
  severity: "high",
  what: "An asynchronous endpoint does not scale to zero, or does not wake when requests come.",
  why: "Without both it either never sleeps, and bills for nothing, or never wakes, and answers nobody.",
  fix: "Declare a scalable target with minCapacity 0, a policy that scales in, and a step policy fired by an alarm on HasBacklogWithoutCapacity.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    "failure-path": "What failed is written nowhere.",
    target: "There is no scalable target for the variant.",
    minimum: "The variant is never scaled to zero.",
    wake: "Nothing wakes the variant from zero.",
    sleep: "Nothing scales the variant in.",
  } satisfies Record<Check, string>,
  settings: ["warmEndpoints"],
  stack: {
    types: tokensOf(ENDPOINT_CONFIG),
    reads: allReads(
      reads(tokensOf(ENDPOINT_CONFIG), CONFIG, FAILURES, VARIANTS),
      { [ENDPOINT_CONFIG.native]: ["endpointConfigName"], [ENDPOINT_CONFIG.classic]: ["name"] },
      SCALING_READS,
    ),
    judge(node, { settings, report, graph }) {
      const config = node.one(CONFIG);
      if (config.state === "absent") return;
      if (config.state === "unknown") {
        report.waits(config.path, "known, as an asynchronous endpoint must scale to zero");
        return;
      }
      const holds = (value: unknown) => typeof value === "string" && value.startsWith("s3://");
      const fix = "Say where failures go: otherwise a request that fails is silent.";
      demand(node.one(FAILURES), { check: "failure-path", limit: "a place in S3", fix, holds }, report);
      const endpoints = graph.ofTypes(tokensOf(ENDPOINT)).filter((endpoint) => uses(endpoint, node));
      const cold = endpoints.filter((endpoint) => !isListed(endpoint, settings.warmEndpoints));
      if (endpoints.length > 0 && cold.length === 0) return;
      for (const variant of node.read(VARIANTS)) {
        if (variant.state === "unknown") report.waits(variant.path, "known, as each variant must scale to zero");
        const name = textOf(variant);
        if (name === undefined) continue;
        // Who serves a config that nothing here uses is not known; the variant is.
        const served: readonly (Node | undefined)[] = cold.length === 0 ? [undefined] : cold;
        for (const endpoint of served) judgeVariant(variant.path, name, endpoint, graph, report);
      }
    },
  },
});

function uses(endpoint: Node, config: Node): boolean {
  const name = textOf(endpoint.one("endpointConfigName"));
  if (name !== undefined) return name === physicalName(config);
  return endpoint.referredBy("endpointConfigName", [config.type]).some(({ urn }) => urn === config.urn);
}

const isListed = (endpoint: Node, names: readonly string[]): boolean =>
  names.some((one) => one === physicalName(endpoint));

function judgeVariant(
  path: string,
  variant: string,
  endpoint: Node | undefined,
  graph: Graph,
  report: Reporter<Check>,
): void {
  const who = `endpoint/${(endpoint && physicalName(endpoint)) ?? endpoint?.name ?? "…"}/variant/${variant}`;
  const targets = graph.ofTypes(tokensOf(SCALABLE_TARGET));
  const about = targets.map((target) => ({ target, about: isAbout(target, endpoint, variant) }));
  const [found] = about.filter((one) => one.about === "yes");
  if (!found) {
    const limit = `scaled by a scalable target of ${who} (sagemaker:variant:DesiredInstanceCount)`;
    const hidden = about.some((one) => one.about === "unknown");
    say(hidden ? "unknown" : "no", { check: "target", path, limit, value: "scaled by none" }, report);
    return;
  }
  const { target } = found;
  const minimum = target.one("minCapacity");
  const fix = "Let it sleep, or list the endpoint in warmEndpoints, where its cost is in the bill.";
  const least = { ...minimum, path: `${target.name}: ${minimum.path}` };
  demand(least, { check: "minimum", limit: "0", fix, holds: (value) => value === 0 }, report);

  const policies = policiesOf(target, graph);
  const waking = policies.map((policy) => {
    const steps = scalesOut(policy);
    if (steps === "no") return "no";
    const fired = alarmsOf(policy, graph).map((alarm) => meansEndpoint(alarm, endpoint));
    return fired.length === 0 ? "no" : worst(steps, best(fired));
  });
  const limit = `woken by a policy of type StepScaling on ${target.name} that an alarm on HasBacklogWithoutCapacity fires`;
  say(best(waking), { check: "wake", path, limit, value: "woken by nothing" }, report);
  const scaledIn = {
    check: "sleep",
    path,
    limit: `scaled in by a policy on ${target.name}`,
    value: "scaled in by none",
  } as const;
  say(best(policies.map((policy) => scalesIn(policy, graph))), scaledIn, report);
}

/** The most hopeful of several: one that does is enough. */
const best = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes("yes") ? "yes" : verdicts.includes("unknown") ? "unknown" : "no";

function say(
  verdict: Verdict,
  fault: { readonly check: Check; readonly path: string; readonly limit: string; readonly value: string },
  report: Reporter<Check>,
): void {
  if (verdict === "unknown") report.waits(fault.path, fault.limit);
  if (verdict === "no") report.fault({ ...fault, fix: "Declare it beside the endpoint." });
}
