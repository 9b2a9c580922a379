/**
 * What happens behind CreateEndpoint and UpdateEndpoint.
 *
 * An update is blue/green: the new fleet must come up and bake while the old one serves. When it does not, or an alarm of
 * the auto-rollback rings, the endpoint is InService again **with the old EndpointConfigName**, which callers
 * must compare with the one they asked for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { deploymentEvent, endpointEvent } from "../../events/shapes.ts";
import { failureReason, messageOf } from "../../server/errors.ts";
import type { Front, Json } from "../../server/front.ts";
import { recordDeployment } from "../lineage/automatic.ts";
import { type Entry, now } from "../store.ts";
import { ringing } from "./alarms.ts";
import { variantsOf } from "./configs.ts";
import { bringUp, sourcesOf, summaryOf } from "./fleet.ts";
import { type Fleet, stopFleet } from "./serving.ts";
import { alarmsOf, trafficSteps } from "./traffic.ts";

/** Sets the status and says so in an event. */
export function setStatus(front: Front, endpoint: Entry, status: string): void {
  endpoint.fields.EndpointStatus = status;
  endpoint.fields.LastModifiedTime = now();
  front.events.publish(endpointEvent(endpoint));
}

/** What DescribeEndpoint shows of the fleet in service and its configuration. */
function present(front: Front, endpoint: Entry, fleet: Fleet, config: Entry): void {
  const { fields } = endpoint;
  fields.EndpointConfigName = config.name;
  fields.ProductionVariants = fleet.variants.map((variant) => summaryOf(front, variant));
  const capture = config.fields.DataCaptureConfig as Json | undefined;
  fields.DataCaptureConfig = capture && {
    EnableCapture: capture.EnableCapture ?? false,
    CaptureStatus: capture.EnableCapture ? "Started" : "Stopped",
    CurrentSamplingPercentage: capture.InitialSamplingPercentage,
    DestinationS3Uri: capture.DestinationS3Uri,
    KmsKeyId: capture.KmsKeyId ?? "",
  };
  fields.AsyncInferenceConfig = config.fields.AsyncInferenceConfig;
}

function recordLineage(front: Front, endpoint: Entry, config: Entry): void {
  try {
    const { uris, packages } = sourcesOf(front, config);
    recordDeployment(front, endpoint, uris, packages);
  } catch (fault) {
    front.log(`lineage of ${endpoint.arn}: ${messageOf(fault)}`);
  }
}

/** Creating → InService, or Failed with the reason. */
export async function firstDeployment(front: Front, endpoint: Entry, config: Entry): Promise<void> {
  try {
    const fleet = await bringUp(front, endpoint, config);
    front.serving.put(endpoint.name, fleet);
    present(front, endpoint, fleet, config);
    recordLineage(front, endpoint, config);
    setStatus(front, endpoint, "InService");
  } catch (fault) {
    endpoint.fields.FailureReason = failureReason(messageOf(fault));
    setStatus(front, endpoint, "Failed");
  }
}

/** Variants of the deployment under way, all with one status. */
function pendingVariants(front: Front, fleet: Fleet | undefined, config: Entry, status: string, share: number): Json[] {
  const step = { Status: status, StartTime: now() };
  if (fleet)
    return fleet.variants.map((variant) => ({
      ...summaryOf(front, variant),
      CurrentWeight: variant.weight * share,
      VariantStatus: [step],
    }));
  return variantsOf(config).map((variant) => ({
    VariantName: variant.VariantName,
    DesiredWeight: variant.InitialVariantWeight,
    DesiredInstanceCount: variant.InitialInstanceCount,
    VariantStatus: [step],
  }));
}

function tell(
  front: Front,
  endpoint: Entry,
  config: Entry,
  fleet: Fleet | undefined,
  status: string,
  share: number,
): void {
  const summary = (endpoint.fields.PendingDeploymentSummary ?? { StartTime: now() }) as Json;
  endpoint.fields.PendingDeploymentSummary = {
    ...summary,
    EndpointConfigName: config.name,
    ProductionVariants: pendingVariants(front, fleet, config, status, share),
  };
  front.events.publish(deploymentEvent(endpoint));
}

/** Shifts traffic step by step; throws when an alarm rings while a step bakes. */
async function bake(
  front: Front,
  endpoint: Entry,
  config: Entry,
  fleet: Fleet,
  deployment: Json | undefined,
): Promise<void> {
  const alarms = alarmsOf(deployment);
  const [variant] = fleet.variants;
  const instances = Number(variant?.definition.InitialInstanceCount ?? 1);
  for (const { share, seconds } of trafficSteps(deployment, instances, Boolean(variant?.definition.ServerlessConfig))) {
    front.serving.shift(endpoint.name, fleet, share);
    if (seconds === 0 && alarms.length === 0) continue;
    tell(front, endpoint, config, fleet, "Baking", share);
    const end = Date.now() + seconds * 1000 * front.settings.waitScale;
    do {
      const rung = await ringing(front, alarms);
      if (rung.length)
        throw new Error(`The deployment was rolled back because of alarm(s) in ALARM state: ${rung.join(", ")}.`);
      await sleep(Math.max(10, Math.min(500, end - Date.now())));
    } while (Date.now() < end);
  }
}

export interface UpdateOptions {
  readonly deployment?: Json;
  /** RetainAllVariantProperties: weights and counts of variants of the same name stay. */
  readonly retain: boolean;
}

/** Updating → InService with the new configuration, or with the old one and a FailureReason. */
export async function nextDeployment(
  front: Front,
  endpoint: Entry,
  config: Entry,
  options: UpdateOptions,
): Promise<void> {
  const { fields } = endpoint;
  delete fields.FailureReason;
  setStatus(front, endpoint, "Updating");
  tell(front, endpoint, config, undefined, "Creating", 0);
  let fleet: Fleet | undefined;
  try {
    fleet = await bringUp(front, endpoint, config);
    if (options.retain)
      for (const variant of fleet.variants) {
        const before = front.serving.get(endpoint.name)?.variants.find((other) => other.name === variant.name);
        if (before) variant.weight = before.weight;
      }
    tell(front, endpoint, config, fleet, "ActivatingTraffic", 0);
    await bake(front, endpoint, config, fleet, options.deployment);
    const old = front.serving.put(endpoint.name, fleet);
    present(front, endpoint, fleet, config);
    fields.LastDeploymentConfig = options.deployment;
    delete fields.PendingDeploymentSummary;
    recordLineage(front, endpoint, config);
    if (old) await stopFleet(old);
  } catch (fault) {
    front.serving.unshift(endpoint.name);
    if (fleet) await stopFleet(fleet);
    delete fields.PendingDeploymentSummary;
    fields.FailureReason = failureReason(messageOf(fault));
  }
  setStatus(front, endpoint, "InService");
}
