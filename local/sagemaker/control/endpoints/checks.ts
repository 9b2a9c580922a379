/** What AWS refuses in an endpoint configuration beyond the shapes. Pure; all faults are found, AWS reports the first. */
import type { Json } from "../../server/front.ts";

export type Variant = Json & {
  VariantName: string;
  ModelName?: string;
  InstanceType?: string;
  InitialInstanceCount?: number;
  InitialVariantWeight?: number;
  ServerlessConfig?: { MemorySizeInMB: number; MaxConcurrency: number; ProvisionedConcurrency?: number };
};

/** Serverless memory comes in steps of 1,024 MB (developer guide; the model only knows 1,024 to 6,144). */
const MEMORY_STEP = 1024;

/** The faults of one configuration request. */
export function configFaults(input: Json): string[] {
  const faults: string[] = [];
  const variants = (input.ProductionVariants ?? []) as Variant[];
  const shadows = (input.ShadowProductionVariants ?? []) as Variant[];
  const serverless = variants.filter((variant) => variant.ServerlessConfig);
  const names = [...variants, ...shadows].map((variant) => variant.VariantName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) faults.push(`Variant names must be unique within an endpoint configuration; ${twice} is given twice.`);
  for (const variant of variants) faults.push(...variantFaults(variant));
  if (serverless.length > 0) {
    const excluded: [boolean, string][] = [
      [variants.length > 1, "multiple production variants"],
      [shadows.length > 0, "shadow production variants"],
      [(input.DataCaptureConfig as Json | undefined)?.EnableCapture === true, "data capture"],
      [input.AsyncInferenceConfig !== undefined, "asynchronous inference"],
      [input.VpcConfig !== undefined, "VPC configuration"],
      [input.EnableNetworkIsolation === true, "network isolation"],
      [input.ExplainerConfig !== undefined, "an explainer"],
    ];
    for (const [given, what] of excluded) if (given) faults.push(`Serverless endpoints do not support ${what}.`);
  }
  if (shadows.length > 0 && variants.length !== 1)
    faults.push("Shadow production variants need exactly one production variant.");
  return faults;
}

function variantFaults(variant: Variant): string[] {
  const { VariantName: name, ServerlessConfig: serverless } = variant;
  const faults: string[] = [];
  if (serverless && (variant.InstanceType !== undefined || variant.InitialInstanceCount !== undefined))
    faults.push(
      `Variant ${name}: InstanceType and InitialInstanceCount cannot be specified together with ServerlessConfig.`,
    );
  if (!serverless && (variant.InstanceType === undefined || variant.InitialInstanceCount === undefined))
    faults.push(
      `Variant ${name}: InstanceType and InitialInstanceCount are required for a variant without ServerlessConfig.`,
    );
  if (variant.ManagedInstanceScaling !== undefined)
    faults.push("ManagedInstanceScaling is only supported for inference component endpoints.");
  if (variant.ModelName === undefined)
    faults.push(`Variant ${name}: ModelName is required; the rehearsal has no inference components.`);
  if (serverless && serverless.MemorySizeInMB % MEMORY_STEP !== 0)
    faults.push(
      `Variant ${name}: MemorySizeInMB must be 1024, 2048, 3072, 4096, 5120 or 6144, got ${serverless.MemorySizeInMB}.`,
    );
  if (serverless && (serverless.ProvisionedConcurrency ?? 0) > serverless.MaxConcurrency)
    faults.push(
      `Variant ${name}: ProvisionedConcurrency must be less than or equal to MaxConcurrency (${serverless.MaxConcurrency}).`,
    );
  return faults;
}

/** What AWS refuses in a model that is to serve serverless. */
export function serverlessModelFaults(model: Json): string[] {
  const faults: string[] = [];
  if (((model.Containers ?? []) as unknown[]).length > 1)
    faults.push("Serverless endpoints do not support inference pipelines.");
  if (model.VpcConfig !== undefined)
    faults.push("Serverless endpoints do not support models with a VPC configuration.");
  if (model.EnableNetworkIsolation === true)
    faults.push("Serverless endpoints do not support models with network isolation.");
  return faults;
}

/** What AWS refuses in a DeploymentConfig (§ deployment guardrails: sizes, one policy, enough time). */
export function deploymentFaults(deployment: Json | undefined, variants: readonly Variant[]): string[] {
  if (!deployment) return [];
  const faults: string[] = [];
  const blueGreen = deployment.BlueGreenUpdatePolicy as Json | undefined;
  const rolling = deployment.RollingUpdatePolicy as Json | undefined;
  if (blueGreen && rolling) faults.push("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified.");
  if (rolling && variants.some((variant) => variant.ServerlessConfig))
    faults.push("RollingUpdatePolicy is not supported for serverless endpoints.");
  if (rolling && variants.length > 1)
    faults.push("RollingUpdatePolicy is not supported for endpoints with multiple variants.");
  const routing = blueGreen?.TrafficRoutingConfiguration as Json | undefined;
  const percent = (size: unknown): number | undefined => {
    const { Type, Value } = (size ?? {}) as { Type?: string; Value?: number };
    return Type === "CAPACITY_PERCENT" ? Value : undefined;
  };
  if (routing?.Type === "CANARY" && !routing.CanarySize)
    faults.push("CanarySize is required for traffic routing of type CANARY.");
  if (routing?.Type === "LINEAR" && !routing.LinearStepSize)
    faults.push("LinearStepSize is required for traffic routing of type LINEAR.");
  const canary = percent(routing?.CanarySize);
  if (canary !== undefined && canary > 50)
    faults.push(`CanarySize must be less than or equal to 50% of the variant's capacity, got ${canary}%.`);
  const step = percent(routing?.LinearStepSize);
  if (step !== undefined && (step < 10 || step > 50))
    faults.push(`LinearStepSize must be 10% to 50% of the variant's capacity, got ${step}%.`);
  return faults;
}
