/** SageMaker's lineage store: entities by their source, associations between them. */
import {
  AddAssociationCommand,
  type AssociationEdgeType,
  CreateActionCommand,
  CreateArtifactCommand,
  CreateContextCommand,
  DeleteActionCommand,
  DeleteAssociationCommand,
  DeleteContextCommand,
  ListActionsCommand,
  ListArtifactsCommand,
  ListAssociationsCommand,
  ListContextsCommand,
  ListTrialComponentsCommand,
  type SageMakerClient,
  UpdateActionCommand,
} from "@aws-sdk/client-sagemaker";
import type { ActionStatus, Entity } from "../../contracts/lineage-entities.ts";

export interface FoundEntity {
  readonly arn: string;
  readonly name?: string;
  /** The entity's own type; "TrialComponent" for one that SageMaker made for a job. */
  readonly type?: string;
  readonly status?: string;
}

export interface Association {
  readonly from: string;
  readonly to: string;
  readonly type: string;
}

export interface Store {
  /** All that stand for the entity's source: ours, and those that SageMaker made. */
  find(entity: Pick<Entity, "kind" | "sourceUri">): Promise<FoundEntity[]>;
  /** Answers the new entity's ARN. */
  create(entity: Entity): Promise<string>;
  setStatus(actionName: string, status: ActionStatus): Promise<void>;
  associated(fromArn: string, toArn: string): Promise<boolean>;
  associate(association: Association): Promise<void>;
  /** Every association that touches the entity. */
  associationsOf(arn: string): Promise<Association[]>;
  disassociate(fromArn: string, toArn: string): Promise<void>;
  /** Removes an action or a context; SageMaker refuses while associations touch it. */
  remove(found: FoundEntity): Promise<void>;
}

export function awsStore(sagemaker: SageMakerClient): Store {
  return {
    find: (entity) => find(sagemaker, entity),
    create: (entity) => create(sagemaker, entity),
    async setStatus(ActionName, Status) {
      await sagemaker.send(new UpdateActionCommand({ ActionName, Status }));
    },
    async associated(SourceArn, DestinationArn) {
      const page = await sagemaker.send(new ListAssociationsCommand({ SourceArn, DestinationArn, MaxResults: 1 }));
      return (page.AssociationSummaries ?? []).length > 0;
    },
    async associate({ from, to, type }) {
      await sagemaker.send(
        new AddAssociationCommand({
          SourceArn: from,
          DestinationArn: to,
          AssociationType: type as AssociationEdgeType,
        }),
      );
    },
    associationsOf: async (arn) => [
      ...(await associations(sagemaker, { DestinationArn: arn })),
      ...(await associations(sagemaker, { SourceArn: arn })),
    ],
    async disassociate(SourceArn, DestinationArn) {
      await sagemaker.send(new DeleteAssociationCommand({ SourceArn, DestinationArn }));
    },
    async remove({ arn, name }) {
      if (arn.includes(":action/")) await sagemaker.send(new DeleteActionCommand({ ActionName: name }));
      else await sagemaker.send(new DeleteContextCommand({ ContextName: name }));
    },
  };
}

async function associations(
  sagemaker: SageMakerClient,
  end: { SourceArn: string } | { DestinationArn: string },
): Promise<Association[]> {
  const found: Association[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sagemaker.send(new ListAssociationsCommand({ ...end, MaxResults: 100, NextToken }));
    for (const {
      SourceArn: from,
      DestinationArn: to,
      AssociationType: type = "AssociatedWith",
    } of page.AssociationSummaries ?? [])
      if (from && to) found.push({ from, to, type });
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** One page suffices: an entity has few neighbours with the same source. */
async function find(
  sagemaker: SageMakerClient,
  { kind, sourceUri }: Pick<Entity, "kind" | "sourceUri">,
): Promise<FoundEntity[]> {
  const query = { SourceUri: sourceUri, MaxResults: 100 };
  if (kind === "artifact") {
    const { ArtifactSummaries = [] } = await sagemaker.send(new ListArtifactsCommand(query));
    return ArtifactSummaries.flatMap(({ ArtifactArn: arn, ArtifactName: name, ArtifactType: type }) =>
      arn ? [{ arn, name, type }] : [],
    );
  }
  if (kind === "context") {
    const { ContextSummaries = [] } = await sagemaker.send(new ListContextsCommand(query));
    return ContextSummaries.flatMap(({ ContextArn: arn, ContextName: name, ContextType: type }) =>
      arn ? [{ arn, name, type }] : [],
    );
  }
  const { ActionSummaries = [] } = await sagemaker.send(new ListActionsCommand(query));
  const actions = ActionSummaries.flatMap(({ ActionArn: arn, ActionName: name, ActionType: type, Status: status }) =>
    arn ? [{ arn, name, type, status }] : [],
  );
  if (kind === "action") return actions;
  const { TrialComponentSummaries = [] } = await sagemaker.send(
    new ListTrialComponentsCommand({ SourceArn: sourceUri, MaxResults: 100 }),
  );
  const components = TrialComponentSummaries.flatMap(({ TrialComponentArn: arn, TrialComponentName: name }) =>
    arn ? [{ arn, name, type: "TrialComponent" }] : [],
  );
  return [...components, ...actions];
}

async function create(sagemaker: SageMakerClient, entity: Entity): Promise<string> {
  const { kind, name, type, sourceUri, status, properties } = entity;
  const common = { Source: { SourceUri: sourceUri }, Properties: { ...properties } };
  const arn = await (async () => {
    switch (kind) {
      case "artifact":
        return (await sagemaker.send(new CreateArtifactCommand({ ArtifactName: name, ArtifactType: type, ...common })))
          .ArtifactArn;
      case "context":
        return (await sagemaker.send(new CreateContextCommand({ ContextName: name, ContextType: type, ...common })))
          .ContextArn;
      default:
        return (
          await sagemaker.send(
            new CreateActionCommand({ ActionName: name, ActionType: type, Status: status, ...common }),
          )
        ).ActionArn;
    }
  })();
  if (arn === undefined) throw new Error(`SageMaker answered without an ARN for the ${kind} ${name}`);
  return arn;
}
