/**
 * The whole life of a model, scene by scene, on the real engine and the emulators. Each scene checks itself; here what the
 * emulated AWS holds after it is asked for directly.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import {
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  ListTagsCommand,
  ListTrainingJobsCommand,
} from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { loadStage, type StageResources } from "../../../cli/stage.ts";
import { DatasetManifest, datasetDigest, manifestKey } from "../../../contracts/dataset.ts";
import { lineageKeys, packageKeys } from "../../../contracts/lineage.ts";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { readInbox } from "../../../local/walkthrough/inbox.ts";
import { type Keeper, startKeeper } from "../../../local/walkthrough/keeper-client.ts";
import { type Life, makeClients, type Submitted } from "../../../local/walkthrough/life.ts";
import { life as scenes } from "../../../local/walkthrough/scenes/index.ts";
import { servedPackage } from "../../../local/walkthrough/scenes/serving.ts";
import { leftovers, teardown } from "../../../local/walkthrough/scenes/teardown.ts";
import { openWorkspace } from "../../../local/walkthrough/workspace.ts";

describe("the life of a model", function () {
  this.timeout(240_000);
  this.bail(true);
  let keeper: Keeper;
  let folder: string;
  let life: Life;
  const output: string[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "life-"));
    const engine = await ensureEngine();
    const { python } = await ensureVenv();
    keeper = await startKeeper(folder);
    const workspace = await openWorkspace(folder, keeper, engine);
    // The harder way: with a key, each role that reads, writes or publishes needs its grants on it as well.
    const file = path.join(workspace.projectFolder, "Pulumi.dev.yaml");
    const settings = await readFile(file, "utf8");
    assert.match(settings, /^ {4}key: false$/m);
    await writeFile(file, settings.replace(/^ {4}key: false$/m, "    key: true"));
    const write = (text: string): void => void output.push(text);
    life = {
      kept: keeper,
      workspace,
      clients: makeClients(keeper.env),
      folder,
      python,
      found: {},
      say: write,
      raw: write,
    };
  });
  after(async () => {
    await keeper?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(output.slice(-60).join("\n"));
  });

  const play = async (id: string): Promise<void> => {
    const scene = scenes.find((candidate) => candidate.id === id);
    assert.ok(scene, `there is no scene ${id}`);
    await scene.play(life);
  };
  const dev = (): Promise<StageResources> => loadStage(life.clients.ssm, "dev");
  const describePackage = (submitted: Submitted | undefined) =>
    life.clients.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: submitted?.modelPackageArn }));

  it("deploys stage dev", async () => {
    await play("deploy");
    const resources = await dev();
    for (const bucket of [resources.dataBucket, resources.artifactBucket]) {
      const { PublicAccessBlockConfiguration: block } = await life.clients.s3.send(
        new GetPublicAccessBlockCommand({ Bucket: bucket }),
      );
      assert.deepEqual(
        { ...block },
        { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      );
    }
    const { Endpoints: endpoints } = await life.clients.sagemaker.send(new ListEndpointsCommand({}));
    assert.deepEqual(endpoints, [], "an idle stage serves nothing");
  });

  it("publishes a dataset version whose objects are those of its manifest", async () => {
    await play("data");
    const { dataBucket } = await dev();
    const version = life.found.datasetVersion ?? "";
    const object = await life.clients.s3.send(new GetObjectCommand({ Bucket: dataBucket, Key: manifestKey(version) }));
    const manifest = DatasetManifest.parse(JSON.parse((await object.Body?.transformToString()) ?? ""));
    assert.equal(version, `breast-cancer@sha256:${datasetDigest(manifest.files)}`);
    for (const file of manifest.files) {
      const key = manifestKey(version).replace("manifest.json", file.path);
      const head = await life.clients.s3.send(
        new HeadObjectCommand({ Bucket: dataBucket, Key: key, VersionId: file.versionId }),
      );
      assert.equal(head.ContentLength, file.bytes, file.path);
    }
  });

  it("trains a real model", async () => {
    await play("train");
    const job = await life.clients.sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: life.found.first?.trainingJobName }),
    );
    assert.equal(job.TrainingJobStatus, "Completed");
    const { Tags: tags } = await life.clients.sagemaker.send(new ListTagsCommand({ ResourceArn: job.TrainingJobArn }));
    assert.equal(tags?.find((tag) => tag.Key === lineageKeys.datasetVersion)?.Value, life.found.datasetVersion);
    const { bucket: Bucket, key: Key } = parseS3Uri(job.ModelArtifacts?.S3ModelArtifacts ?? "");
    const model = await life.clients.s3.send(new HeadObjectCommand({ Bucket, Key }));
    assert.equal(model.ServerSideEncryption, "aws:kms");
    assert.match(model.SSEKMSKeyId ?? "", /:alias\/frugal-dev-data$/);
  });

  it("trains the same once only, and again by force", async () => {
    await play("retrain");
    const { TrainingJobSummaries: jobs } = await life.clients.sagemaker.send(new ListTrainingJobsCommand({}));
    assert.equal(jobs?.length, 2, "three requests, one of them forced");
  });

  it("submits it: batch test, gate, one mail, one decision", async () => {
    await play("submission");
    const first = life.found.first;
    const found = await describePackage(first);
    assert.equal(found.ModelApprovalStatus, "Approved");
    assert.equal(found.ApprovalDescription, "Good enough to begin with.");
    const facts = found.CustomerMetadataProperties ?? {};
    assert.equal(facts[lineageKeys.trainingJob], first?.trainingJobName);
    assert.equal(facts[packageKeys.submittedBy], "scientist@example.com");
    assert.ok(facts[packageKeys.approvedBy]);
    const { artifactBucket } = await dev();
    const hex = facts[lineageKeys.artifactDigest]?.replace("sha256:", "");
    const model = await life.clients.s3.send(
      new ListObjectsV2Command({ Bucket: artifactBucket, Prefix: `models/sha256/${hex}/` }),
    );
    assert.deepEqual(
      model.Contents?.map((object) => object.Key),
      [`models/sha256/${hex}/model.tar.gz`],
    );
    const mails = (await readInbox(keeper.ministack, keeper.accountId)).filter((mail) =>
      mail.text.includes(first?.submissionId ?? "-"),
    );
    assert.equal(mails.length, new Set(mails.map((mail) => mail.to.join())).size, "one mail for each approver");
    const execution = await life.clients.sfn.send(new DescribeExecutionCommand({ executionArn: first?.executionArn }));
    assert.equal(execution.status, "SUCCEEDED");
  });

  it("rolls it out on the Approved event, once", async () => {
    await play("rollout");
    const { endpointName, rolloutStateMachine } = await dev();
    const endpoint = await life.clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
    assert.equal(endpoint.EndpointStatus, "InService");
    const { executions } = await life.clients.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: rolloutStateMachine }),
    );
    assert.equal(executions?.length, 1, "repeated and metadata-only events start no second rollout");
  });

  it("stops a worse model at the gate, without a mail", async () => {
    const before = (await readInbox(keeper.ministack, keeper.accountId)).length;
    await play("gate");
    const found = await describePackage(life.found.worse);
    assert.equal(found.ModelApprovalStatus, "Rejected");
    assert.ok(found.CustomerMetadataProperties?.[packageKeys.gateReasons]);
    assert.equal((await readInbox(keeper.ministack, keeper.accountId)).length, before);
  });

  it("takes a person's rejection on the page, with its reason", async () => {
    await play("rejection");
    const rejected = life.found.rejected;
    const found = await describePackage(rejected);
    assert.equal(found.ModelApprovalStatus, "Rejected");
    assert.match(found.ApprovalDescription ?? "", /nothing is gained/);
    const facts = found.CustomerMetadataProperties ?? {};
    assert.equal(facts[packageKeys.decision], "Rejected");
    assert.match(facts[packageKeys.packetDigest] ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.equal(facts[lineageKeys.trainingJob], life.found.first?.trainingJobName, "of the same training job");
    assert.notEqual(rejected?.modelPackageArn, life.found.first?.modelPackageArn);
    const { Models: models } = await life.clients.sagemaker.send(new ListModelsCommand({ NameContains: "-test-" }));
    assert.deepEqual(models, []);
  });

  it("rolls out a better one over the first", async () => {
    await play("better");
    const { endpointName } = await dev();
    const endpoint = await life.clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
    const { Tags: tags } = await life.clients.sagemaker.send(
      new ListTagsCommand({ ResourceArn: endpoint.EndpointArn }),
    );
    assert.ok(endpoint.EndpointConfigName?.endsWith(`-v${life.found.better?.modelPackageArn.split("/").at(-1)}`));
    assert.ok(tags?.some((tag) => tag.Key === "frugal:stage" && tag.Value === "dev"));
  });

  it("refuses an unapproved package in prod at preview, and takes the approved one", async () => {
    await play("prod");
    const prod = await loadStage(life.clients.ssm, "prod");
    const endpoint = await life.clients.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: prod.endpointName }),
    );
    assert.equal(endpoint.EndpointStatus, "InService");
    const { Tags: tags } = await life.clients.sagemaker.send(
      new ListTagsCommand({ ResourceArn: endpoint.EndpointArn }),
    );
    const tag = (key: string): string | undefined => tags?.find((candidate) => candidate.Key === key)?.Value;
    assert.equal(tag(lineageKeys.modelPackage), life.found.better?.modelPackageArn);
    assert.equal(tag(lineageKeys.datasetVersion), life.found.datasetVersion);
  });

  it("traces the prod endpoint back to the dataset version, and the version to every model", () => play("lineage"));

  it("verifies every link of it, and names an object that was tampered with", () => play("tampering"));

  it("moves prod to another pinned package with the old model in service until the new one is", async () => {
    const target = life.found.first?.modelPackageArn ?? "";
    const prod = await loadStage(life.clients.ssm, "prod");
    await life.workspace.pin(target);
    output.length = 0;
    await life.workspace.up("prod", life.raw);
    assert.equal(await servedPackage(life, prod.endpointName ?? ""), target);
    const steps = output.join("").split("\n");
    const at = (pattern: RegExp): number => {
      const line = steps.findIndex((step) => pattern.test(step));
      assert.notEqual(line, -1, `no step ${pattern} in\n${steps.join("\n")}`);
      return line;
    };
    const moved = at(/sagemaker:Endpoint endpoint updated/);
    for (const part of ["sagemaker:Model model", "sagemaker:EndpointConfig endpoint-config", "iam:Role serving-role"]) {
      assert.ok(at(new RegExp(`${part} created`)) < moved, `${part} is made before the endpoint moves`);
      assert.ok(at(new RegExp(`${part} delet`)) > moved, `${part} goes after the endpoint has moved`);
    }
  });

  it("destroys both stages and leaves nothing", async () => {
    await teardown.play(life);
    assert.deepEqual(await leftovers(life), []);
  });
});
