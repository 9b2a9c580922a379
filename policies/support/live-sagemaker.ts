/** The registry port on `@aws-sdk/client-sagemaker`. Imported only by `live.ts`, and only when something is asked. */
import {
  DescribeAutoMLJobV2Command,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
  type ModelPackageContainerDefinition,
  type ProductionVariant,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { bounded, LIVE_LIMITS, type Limits } from "./bounded.ts";
import { packageRef } from "./lineage.ts";
import type { Answer, Registry } from "./live.ts";
import { isCredentialFault, nameOf, wordsOf } from "./live-errors.ts";

/** Credentials and `AWS_ENDPOINT_URL*` come from the environment, as for any AWS tool; the region from the question. */
export function sageMakerRegistry(limits: Limits = LIVE_LIMITS): Registry {
  const clients = new Map<string, SageMakerClient>();
  const clientOf = (region: string): SageMakerClient => {
    let client = clients.get(region);
    if (!client) {
      // Tries and time limits are ours (see bounded.ts); the SDK's would multiply them.
      client = new SageMakerClient({ region, maxAttempts: 1 });
      clients.set(region, client);
    }
    return client;
  };
  const call = bounded(limits, (error) => classify(error, "").state !== "offline" || isCredentialFault(error));
  const ask = async <Facts>(
    action: string,
    question: (signal: AbortSignal) => Promise<Facts>,
  ): Promise<Answer<Facts>> => {
    try {
      return { state: "answered", facts: await call(question) };
    } catch (error) {
      return classify(error, action);
    }
  };

  return {
    modelPackage: (arn) =>
      ask("sagemaker:DescribeModelPackage", async (abortSignal) => {
        const region = packageRef(arn)?.region ?? "";
        const found = await clientOf(region).send(new DescribeModelPackageCommand({ ModelPackageName: arn }), {
          abortSignal,
        });
        return {
          approvalStatus: found.ModelApprovalStatus,
          status: found.ModelPackageStatus,
          metadata: found.CustomerMetadataProperties ?? {},
          approvalDescription: found.ApprovalDescription,
          hasQuality: Boolean(found.ModelMetrics?.ModelQuality?.Statistics?.S3Uri),
          lastModifiedBy: found.LastModifiedBy?.IamIdentity?.Arn,
          modelData: modelData(found.InferenceSpecification?.Containers),
        };
      }),
    endpointConfig: (name, region) =>
      ask("sagemaker:DescribeEndpointConfig", async (abortSignal) => {
        const found = await clientOf(region).send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }), {
          abortSignal,
        });
        return {
          models: [
            ...variants("productionVariants", found.ProductionVariants),
            ...variants("shadowProductionVariants", found.ShadowProductionVariants),
          ],
        };
      }),
    model: (name, region) =>
      ask("sagemaker:DescribeModel", async (abortSignal) => {
        const found = await clientOf(region).send(new DescribeModelCommand({ ModelName: name }), { abortSignal });
        const one = found.PrimaryContainer
          ? [{ path: "primaryContainer", package: found.PrimaryContainer.ModelPackageName }]
          : [];
        const many = (found.Containers ?? []).map((container, i) => ({
          path: `containers[${i}]`,
          package: container.ModelPackageName,
        }));
        return { containers: [...one, ...many] };
      }),
    trainingJob: (name, region) =>
      ask("sagemaker:DescribeTrainingJob", async (abortSignal) => {
        const found = await clientOf(region).send(new DescribeTrainingJobCommand({ TrainingJobName: name }), {
          abortSignal,
        });
        return {
          arn: found.TrainingJobArn,
          channels: (found.InputDataConfig ?? []).flatMap(({ DataSource }) => DataSource?.S3DataSource?.S3Uri ?? []),
        };
      }),
    autoMlJob: (name, region) =>
      ask("sagemaker:DescribeAutoMLJobV2", async (abortSignal) => {
        const found = await clientOf(region).send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name }), {
          abortSignal,
        });
        const channels = found.AutoMLJobInputDataConfig ?? [];
        return {
          arn: found.AutoMLJobArn,
          channels: channels.flatMap(({ DataSource }) => DataSource?.S3DataSource?.S3Uri ?? []),
          trainedBy: (found.BestCandidate?.CandidateSteps ?? []).flatMap((step) =>
            step.CandidateStepType === "AWS::SageMaker::TrainingJob" ? (step.CandidateStepName ?? []) : [],
          ),
        };
      }),
  };
}

function modelData(containers: readonly ModelPackageContainerDefinition[] | undefined) {
  return (containers ?? []).flatMap((container, i) => {
    const uris = [container.ModelDataUrl, container.ModelDataSource?.S3DataSource?.S3Uri].filter(
      (uri) => uri !== undefined,
    );
    // A container that brings its weights in its image, or not at all, is said too.
    return (uris.length > 0 ? uris : [undefined]).map((uri) => ({ path: `Containers[${i}]`, uri }));
  });
}

function variants(list: string, found: readonly ProductionVariant[] | undefined) {
  return (found ?? []).flatMap((variant, i) => [
    { path: `${list}[${i}].modelName`, name: variant.ModelName },
    ...(variant.InstancePools ?? []).flatMap((pool, j) =>
      pool.ModelNameOverride
        ? [{ path: `${list}[${i}].instancePools[${j}].modelNameOverride`, name: pool.ModelNameOverride }]
        : [],
    ),
  ]);
}

/**
 * Which outcome an error is. SageMaker does not model "not found" for these calls: it is a `ValidationException` whose text
 * says so ("Could not find model …", "ModelPackage … does not exist"); newer operations use `ResourceNotFound`.
 */
export function classify(error: unknown, action: string): Exclude<Answer<never>, { state: "answered" }> {
  const name = nameOf(error);
  const words = wordsOf(error);
  if (/^AccessDenied/.test(name)) return { state: "denied", action, words };
  if (/^ResourceNotFound/.test(name)) return { state: "not-found", words };
  if (name === "ValidationException" || name === "ValidationError") return { state: "not-found", words };
  return { state: "offline", words: `${name || "error"}: ${words}` };
}
