/** Endpoints: what CreateEndpoint, UpdateEndpoint and their kin accept and refuse; the work is in deploy.ts. */
import { limitExceeded, validation } from "../../server/errors.ts";
import type { Call, Front, Json, Roster } from "../../server/front.ts";
import { arnOf } from "../../server/front.ts";
import { respond, respondList } from "../listing.ts";
import { findModel, packagesOf } from "../models.ts";
import { find, newEntry } from "../resource.ts";
import type { Entry } from "../store.ts";
import { deploymentFaults } from "./checks.ts";
import { findConfig, variantsOf } from "./configs.ts";
import { firstDeployment, nextDeployment, setStatus } from "./deploy.ts";
import { summaryOf } from "./fleet.ts";
import { stopFleet } from "./serving.ts";

const KIND = "endpoint";

/** Total serverless concurrency of the account. AWS's value differs by account (10 to 1,000); this is the largest. */
const SERVERLESS_CONCURRENCY = 1_000;

const missing = (arn: string) => validation(`Could not find endpoint "${arn}".`);

const findEndpoint = (front: Front, call: Call): Entry =>
  find(front, { kind: KIND, missing }, String(call.input.EndpointName));

const statusOf = (entry: Entry): string => String(entry.fields.EndpointStatus);

/** Update, weights and Delete are all refused with this text while something is under way. */
function checkIdle(entry: Entry): void {
  if (!["InService", "Failed", "OutOfService"].includes(statusOf(entry)))
    throw validation(`Cannot update in-progress endpoint "${entry.arn}".`);
}

function checkQuota(front: Front, config: Entry, replacing?: string): void {
  const sum = (entry: Entry): number =>
    variantsOf(entry).reduce((total, variant) => total + (variant.ServerlessConfig?.MaxConcurrency ?? 0), 0);
  const asked = sum(config);
  if (asked === 0) return;
  const used = front.store
    .all(KIND)
    .filter((endpoint) => endpoint.name !== replacing)
    .map((endpoint) => front.store.get("endpoint-config", String(endpoint.fields.EndpointConfigName)))
    .reduce((total, entry) => total + (entry ? sum(entry) : 0), 0);
  if (used + asked > SERVERLESS_CONCURRENCY)
    throw limitExceeded(
      "The account-level service limit 'Maximum total concurrency that can be allocated across all serverless endpoints' is " +
        `${SERVERLESS_CONCURRENCY}, with current utilization of ${used} and a request delta of ${asked}. Please use AWS Service Quotas to ` +
        "request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    );
}

/** "the value of this parameter must be set to Approved to deploy the model" (API reference, ModelApprovalStatus). */
function checkApproved(front: Front, config: Entry): void {
  if (front.settings.unapprovedDeploy) return;
  for (const variant of variantsOf(config))
    for (const pack of packagesOf(front, findModel(front, String(variant.ModelName)).fields)) {
      const status = pack.fields.ModelApprovalStatus;
      if (pack.fields.ModelPackageVersion !== undefined && status !== "Approved")
        throw validation(
          `ModelPackage ${pack.arn} cannot be deployed: its ModelApprovalStatus is ${status}, it must be Approved.`,
        );
    }
}

function checkDeployment(front: Front, call: Call, replacing?: string): Entry {
  const config = findConfig(front, String(call.input.EndpointConfigName));
  const variants = variantsOf(config);
  for (const variant of variants) findModel(front, String(variant.ModelName));
  const faults = deploymentFaults(call.input.DeploymentConfig as Json | undefined, variants);
  if (faults.length) throw validation(faults.join(" "));
  checkApproved(front, config);
  checkQuota(front, config, replacing);
  return config;
}

function create(front: Front, call: Call): Json {
  const name = String(call.input.EndpointName);
  const arn = arnOf(front, KIND, name);
  if (front.store.get(KIND, name)) throw validation(`Cannot create already existing endpoint "${arn}".`);
  const config = checkDeployment(front, call);
  const entry = newEntry(call, KIND, name, arn, { EndpointArn: arn, EndpointStatus: "Creating" });
  front.store.add(entry);
  setStatus(front, entry, "Creating");
  void firstDeployment(front, entry, config);
  return respond(front, call, entry.fields);
}

function update(front: Front, call: Call): Json {
  const entry = findEndpoint(front, call);
  checkIdle(entry);
  if (statusOf(entry) === "Failed")
    throw validation(`Cannot update failed endpoint "${entry.arn}". Delete the endpoint and create it again.`);
  const config = checkDeployment(front, call, entry.name);
  const before = front.serving.get(entry.name)?.variants ?? [];
  if (
    before.some((old) => !old.definition.ServerlessConfig) &&
    variantsOf(config).some((variant) => variant.ServerlessConfig)
  )
    throw validation(`Cannot update endpoint "${entry.arn}" from instances to serverless. Create a new endpoint.`);
  const deployment = (call.input.DeploymentConfig ??
    (call.input.RetainDeploymentConfig === true ? entry.fields.LastDeploymentConfig : undefined)) as Json | undefined;
  if (deployment && before.length > 0) {
    const names = variantsOf(config).map((variant) => variant.VariantName);
    const absent = before.find((variant) => !names.includes(variant.name));
    if (absent)
      throw validation(
        `A deployment with DeploymentConfig needs the same variant names in both configurations; ${absent.name} is not in ${config.name}.`,
      );
  }
  void nextDeployment(front, entry, config, { deployment, retain: call.input.RetainAllVariantProperties === true });
  return respond(front, call, entry.fields);
}

function updateWeights(front: Front, call: Call): Json {
  const entry = findEndpoint(front, call);
  checkIdle(entry);
  const fleet = front.serving.get(entry.name);
  if (statusOf(entry) === "Failed" || !fleet) throw validation(`Cannot update failed endpoint "${entry.arn}".`);
  const wanted = call.input.DesiredWeightsAndCapacities as {
    VariantName: string;
    DesiredWeight?: number;
    DesiredInstanceCount?: number;
  }[];
  for (const { VariantName } of wanted)
    if (!fleet.variants.some((variant) => variant.name === VariantName))
      throw validation(`Could not find variant "${VariantName}" in endpoint "${entry.arn}".`);
  setStatus(front, entry, "Updating");
  setTimeout(() => {
    entry.fields.ProductionVariants = fleet.variants.map((variant) => {
      const change = wanted.find((item) => item.VariantName === variant.name);
      variant.weight = change?.DesiredWeight ?? variant.weight;
      return summaryOf(front, variant, { weight: variant.weight, count: change?.DesiredInstanceCount });
    });
    setStatus(front, entry, "InService");
  }, 100).unref();
  return respond(front, call, entry.fields);
}

function remove(front: Front, call: Call): undefined {
  const entry = findEndpoint(front, call);
  checkIdle(entry);
  setStatus(front, entry, "Deleting");
  const fleet = front.serving.remove(entry.name);
  const stopped = fleet ? stopFleet(fleet) : Promise.resolve();
  void stopped.finally(() => front.store.remove(entry));
}

/** Operations on endpoints. */
export const endpointOperations: Roster = {
  CreateEndpoint: create,
  UpdateEndpoint: update,
  UpdateEndpointWeightsAndCapacities: updateWeights,
  DeleteEndpoint: remove,
  DescribeEndpoint: (front, call) => respond(front, call, findEndpoint(front, call).fields),
  ListEndpoints: (front, call) => respondList(front, call, front.store.all(KIND), { status: "EndpointStatus" }),
};
