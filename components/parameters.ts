/** A stage's resources by their names, so that AWS credentials and the stage's name are all that a person needs. */
import * as ssm from "@pulumi/aws-native/ssm/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../contracts/digest.ts";
import type { DatasetExpectations } from "../contracts/expectations.ts";
import { datasetParameterName, parameterName, type StageParameter } from "../contracts/parameters.ts";
import { FlowComponent } from "./shared/component.ts";
import type { Site } from "./shared/naming.ts";

/** One sentence each, as the console shows it. */
const descriptions: Readonly<Record<StageParameter, string>> = {
  dataBucket: "Bucket of the published datasets",
  artifactBucket: "Bucket of sources, training runs and artefacts",
  trainingRole: "Role of training jobs",
  trainingStateMachine: "State machine that trains, or gives back what was trained before",
  sandboxRole: "Role for interactive work",
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
      /** What the stage expects of its datasets, by their names; the command reads it before it publishes. */
      readonly datasets: Readonly<Record<string, DatasetExpectations>>;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("parameters", name, args.site, opts);
    for (const [key, value] of Object.entries(args.values) as [StageParameter, pulumi.Input<string> | undefined][]) {
      if (value !== undefined) this.parameter(key, parameterName(args.site.stage, key), descriptions[key], value);
    }
    for (const [dataset, expectations] of Object.entries(args.datasets)) {
      const description = `What is expected of dataset ${dataset} before it is published`;
      const value = canonicalJson(expectations);
      this.parameter(`dataset-${dataset}`, datasetParameterName(args.site.stage, dataset), description, value);
    }
    this.registerOutputs();
  }
  private parameter(key: string, name: string, description: string, value: pulumi.Input<string>): void {
    const tags = this.tagMap();
    new ssm.Parameter(`parameter-${key}`, { name, description, type: "String", value, tags }, this.part());
  }
}
