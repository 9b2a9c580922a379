/** A world in memory for lineage: what SageMaker describes, what it made by itself, and its lineage store. */
import { createHash } from "node:crypto";
import { lineageMetadata, packageKeys } from "../../../contracts/lineage.ts";
import { entityKey } from "../../../contracts/lineage-entities.ts";
import type { StageScope } from "../../../functions/record-lineage/facts.ts";
import type { Association, FoundEntity, Store } from "../../../functions/record-lineage/store.ts";
import type { FoundJob, FoundPackage, Truth } from "../../../functions/record-lineage/truth.ts";

const sm = (rest: string): string => `arn:aws:sagemaker:us-east-1:111122223333:${rest}`;
export const scope: StageScope = {
  stage: "dev",
  dataBucket: "data",
  artifactBucket: "artifacts",
  endpointPrefix: "frugal-dev",
};
const hex = "a".repeat(64);
export const version = `churn@sha256:${hex}`;
export const digest = `sha256:${"b".repeat(64)}`;
export const jobArn = sm("training-job/first-1");
export const batchArn = sm("transform-job/batch-1");
export const packageArn = sm("model-package/frugal-dev-churn/1");
export const endpointArn = sm("endpoint/frugal-dev-churn");
const record = { datasetVersion: version, run: "first", trainingJob: "first-1", artifactDigest: digest };
const tags = { "frugal:dataset-version": version, "frugal:run": "first", "frugal:artifact-digest": digest };

/** An artifact's ARN ends in a hash of its source. */
const artifactArn = (uri: string): string => sm(`artifact/${createHash("md5").update(uri).digest("hex")}`);
const missing = (what: string): Error =>
  Object.assign(new Error(`Could not find ${what}.`), { name: "ValidationException" });

/** How CreateArtifact answers for a source that has an artifact: AWS's guide does not say. */
export type Twice = "same" | "error";

export class World implements Truth, Store {
  readonly twice: Twice;
  jobs = new Map<string, FoundJob>();
  packages = new Map<string, FoundPackage>();
  endpoints = new Map<string, { arn: string; status: string; configName: string }>();
  served = packageArn;
  #entities: (FoundEntity & { kind: string; uri: string })[] = [];
  #edges = new Map<string, Association>();
  /** Writes that are let through before one fails. */
  patience = Number.POSITIVE_INFINITY;
  calls = 0;

  constructor(twice: Twice = "same") {
    this.twice = twice;
  }

  // What happens, in the order in which it can happen.
  startJob(): void {
    const inputs = [`s3://data/datasets/churn/${hex}/train/`];
    this.jobs.set(jobArn, {
      kind: "training",
      arn: jobArn,
      status: "InProgress",
      inputs,
      outputs: ["s3://artifacts/runs"],
    });
  }
  endJob(): void {
    this.jobs.set(jobArn, { ...(this.jobs.get(jobArn) as FoundJob), status: "Completed" });
  }
  runBatch(): void {
    const inputs = [`s3://data/datasets/churn/${hex}/test/features.csv`];
    this.jobs.set(batchArn, { kind: "transform", arn: batchArn, status: "Completed", inputs, outputs: [] });
  }
  register(): void {
    const metadata = { ...lineageMetadata(record), [packageKeys.gate]: "passed" };
    this.packages.set(packageArn, { status: "Completed", approvalStatus: "PendingManualApproval", metadata });
  }
  approve(): void {
    const before = this.packages.get(packageArn) as FoundPackage;
    const decided = {
      [packageKeys.decision]: "Approved",
      [packageKeys.approvedBy]: "ada@example.com",
      [packageKeys.approvedAt]: "2026-01-02T03:04:05.000Z",
    };
    this.packages.set(packageArn, {
      ...before,
      approvalStatus: "Approved",
      approvalDescription: "Good.",
      metadata: { ...before.metadata, ...decided },
    });
  }
  deploy(): void {
    this.endpoints.set("frugal-dev-churn", {
      arn: endpointArn,
      status: "InService",
      configName: "frugal-dev-churn-v1",
    });
  }
  everything(): this {
    for (const step of [this.startJob, this.endJob, this.runBatch, this.register, this.approve, this.deploy])
      step.call(this);
    return this;
  }

  /** What SageMaker makes by itself, sooner or later. */
  automatic = {
    job: () => {
      const component = this.#put(
        "job",
        sm("experiment-trial-component/first-1-aws-training-job"),
        jobArn,
        "TrialComponent",
      );
      this.#link(this.#artifact(`s3://data/datasets/churn/${hex}/train/`, "DataSet"), component, "ContributedTo");
    },
    package: () => {
      const artifact = this.#artifact(packageArn, "ModelPackage");
      this.#link(
        this.#artifact(`s3://artifacts/models/sha256/${"b".repeat(64)}/model.tar.gz`, "Model"),
        artifact,
        "ContributedTo",
      );
      this.#link(artifact, this.#put("action", sm("action/group-1-approved"), packageArn, "Approval"), "ContributedTo");
    },
    endpoint: () => {
      this.#put("context", sm("context/frugal-dev-churn-aws-endpoint"), endpointArn, "Endpoint");
    },
  };

  async job(arn: string): Promise<FoundJob> {
    return this.jobs.get(arn) ?? this.#none(arn);
  }
  async modelPackage(arn: string): Promise<FoundPackage> {
    return this.packages.get(arn) ?? this.#none(arn);
  }
  async endpoint(name: string) {
    return this.endpoints.get(name) ?? this.#none(name);
  }
  async endpointConfig(name: string) {
    return { arn: sm(`endpoint-config/${name}`), models: [`model-of-${name}`] };
  }
  async modelPackageOf(): Promise<string | undefined> {
    return this.served;
  }
  async tagsOf(arn: string): Promise<Record<string, string>> {
    return arn === jobArn || arn === batchArn ? tags : {};
  }

  async find({ kind, sourceUri }: { kind: string; sourceUri: string }): Promise<FoundEntity[]> {
    this.calls += 1;
    return this.#entities.filter((one) => one.uri === sourceUri && one.kind === kind);
  }
  async create(entity: Parameters<Store["create"]>[0]): Promise<string> {
    this.#write();
    const there = (await this.find(entity))[0];
    if (entity.kind === "artifact" && there) {
      if (this.twice === "same") return there.arn;
      throw Object.assign(new Error("Artifact already exists"), { name: "ValidationException" });
    }
    const kind = entity.kind === "job" ? "action" : entity.kind;
    const arn = kind === "artifact" ? artifactArn(entity.sourceUri) : sm(`${kind}/${entity.name}`);
    if (this.#entities.some((one) => one.arn === arn))
      throw Object.assign(new Error(`${arn} already exists`), { name: "ValidationException" });
    this.#entities.push({
      kind: entity.kind,
      arn,
      uri: entity.sourceUri,
      type: entity.type,
      name: entity.name,
      status: entity.status,
    });
    return arn;
  }
  async setStatus(name: string, status: string): Promise<void> {
    this.#write();
    this.#entities = this.#entities.map((one) => (one.name === name ? { ...one, status } : one));
  }
  async associated(from: string, to: string): Promise<boolean> {
    this.calls += 1;
    return this.#edges.has(`${from} ${to}`);
  }
  async associate({ from, to, type }: Association): Promise<void> {
    this.#write();
    for (const end of [from, to]) if (!this.#entities.some((one) => one.arn === end)) this.#none(end);
    if (this.#edges.has(`${from} ${to}`) && this.twice === "error")
      throw Object.assign(new Error("Association already exists"), { name: "ValidationException" });
    this.#link(from, to, type);
  }
  async associationsOf(arn: string): Promise<Association[]> {
    return [...this.#edges.values()].filter(({ from, to }) => from === arn || to === arn);
  }
  async disassociate(from: string, to: string): Promise<void> {
    this.#write();
    if (!this.#edges.delete(`${from} ${to}`)) this.#none(`${from} ${to}`);
  }
  async remove({ arn }: FoundEntity): Promise<void> {
    this.#write();
    if ((await this.associationsOf(arn)).length > 0)
      throw Object.assign(new Error("Cannot delete entity with associations"), { name: "ValidationException" });
    this.#entities = this.#entities.filter((one) => one.arn !== arn);
  }

  /** The whole store, told by kinds and sources: what does not depend on who made an entity, or when. */
  graph(): string[] {
    const told = (arn: string): string => {
      const one = this.#entities.find((entity) => entity.arn === arn);
      return one ? entityKey({ kind: one.kind as "job", sourceUri: one.uri }) : `lost ${arn}`;
    };
    return [
      ...this.#entities.map((one) => told(one.arn)),
      ...[...this.#edges.values()].map(({ from, to, type }) => `${told(from)} --${type}--> ${told(to)}`),
    ].sort();
  }
  entity(uri: string, kind: string): FoundEntity[] {
    return this.#entities.filter((one) => one.uri === uri && one.kind === kind);
  }
  /** Takes an association away, as if its event had never come. */
  forget(fromUri: string, toUri: string): void {
    for (const [key, { from, to }] of this.#edges) {
      const uri = (arn: string): string | undefined => this.#entities.find((one) => one.arn === arn)?.uri;
      if (uri(from) === fromUri && uri(to) === toUri) this.#edges.delete(key);
    }
  }

  #write(): void {
    this.calls += 1;
    this.patience -= 1;
    if (this.patience < 0) throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
  }
  #none(what: string): never {
    throw missing(what);
  }
  #put(kind: string, arn: string, uri: string, type: string): string {
    if (!this.#entities.some((one) => one.arn === arn)) this.#entities.push({ kind, arn, uri, type, name: arn });
    return arn;
  }
  #artifact(uri: string, type: string): string {
    return (
      this.#entities.find((one) => one.uri === uri && one.kind === "artifact")?.arn ??
      this.#put("artifact", artifactArn(uri), uri, type)
    );
  }
  #link(from: string, to: string, type: string): void {
    const key = `${from} ${to}`;
    if (!this.#edges.has(key)) this.#edges.set(key, { from, to, type });
  }
}
