/** What recording lineage needs of the world, and how AWS provides it. */
import {
  AddAssociationCommand,
  CreateActionCommand,
  CreateArtifactCommand,
  CreateContextCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
  ListActionsCommand,
  ListArtifactsCommand,
  ListContextsCommand,
  ListTagsCommand,
  type SageMakerClient,
  UpdateActionCommand,
} from "@aws-sdk/client-sagemaker";
import { tagsOf } from "../shared/tags.ts";
import type { ActionStatus, Edge, Entity, PackageFacts } from "./graph.ts";

export interface FoundEntity {
  arn: string;
  name?: string;
  type?: string;
  status?: string;
}

export interface Ports {
  trainingJob(name: string): Promise<{ TrainingJobArn?: string; TrainingJobStatus?: string }>;
  modelPackage(arn: string): Promise<PackageFacts>;
  endpoint(name: string): Promise<{ EndpointArn?: string; EndpointStatus?: string; EndpointConfigName?: string }>;
  endpointConfig(name: string): Promise<{ EndpointConfigArn?: string }>;
  tagsOf(arn: string): Promise<Record<string, string>>;
  find(entity: Entity): Promise<FoundEntity[]>;
  /** Answers the new entity's ARN. */
  create(entity: Entity): Promise<string>;
  setStatus(actionName: string, status: ActionStatus): Promise<void>;
  associate(fromArn: string, toArn: string, type: Edge["type"]): Promise<void>;
}

export function awsPorts({ sagemaker }: { sagemaker: SageMakerClient }): Ports {
  return {
    trainingJob: (name) => sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    modelPackage: (arn) => sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })),
    endpoint: (name) => sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })),
    endpointConfig: (name) => sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })),
    tagsOf: (arn) => tagsOf((input) => sagemaker.send(new ListTagsCommand(input)), arn),
    find: (entity) => find(sagemaker, entity),
    create: (entity) => create(sagemaker, entity),
    async setStatus(actionName, status) {
      await sagemaker.send(new UpdateActionCommand({ ActionName: actionName, Status: status }));
    },
    async associate(fromArn, toArn, type) {
      await sagemaker.send(
        new AddAssociationCommand({ SourceArn: fromArn, DestinationArn: toArn, AssociationType: type }),
      );
    },
  };
}

/** One page suffices: an entity has few neighbours with the same source. */
async function find(sagemaker: SageMakerClient, { kind, sourceUri }: Entity): Promise<FoundEntity[]> {
  const query = { SourceUri: sourceUri, MaxResults: 100 };
  if (kind === "artifact") {
    const { ArtifactSummaries = [] } = await sagemaker.send(new ListArtifactsCommand(query));
    return ArtifactSummaries.flatMap(({ ArtifactArn: arn, ArtifactName: name, ArtifactType: type }) =>
      arn ? [{ arn, name, type }] : [],
    );
  }
  if (kind === "action") {
    const { ActionSummaries = [] } = await sagemaker.send(new ListActionsCommand(query));
    return ActionSummaries.flatMap(({ ActionArn: arn, ActionName: name, ActionType: type, Status: status }) =>
      arn ? [{ arn, name, type, status }] : [],
    );
  }
  const { ContextSummaries = [] } = await sagemaker.send(new ListContextsCommand(query));
  return ContextSummaries.flatMap(({ ContextArn: arn, ContextName: name, ContextType: type }) =>
    arn ? [{ arn, name, type }] : [],
  );
}

async function create(sagemaker: SageMakerClient, entity: Entity): Promise<string> {
  const { kind, name, type, sourceUri, status, properties: Properties } = entity;
  const Source = { SourceUri: sourceUri };
  const arn =
    kind === "artifact"
      ? (
          await sagemaker.send(
            new CreateArtifactCommand({ ArtifactName: name, ArtifactType: type, Source, Properties }),
          )
        ).ArtifactArn
      : kind === "action"
        ? (
            await sagemaker.send(
              new CreateActionCommand({ ActionName: name, ActionType: type, Source, Status: status, Properties }),
            )
          ).ActionArn
        : (await sagemaker.send(new CreateContextCommand({ ContextName: name, ContextType: type, Source, Properties })))
            .ContextArn;
  if (arn === undefined) throw new Error(`SageMaker answered without an ARN for the ${kind} ${name}`);
  return arn;
}
