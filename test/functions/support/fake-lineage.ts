/** A double of SageMaker's lineage store, with the descriptions that the recorder reads. */
import {
  AddAssociationCommand,
  CreateActionCommand,
  CreateArtifactCommand,
  CreateContextCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
  ListActionsCommand,
  ListArtifactsCommand,
  ListAssociationsCommand,
  ListContextsCommand,
  ListTagsCommand,
  ListTrialComponentsCommand,
  UpdateActionCommand,
} from "@aws-sdk/client-sagemaker";
import { awsError, FakeClient } from "./fake-client.ts";
import { account, approvedMetadata, datasetFolder, datasetVersion, jobArn, packageArn, region } from "./samples.ts";

const prefix = `arn:aws:sagemaker:${region}:${account}`;
export const endpointArn = `${prefix}:endpoint/frugal-dev-breast-cancer`;
const configArn = `${prefix}:endpoint-config/frugal-dev-breast-cancer-v7`;

interface Entity {
  arn: string;
  uri: string;
  type: string;
  name: string;
  status?: string;
}

export class FakeLineage extends FakeClient {
  readonly entities: Entity[] = [];
  readonly edges = new Set<string>();
  readonly #linked = new Set<string>();
  tags: Record<string, Record<string, string>> = {
    [jobArn]: { "frugal:dataset-version": datasetVersion, "frugal:run": "baseline" },
    [configArn]: { "frugal:model-package": packageArn },
  };
  job: object = {
    TrainingJobArn: jobArn,
    TrainingJobStatus: "Completed",
    InputDataConfig: [{ DataSource: { S3DataSource: { S3Uri: `s3://${datasetFolder}/train/` } } }],
  };
  modelPackage: object = { ModelApprovalStatus: "Approved", CustomerMetadataProperties: approvedMetadata() };
  model: object = { ModelArn: "model", PrimaryContainer: { ModelPackageName: packageArn } };
  endpoint: object = {
    EndpointArn: endpointArn,
    EndpointStatus: "InService",
    EndpointConfigName: "frugal-dev-breast-cancer-v7",
  };

  constructor() {
    super();
    this.on(DescribeTrainingJobCommand, () => this.job);
    this.on(DescribeModelPackageCommand, () => this.modelPackage);
    this.on(DescribeEndpointCommand, () => this.endpoint);
    this.on(DescribeEndpointConfigCommand, { EndpointConfigArn: configArn, ProductionVariants: [{ ModelName: "v7" }] });
    this.on(DescribeModelCommand, () => this.model);
    this.on(ListTrialComponentsCommand, ({ SourceArn }) => ({
      TrialComponentSummaries: this.#found("experiment-trial-component", SourceArn).map(({ arn, name }) => ({
        TrialComponentArn: arn,
        TrialComponentName: name,
      })),
    }));
    this.on(ListAssociationsCommand, ({ SourceArn, DestinationArn }) => ({
      AssociationSummaries: this.#linked.has(`${SourceArn} ${DestinationArn}`) ? [{ SourceArn, DestinationArn }] : [],
    }));
    this.on(ListTagsCommand, ({ ResourceArn }) => ({
      Tags: Object.entries(this.tags[ResourceArn ?? ""] ?? {}).map(([Key, Value]) => ({ Key, Value })),
    }));
    this.on(ListArtifactsCommand, ({ SourceUri }) => ({
      ArtifactSummaries: this.#found("artifact", SourceUri).map(({ arn, name, type }) => ({
        ArtifactArn: arn,
        ArtifactName: name,
        ArtifactType: type,
      })),
    }));
    this.on(ListActionsCommand, ({ SourceUri }) => ({
      ActionSummaries: this.#found("action", SourceUri).map(({ arn, name, type, status }) => ({
        ActionArn: arn,
        ActionName: name,
        ActionType: type,
        Status: status,
      })),
    }));
    this.on(ListContextsCommand, ({ SourceUri }) => ({
      ContextSummaries: this.#found("context", SourceUri).map(({ arn, name, type }) => ({
        ContextArn: arn,
        ContextName: name,
        ContextType: type,
      })),
    }));
    this.on(CreateArtifactCommand, ({ ArtifactName = "", ArtifactType = "", Source }) => {
      const entity = this.add("artifact", String(this.entities.length), Source?.SourceUri ?? "", ArtifactType);
      entity.name = ArtifactName;
      return { ArtifactArn: entity.arn };
    });
    this.on(CreateActionCommand, ({ ActionName = "", ActionType = "", Source, Status }) => {
      const arn = `${prefix}:action/${ActionName}`;
      if (this.entities.some((entity) => entity.arn === arn)) {
        return awsError("ValidationException", `Action ${ActionName} already exists`);
      }
      this.add("action", ActionName, Source?.SourceUri ?? "", ActionType, Status);
      return { ActionArn: arn };
    });
    this.on(CreateContextCommand, ({ ContextName = "", ContextType = "", Source }) => ({
      ContextArn: this.add("context", ContextName, Source?.SourceUri ?? "", ContextType).arn,
    }));
    this.on(UpdateActionCommand, ({ ActionName, Status }) => {
      const entity = this.entities.find(({ name }) => name === ActionName);
      if (!entity) return awsError("ResourceNotFound");
      entity.status = Status;
      return {};
    });
    this.on(AddAssociationCommand, ({ SourceArn, DestinationArn, AssociationType }) => {
      const short = (arn = "") => this.entities.find((entity) => entity.arn === arn)?.type ?? `unknown ${arn}`;
      const edge = `${short(SourceArn)} ${AssociationType} ${short(DestinationArn)}`;
      if (this.edges.has(edge)) return awsError("ValidationException", "Association already exists");
      this.edges.add(edge);
      this.#linked.add(`${SourceArn} ${DestinationArn}`);
      return {};
    });
  }

  add(kind: string, name: string, uri: string, type: string, status?: string): Entity {
    const entity = { arn: `${prefix}:${kind}/${name}`, uri, type, name, ...(status ? { status } : {}) };
    this.entities.push(entity);
    return entity;
  }

  #found(kind: string, uri: string | undefined): Entity[] {
    return this.entities.filter((entity) => entity.uri === uri && entity.arn.includes(`:${kind}/`));
  }
}
