/** Brings up the model servers of a configuration. Every failure is an Error whose message is fit for FailureReason. */
import type { Front, Json } from "../../server/front.ts";
import { containersToRun, findModel, modelDataOf, packagesOf } from "../models.ts";
import { type Entry, now } from "../store.ts";
import type { Variant } from "./checks.ts";
import { variantsOf } from "./configs.ts";
import { type Fleet, type ServingVariant, stopFleet } from "./serving.ts";
import { Worker } from "./worker.ts";

/** Milliseconds a container has for one invocation (AWS: 60 s). */
const INVOCATION_MS = 60_000;

/** AWS's limits for the first healthy /ping, in seconds: serverless 180, instances 240 unless the variant says otherwise. */
function startupMs(front: Front, variant: Variant): number {
  const aws = variant.ServerlessConfig ? 180 : Number(variant.ContainerStartupHealthCheckTimeoutInSeconds ?? 240);
  return Math.min(aws, front.settings.startupSeconds) * 1000;
}

function variantOf(front: Front, endpoint: Entry, variant: Variant): ServingVariant {
  const model = findModel(front, String(variant.ModelName));
  const containers = containersToRun(front, model);
  const role = String(model.fields.ExecutionRoleArn);
  const start = async () => {
    const credentials = await front.rehearsal.assume(
      role,
      `SageMaker-${endpoint.name}`,
      endpoint.arn.replace(/:endpoint\/.*/, ":*"),
    );
    if (!credentials)
      throw new Error(
        `The execution role ARN "${role}" is invalid. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".`,
      );
    return front.run.server(containers, credentials, front.context, {
      startupMs: startupMs(front, variant),
      invocationMs: INVOCATION_MS,
    });
  };
  const idle = variant.ServerlessConfig ? front.settings.serverlessIdleSeconds * 1000 : undefined;
  return {
    name: variant.VariantName,
    weight: Number(variant.InitialVariantWeight ?? 1),
    definition: variant,
    worker: new Worker(start, idle),
  };
}

/** Starts one server per variant; all must come up, else those that did are stopped and the first reason is thrown. */
export async function bringUp(front: Front, endpoint: Entry, config: Entry): Promise<Fleet> {
  const variants = variantsOf(config).map((variant) => variantOf(front, endpoint, variant));
  const fleet: Fleet = { configName: config.name, variants };
  const results = await Promise.allSettled(variants.map((variant) => variant.worker.ready()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stopFleet(fleet);
    throw failed.reason;
  }
  for (const variant of variants) variant.worker.rest();
  return fleet;
}

/** A variant as DescribeEndpoint shows it. */
export function summaryOf(
  front: Front,
  variant: ServingVariant,
  desired: { weight?: number; count?: number } = {},
): Json {
  const { definition } = variant;
  const model = front.store.get("model", String(definition.ModelName));
  const images = model ? containersToRun(front, model).map(({ image }) => image) : [];
  const weight = desired.weight ?? variant.weight;
  return {
    VariantName: variant.name,
    ...(images.length > 0
      ? {
          DeployedImages: images.map((image) => ({
            SpecifiedImage: image,
            ResolvedImage: image,
            ResolutionTime: now(),
          })),
        }
      : {}),
    CurrentWeight: weight,
    DesiredWeight: weight,
    ...(definition.ServerlessConfig
      ? { CurrentServerlessConfig: definition.ServerlessConfig, DesiredServerlessConfig: definition.ServerlessConfig }
      : {
          CurrentInstanceCount: desired.count ?? definition.InitialInstanceCount,
          DesiredInstanceCount: desired.count ?? definition.InitialInstanceCount,
        }),
  };
}

/** The data and packages behind a configuration, for lineage. */
export function sourcesOf(front: Front, config: Entry): { uris: string[]; packages: string[] } {
  const models = variantsOf(config).map((variant) => findModel(front, String(variant.ModelName)).fields);
  return {
    uris: models.flatMap((model) => modelDataOf(front, model)),
    packages: models.flatMap((model) => packagesOf(front, model).map((entry) => entry.arn)),
  };
}
