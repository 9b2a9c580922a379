/**
 * Lineage on the emulators: their events go through the recorder's own code, in another order, some lost; the reconciler
 * finds what is missing; the trace leads both ways; and whatever is tampered with is named.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  DeleteAssociationCommand,
  ListAssociationsCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { flowOnly, type NodeKind, type Trace } from "../../../cli/trace/model.ts";
import { traceSubject } from "../../../cli/trace/trace.ts";
import { verifyTrace } from "../../../cli/trace/verify/verify.ts";
import { datasetPrefix, manifestKey } from "../../../contracts/dataset.ts";
import { artifactKey } from "../../../contracts/paths.ts";
import { reconcile } from "../../../functions/reconcile-lineage/reconcile.ts";
import { subjects } from "../../../functions/reconcile-lineage/subjects.ts";
import { makeHandler } from "../../../functions/record-lineage/record.ts";
import { awsStore } from "../../../functions/record-lineage/store.ts";
import { awsTruth } from "../../../functions/record-lineage/truth.ts";
import { BUCKET, type Estate, type EventSeen, startEstate } from "../sagemaker/control-support.ts";
import { buckets, command, ENDPOINT, GROUP, live, type Made, scope, serve } from "./estate.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe("lineage on the emulators", function () {
  this.timeout(90_000);
  this.bail(true);
  let estate: Estate;
  let made: Made;
  let seen: EventSeen[];

  before(async () => {
    estate = await startEstate();
    made = await live(estate);
    seen = await estate.events((event) => /Job|Package|Endpoint State/.test(event["detail-type"]), 9);
  });
  after(() => estate?.stop());

  const record = (events: readonly EventSeen[]) => {
    const handler = makeHandler(awsTruth(estate.sagemaker, estate.s3), awsStore(estate.sagemaker), scope, silent);
    return events.reduce<Promise<unknown>>((before, event) => before.then(() => handler(event)), Promise.resolve());
  };
  const repair = (dryRun = false) => {
    const listed = subjects(estate.sagemaker, { groups: [GROUP], endpointPrefix: ENDPOINT });
    return reconcile(awsTruth(estate.sagemaker, estate.s3), awsStore(estate.sagemaker), scope, listed, { dryRun });
  };
  const trace = (subject: string): Promise<Trace> => traceSubject(estate.sagemaker, subject, buckets);
  const names = (traced: Trace, kind: NodeKind): string[] =>
    traced.nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  const faults = async (subject: string, deep = false): Promise<string[]> => {
    const checks = await verifyTrace(estate, await trace(subject), { deep, scope });
    return checks.flatMap((check) => check.faults.map((fault) => `${check.link.split(" ")[0]}: ${fault}`));
  };

  it("the recorder makes the graph from the training jobs' events alone, by hand as they were started", async () => {
    await record(seen.filter((event) => event["detail-type"].includes("Job")));
    const down = await trace(made.raw);
    assert.deepEqual(names(down, "training job"), ["first-1"]);
    assert.deepEqual(names(down, "processing job"), ["look-1"]);
    assert.deepEqual(names(await trace("first-1"), "run"), ["by hand / first"]);
    await assert.rejects(trace("sha256:".padEnd(71, "0")), /nothing is recorded about artefact sha256:000/);
  });

  it("the package's and the endpoint's events were lost: a rehearsed repair names what is missing, and adds nothing", async () => {
    const told = await repair(true);
    const again = await repair(true);
    assert.deepEqual(again.changes, told.changes);
    assert.ok(told.changes.some(({ text }) => text.includes(`${made.packageArn} ContributedTo endpoint`)));
    // SageMaker's own artefact, package and endpoint entities were joined; of entities only the approval is missing.
    assert.deepEqual(
      told.changes.filter(({ what }) => what === "entity").map(({ text }) => text.split(" ")[0]),
      ["approval"],
    );
  });

  it("the repair adds just that, once; the events, late and in any order, change nothing more", async () => {
    const missing = (await repair(true)).changes.length;
    const repaired = await repair();
    assert.equal(repaired.changes.length, missing);
    assert.deepEqual(repaired.failed, []);
    assert.deepEqual((await repair()).changes, []);
    await record([...seen].reverse());
    assert.deepEqual((await repair(true)).changes, []);
  });

  it("the trace leads from the endpoint to the data, and from the data to the endpoint", async () => {
    const up = flowOnly(await trace(ENDPOINT));
    assert.deepEqual(
      (["dataset version", "run", "training job", "artefact", "model package", "approval"] as const).map(
        (kind) => names(up, kind)[0],
      ),
      [made.version, "by hand / first", "first-1", made.digest, made.packageArn, "Approved"],
    );
    assert.deepEqual(names(up, "dataset version"), [made.version, made.raw]);
    assert.equal(up.nodes.length, 9);
    for (const subject of [
      made.raw,
      made.version,
      "first-1",
      made.jobArn,
      made.digest,
      made.digest.slice(7),
      made.packageArn,
    ])
      assert.deepEqual(names(await trace(subject), "endpoint"), [ENDPOINT], subject);
    const cut = await traceSubject(estate.sagemaker, made.raw, { ...buckets, limit: 2 });
    assert.deepEqual([cut.more.down, cut.nodes.length], [true, 3]);
  });

  it("verify finds everything in order, also with the bytes hashed anew", async () => {
    assert.deepEqual(await faults(ENDPOINT, true), []);
    assert.deepEqual(await faults(made.version), []);
  });

  it("the command says the same, in every form, and its exit code says whether all links hold", async () => {
    const frugal = await command(estate);
    const folder = await mkdtemp(path.join(tmpdir(), "trace-"));
    try {
      const picture = path.join(folder, "lineage.svg");
      const whole = await frugal("trace", "--verify", "--svg", picture);
      assert.equal(whole.code, 0, whole.stderr);
      assert.match(whole.stdout, /^endpoint {2}frugal-dev-local[\s\S]*All 8 links hold\.\n$/);
      assert.match(await readFile(picture, "utf8"), /^<svg[\s\S]*<\/svg>\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
    assert.match((await frugal("trace", made.raw, "--mermaid")).stdout, /^flowchart LR\n/);
    const undo = await overwrite(`${datasetPrefix(made.version)}train/data.csv`, "9,9\n");
    const broken = await frugal("trace", made.digest, "--verify", "--json");
    await undo();
    assert.equal(broken.code, 1);
    const { checks } = JSON.parse(broken.stdout) as { checks: { link: string; faults: string[] }[] };
    assert.deepEqual(
      checks.filter(({ faults }) => faults.length > 0).map(({ link }) => link),
      [`dataset version ${made.version}`],
    );
    const nothing = await frugal("lineage", "repair", "--dry-run");
    assert.deepEqual([nothing.code, /0 things are missing/.test(nothing.stdout)], [0, true]);
    const unknown = await frugal("trace", "nothing-of-the-kind");
    assert.deepEqual([unknown.code, unknown.stderr.includes("no endpoint and no training job")], [1, true]);
    assert.equal((await frugal("trace", "--limit", "0")).code, 2);
  });

  /** Puts other bytes over an object; answers how to take them away. */
  const overwrite = async (Key: string, Body: string): Promise<() => Promise<unknown>> => {
    const { VersionId } = await estate.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    return () => estate.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId }));
  };

  it("names what was tampered with, each time just that", async () => {
    const prefix = datasetPrefix(made.version);
    const tampered: [string, () => Promise<() => Promise<unknown>>, RegExp][] = [
      [
        "data overwritten",
        () => overwrite(`${prefix}train/data.csv`, "9,9\n"),
        /^dataset: .*data\.csv was overwritten/,
      ],
      ["data added", () => overwrite(`${prefix}train/more.csv`, "9,9\n"), /^dataset: .*more\.csv was added/],
      ["manifest overwritten", () => overwrite(manifestKey(made.version), "{}"), /^dataset: .*is no manifest/],
      ["artefact overwritten", () => overwrite(artifactKey(made.digest), "other"), /^artefact: .*was overwritten/],
      [
        "data deleted",
        async () => {
          const Key = `${prefix}test/features.csv`;
          const { VersionId } = await estate.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
          return () => estate.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId }));
        },
        /^dataset: .*features\.csv is deleted/,
      ],
      [
        "package rejected",
        async () => {
          const change = { ModelPackageArn: made.packageArn };
          await estate.sagemaker.send(new UpdateModelPackageCommand({ ...change, ModelApprovalStatus: "Rejected" }));
          return () =>
            estate.sagemaker.send(new UpdateModelPackageCommand({ ...change, ModelApprovalStatus: "Approved" }));
        },
        /^model: it is Rejected, and in service; recorded is the approval by ada@example\.com/,
      ],
    ];
    for (const [what, tamper, fault] of tampered) {
      const undo = await tamper();
      const found = (await faults(ENDPOINT)).filter((line) => !line.startsWith("record: not recorded: approval"));
      await undo();
      assert.equal(found.filter((line) => !line.startsWith("record:")).length, 1, `${what}: ${found.join("\n")}`);
      assert.match(found[0] ?? "", fault);
    }
    assert.deepEqual(await faults(ENDPOINT), []);
  });

  it("names the recorded version that is gone, though the same bytes were put back", async () => {
    const Key = `${datasetPrefix(made.version)}train/data.csv`;
    const { VersionId, Body } = await estate.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = await Body?.transformToByteArray();
    await estate.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId }));
    await estate.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes }));
    assert.match(
      (await faults(made.version)).join("\n"),
      new RegExp(`gone under the recorded version id ${VersionId}`),
    );
  });

  it("names an association that was taken away, and repair puts it back", async () => {
    const { nodes, subject } = await trace(made.packageArn);
    const { AssociationSummaries = [] } = await estate.sagemaker.send(
      new ListAssociationsCommand({ SourceArn: subject, DestinationType: "Endpoint" }),
    );
    const [edge] = AssociationSummaries;
    await estate.sagemaker.send(
      new DeleteAssociationCommand({ SourceArn: edge?.SourceArn, DestinationArn: edge?.DestinationArn }),
    );
    const told = (await faults(ENDPOINT)).filter((line) => line.startsWith("record:"));
    assert.match(told.join("\n"), /^record: not recorded: model-package .* ContributedTo endpoint .*repair/);
    assert.equal((await repair()).changes.length, 1);
    assert.equal((await trace(made.packageArn)).nodes.length, nodes.length);
  });

  it("names an endpoint that serves what is not recorded; the one before stays in its past", async () => {
    const second = await serve(estate, { version: made.version, digest: made.digest }, 2);
    const told = await faults(ENDPOINT);
    assert.ok(
      told.some((line) => line === `endpoint: it serves ${second}, which is not recorded`),
      told.join("\n"),
    );
    await repair();
    assert.deepEqual(names(await trace(ENDPOINT), "model package").sort(), [made.packageArn, second].sort());
    assert.equal(
      (await faults(ENDPOINT)).some((line) => line.startsWith("endpoint:") || line.startsWith("record:")),
      false,
    );
  });
});
