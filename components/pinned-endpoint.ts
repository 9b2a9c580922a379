/** Deployment by commit: the endpoint serves the package that the stage's file names, and nothing else moves it. */
import * as sagemaker from "@pulumi/aws-native/sagemaker/index.js";
import * as pulumi from "@pulumi/pulumi";
import { lineageTags, parseModelPackageArn } from "../contracts/lineage.ts";
import { servingNames } from "../contracts/rollout.ts";
import { createFirst, FlowComponent } from "./shared/component.ts";
import { readObjects, runGrants } from "./shared/job-grants.ts";
import { type Site, shorten } from "./shared/naming.ts";
import { type PinnedPackage, readPinnedPackage } from "./shared/pinned-package.ts";
import { type ServiceRole, serviceRole } from "./shared/role.ts";
import type { StageSettings } from "./shared/settings.ts";
import { type Tag, tagList } from "./shared/tags.ts";

/**
 * What the pinned package says of itself, read at preview as well: tags and the role's one artefact follow from it.
 *
 * @throws when there is no such package, or its record does not hold together
 */
export async function lookUpPackage(modelPackageArn: string): Promise<PinnedPackage> {
  const found = await sagemaker.getModelPackage({ modelPackageArn });
  // The SDK's type has no keys; the provider gives the map as SageMaker has it.
  const metadata = (found.customerMetadataProperties ?? {}) as Record<string, string | undefined>;
  try {
    return readPinnedPackage(metadata, modelPackageArn);
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}

export interface PinnedEndpointArgs {
  readonly site: Site;
  /** The endpoint's name, and what the names of its models and configurations start with. */
  readonly servingPrefix: string;
  /** Literal, so that preview and policies judge the very package that the commit names. */
  readonly modelPackageArn: string;
  /** What the package says of itself: see lookUpPackage. */
  readonly pinned: PinnedPackage;
  readonly serving: StageSettings["serving"];
}

export class PinnedEndpoint extends FlowComponent {
  readonly endpointName: string;

  constructor(name: string, args: PinnedEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deployment", name, args.site, opts);
    const { version } = parseModelPackageArn(args.modelPackageArn);
    const names = servingNames(args.servingPrefix, version);
    // A configuration cannot be changed, and an old one must stand until the endpoint has moved: so its name says its content.
    const { memoryMb, maxConcurrency } = args.serving;
    const configName = shorten("endpoint", `${names.endpointConfigName}-${memoryMb}-${maxConcurrency}`);
    this.endpointName = names.endpointName;
    const tags = tagList({ ...this.tagMap(), ...lineageTags(args.pinned.lineage, args.modelPackageArn) });
    const role = this.servingRole(args, version);
    const model = this.model(args, names.modelName, role, tags);
    const config = this.config(args, configName, tags, [model, names.modelName]);
    new sagemaker.Endpoint(
      "endpoint",
      { endpointName: names.endpointName, endpointConfigName: configName, tags },
      this.part([config]),
    );
    this.registerOutputs({ endpointName: this.endpointName });
  }

  /** The served model reads exactly its own artefact: so a role is the version's own, and goes when that one no longer serves. */
  private servingRole({ site, pinned }: PinnedEndpointArgs, version: number): ServiceRole {
    const { bucket, key } = pinned.artifact;
    return serviceRole(this, "serving", {
      edition: `v${version}`,
      service: "sagemaker",
      description: `What the served model of stage ${site.stage} may do`,
      grants: [...readObjects(site, "Artifact", bucket, [key]), ...runGrants(site)],
    });
  }

  private model(args: PinnedEndpointArgs, modelName: string, role: ServiceRole, tags: Tag[]) {
    return new sagemaker.Model(
      "model",
      {
        modelName,
        executionRoleArn: role.arn,
        // The package alone says what runs: no image and no path beside it. Serverless endpoints take no network isolation.
        primaryContainer: { modelPackageName: args.modelPackageArn },
        tags,
      },
      { ...this.part([role.resource]), ...createFirst },
    );
  }

  private config(
    { serving }: PinnedEndpointArgs,
    endpointConfigName: string,
    tags: Tag[],
    [model, modelName]: readonly [sagemaker.Model, string],
  ) {
    return new sagemaker.EndpointConfig(
      "endpoint-config",
      {
        endpointConfigName,
        productionVariants: [
          {
            variantName: "AllTraffic",
            modelName,
            initialVariantWeight: 1,
            serverlessConfig: { memorySizeInMb: serving.memoryMb, maxConcurrency: serving.maxConcurrency },
          },
        ],
        tags,
      },
      { ...this.part([model]), ...createFirst },
    );
  }
}
