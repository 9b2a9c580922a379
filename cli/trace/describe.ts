/** Turns a lineage entity into what a person knows it as. */
import {
  DescribeActionCommand,
  DescribeArtifactCommand,
  DescribeContextCommand,
  DescribeTrialComponentCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { modelPackageArnPattern } from "../../contracts/lineage.ts";
import { entityTypes, RUN_URI } from "../../contracts/lineage-entities.ts";
import type { NodeKind, TraceNode } from "./model.ts";

/** What all four kinds of entities come to. */
interface Described {
  readonly type: string;
  readonly uri: string;
  readonly name: string;
  readonly status?: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** One Describe call. */
export async function describeNode(sagemaker: SageMakerClient, arn: string): Promise<TraceNode> {
  const found = await describe(sagemaker, arn);
  const kind = kindOf(found);
  return { arn, kind, name: nameOf(kind, found), uri: found.uri, facts: factsOf(kind, found) };
}

async function describe(sagemaker: SageMakerClient, arn: string): Promise<Described> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  if (arn.includes(":artifact/")) {
    const found = await sagemaker.send(new DescribeArtifactCommand({ ArtifactArn: arn }));
    return {
      type: found.ArtifactType ?? "",
      uri: found.Source?.SourceUri ?? "",
      name: found.ArtifactName ?? name,
      properties: found.Properties ?? {},
    };
  }
  if (arn.includes(":action/")) {
    const found = await sagemaker.send(new DescribeActionCommand({ ActionName: name }));
    return {
      type: found.ActionType ?? "",
      uri: found.Source?.SourceUri ?? "",
      name,
      status: found.Status,
      properties: found.Properties ?? {},
    };
  }
  if (arn.includes(":context/")) {
    const found = await sagemaker.send(new DescribeContextCommand({ ContextName: name }));
    return {
      type: found.ContextType ?? "",
      uri: found.Source?.SourceUri ?? "",
      name,
      properties: found.Properties ?? {},
    };
  }
  if (arn.includes(":experiment-trial-component/")) {
    const found = await sagemaker.send(new DescribeTrialComponentCommand({ TrialComponentName: name }));
    return {
      type: "TrialComponent",
      uri: found.Source?.SourceArn ?? "",
      name,
      status: found.Status?.PrimaryStatus,
      properties: {},
    };
  }
  return { type: "", uri: arn, name, properties: {} };
}

/** By what the entity stands for: SageMaker may have made it before us, under a type of its own. */
function kindOf({ type, uri }: Described): NodeKind {
  const job = /:(training|processing|transform)-job\//.exec(uri)?.[1];
  if (job) return `${job as "training" | "processing" | "transform"} job`;
  if (/^s3:\/\/[^/]+\/datasets\/[^/]+\/[0-9a-f]{64}\/manifest\.json$/.test(uri)) return "dataset version";
  if (/^s3:\/\/[^/]+\/models\/sha256\/[0-9a-f]{64}\/model\.tar\.gz$/.test(uri)) return "artefact";
  if (uri.startsWith(RUN_URI)) return "run";
  if (type === entityTypes.approval) return "approval";
  if (type === "Approval") return "status change";
  if (type === "ModelDeployment") return "deployment";
  if (modelPackageArnPattern.test(uri)) return "model package";
  if (/:endpoint\/[^/]+$/.test(uri)) return "endpoint";
  if (type === "ModelGroup") return "package group";
  if (type === "Image") return "image";
  if (type === "DataSet") return "data";
  return type === "Model" ? "model file" : "other";
}

function nameOf(kind: NodeKind, { uri, name, properties }: Described): string {
  const last = uri.slice(uri.lastIndexOf("/") + 1);
  switch (kind) {
    case "dataset version": {
      const [, dataset, hex] = /\/datasets\/([^/]+)\/([0-9a-f]{64})\//.exec(uri) ?? [];
      return `${dataset}@sha256:${hex}`;
    }
    case "artefact":
      return `sha256:${/\/([0-9a-f]{64})\//.exec(uri)?.[1]}`;
    case "run":
      return decodeURIComponent(uri.slice(RUN_URI.length));
    case "approval":
      return properties.decision ?? "?";
    case "training job":
    case "processing job":
    case "transform job":
    case "endpoint":
    case "package group":
      return last;
    case "status change":
    case "deployment":
      return name;
    default:
      return uri || name;
  }
}

function factsOf(kind: NodeKind, { status, properties }: Described): [string, string][] {
  const facts: [string, string | undefined][] =
    kind === "approval"
      ? [
          ["by", properties.decidedBy],
          ["at", properties.decidedAt],
          ["comment", properties.comment === "-" ? undefined : properties.comment],
        ]
      : kind === "artefact"
        ? [["version id", properties.versionId]]
        : kind.endsWith("job")
          ? [["status", status]]
          : [];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== "");
}
