/** Artefacts by their content address, and the registry of the packages that they became. */
import * as sagemaker from "@pulumi/aws-native/sagemaker/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { artifactPrefix, sourcesPrefix, trainingPrefix } from "../contracts/paths.ts";
import { privateBucket } from "./shared/bucket.ts";
import { FlowComponent } from "./shared/component.ts";
import { writeOnce } from "./shared/grants.ts";
import { bucketName, physicalName, type Site } from "./shared/naming.ts";

export class Registry extends FlowComponent {
  readonly bucketName: string;
  readonly groupName: string;
  /** What must exist before something can be stored or registered. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: {
      readonly site: Site;
      /** What the model is called; the group is named after stage and model. */
      readonly modelName: string;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("registry", name, args.site, opts);
    const bucket = privateBucket(this, "artifacts", {
      evidence: true,
      // What was trained from what, and what came of it.
      statements: writeOnce(
        args.site,
        bucketName(args.site, "artifacts"),
        artifactPrefix,
        sourcesPrefix,
        trainingPrefix,
      ),
    });
    this.bucketName = bucket.name;
    this.groupName = physicalName(args.site, "packageGroup", args.modelName);
    const group = new sagemaker.ModelPackageGroup(
      "packages",
      {
        modelPackageGroupName: this.groupName,
        modelPackageGroupDescription: `Candidates and champions of ${args.modelName} in stage ${args.site.stage}`,
        tags: this.tags({ model: args.modelName }),
      },
      this.keptPart(),
    );
    this.ready = [bucket.resource, bucket.policy, group];
    this.registerOutputs({ bucketName: this.bucketName, groupName: this.groupName });
  }
}
