import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { loadStage, need } from "../../../cli/stage.ts";
import { formatMermaid } from "../../../cli/trace/mermaid.ts";
import { flowOnly, type NodeKind, type Trace } from "../../../cli/trace/model.ts";
import { traceSubject } from "../../../cli/trace/trace.ts";
import { formatTree } from "../../../cli/trace/tree.ts";
import { type Check, formatChecks } from "../../../cli/trace/verify/report.ts";
import { verifyTrace } from "../../../cli/trace/verify/verify.ts";
import { datasetPrefix } from "../../../contracts/dataset.ts";
import { eventually, type Fact, from, type Life, prove, type Scene } from "../life.ts";

type Stage = "dev" | "prod";

/** What `frugal trace` does, with what it found. */
export async function trace(life: Life, stage: Stage, subject?: string): Promise<Trace> {
  const { sagemaker, ssm } = life.clients;
  const buckets = need(await loadStage(ssm, stage), "dataBucket", "artifactBucket", "endpointName");
  return traceSubject(sagemaker, subject ?? buckets.endpointName, buckets);
}

/** What `frugal trace --verify` does. */
export async function verify(life: Life, stage: Stage, traced: Trace): Promise<Check[]> {
  const { endpointName, ...buckets } = need(
    await loadStage(life.clients.ssm, stage),
    "dataBucket",
    "artifactBucket",
    "endpointName",
  );
  return verifyTrace(life.clients, traced, { deep: false, scope: { stage, ...buckets, endpointPrefix: endpointName } });
}

const named = (traced: Trace, kind: NodeKind): string[] =>
  traced.nodes.filter((node) => node.kind === kind).map(({ name }) => name);
/** From the endpoint back to the data. */
const chain = ["endpoint", "model package", "approval", "artefact", "training job", "run", "dataset version"] as const;
const broken = (checks: readonly Check[]): Check[] => checks.filter(({ faults }) => faults.length > 0);

/** Events are recorded within seconds; a scene that comes right after them waits for the last one. */
function settled(life: Life, stage: Stage): Promise<{ traced: Trace; checks: Check[] }> {
  return eventually(`whole lineage of stage ${stage}'s endpoint`, async () => {
    const traced = await trace(life, stage).catch((error: Error) => {
      if (error.message.startsWith("nothing is recorded")) return undefined;
      throw error;
    });
    if (!traced) return undefined;
    const checks = await verify(life, stage, traced);
    return broken(checks).some(({ link }) => link.startsWith("record ")) ? undefined : { traced, checks };
  });
}

export const lineage: Scene = {
  id: "lineage",
  title: "from the prod endpoint back to its data, and from the data to every model",
  async play(life): Promise<Fact[]> {
    const version = from(life.found.datasetVersion, "data");
    const approved = from(life.found.better, "better").modelPackageArn;
    const { traced: up } = await settled(life, "prod");
    for (const line of formatTree(flowOnly(up)).split("\n")) life.say(line);
    prove(named(up, "dataset version").join() === version, `the endpoint comes from ${named(up, "dataset version")}`);
    prove(named(up, "model package").join() === approved, `the endpoint serves ${named(up, "model package")}`);
    prove(named(up, "approval").includes("Approved"), "nobody approved what the endpoint serves");

    const down = await trace(life, "dev", version);
    const packages = named(down, "model package");
    const endpoints = named(down, "endpoint");
    prove(packages.length >= 3, `${version} leads to ${packages.length} packages, three were made of it`);
    prove(endpoints.length === 2, `${version} serves in ${endpoints}, not in both stages`);
    return [
      ...chain.map((kind): Fact => ({ label: kind, value: named(up, kind).join(", "), link: true })),
      { label: `${version} leads to`, value: `${packages.length} model packages, ${endpoints.join(", ")}` },
      { label: "as a flow chart", value: `${formatMermaid(flowOnly(up)).split("\n").length} lines of Mermaid` },
    ];
  },
};

export const tampering: Scene = {
  id: "tampering",
  title: "every link of the chain is verified; an object tampered with is found",
  async play(life): Promise<Fact[]> {
    const { traced, checks } = await settled(life, "prod");
    prove(broken(checks).length === 0, `before anything was touched:\n${formatChecks(checks)}`);
    for (const line of formatChecks(checks).split("\n")) life.say(line);

    const { undo, key } = await hide(life);
    const found = broken(await verify(life, "prod", traced).finally(undo));
    for (const line of formatChecks(found).split("\n")) life.say(line);
    const faults = found.flatMap((check) => check.faults);
    prove(faults.length === 1 && faults[0]?.includes(key), `verify names ${JSON.stringify(found)}, touched was ${key}`);
    const after = broken(await verify(life, "prod", traced));
    prove(after.length === 0, `after it was put back: ${formatChecks(after)}`);
    return [
      { label: "before", value: `all ${checks.length} links hold` },
      { label: "tampered with", value: key },
      { label: "verify says", value: faults[0] ?? "" },
      { label: "put back", value: "all links hold again" },
    ];
  },
};

/**
 * Deletes a published training object as the account's root, who alone may lift the bucket's policy: in a bucket with
 * versions that puts a delete marker over it. `undo` takes the marker away.
 */
async function hide(life: Life): Promise<{ key: string; undo: () => Promise<void> }> {
  const { s3, ssm } = life.clients;
  const { dataBucket: Bucket } = need(await loadStage(ssm, "dev"), "dataBucket");
  const Prefix = `${datasetPrefix(from(life.found.datasetVersion, "data"))}train/`;
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  const Key = Versions?.[0]?.Key;
  prove(Key, `${Bucket}/${Prefix} holds nothing`);
  const lifted = await liftPolicy(life, Bucket);
  const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  life.say(`root lifted the bucket's policy and deleted s3://${Bucket}/${Key}`);
  return {
    key: Key,
    undo: async () => {
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      await lifted.restore();
    },
  };
}

async function liftPolicy(life: Life, Bucket: string): Promise<{ restore: () => Promise<void> }> {
  const { s3 } = life.clients;
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  return { restore: async () => void (await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))) };
}
