/** A stage's resources by their names, so that AWS credentials and the stage's name are all that a person needs. */
import * as ssm from "@pulumi/aws-native/ssm/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { parameterName, type StageParameter } from "../contracts/parameters.ts";
import { FlowComponent } from "./shared/component.ts";
import type { Site } from "./shared/naming.ts";

/** One sentence each, as the console shows it. */
const descriptions: Readonly<Record<StageParameter, string>> = {
  dataBucket: "Bucket of the published datasets",
  artifactBucket: "Bucket of sources, training runs and artefacts",
  trainingRole: "Role of training jobs",
  modelPackageGroup: "Registry of the stage's model packages",
  submissionStateMachine: "State machine that a submission starts",
  rolloutStateMachine: "State machine that rolls an approved package out",
  approvalUrl: "Where the approval page lies",
  endpointName: "Endpoint that serves the model",
};

export class Parameters extends FlowComponent {
  constructor(
    name: string,
    args: {
      readonly site: Site;
      /** Names and ARNs; never a secret. What a stage does not have is left out. */
      readonly values: Readonly<Partial<Record<StageParameter, pulumi.Input<string>>>>;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("parameters", name, args.site, opts);
    for (const [key, value] of Object.entries(args.values) as [StageParameter, pulumi.Input<string> | undefined][]) {
      if (value === undefined) continue;
      new ssm.Parameter(
        `parameter-${key}`,
        {
          name: parameterName(args.site.stage, key),
          description: descriptions[key],
          type: "String",
          value,
          tags: this.tagMap(),
        },
        this.part(),
      );
    }
    this.registerOutputs();
  }
}
