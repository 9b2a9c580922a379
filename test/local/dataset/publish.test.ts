/** Publishing on the emulated S3, under the bucket policy of the estate: created once, the same for ever. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { PART_BYTES } from "../../../cli/dataset/hash.ts";
import { type PublishedDataset, publishDataset, TestsFailed } from "../../../cli/dataset/publish.ts";
import { findManifest, listNames, listVersions, resolveVersion } from "../../../cli/dataset/read.ts";
import { bucketPolicy, keepObjects, writeOnce } from "../../../components/shared/grants.ts";
import { datasetPrefix, manifestKey } from "../../../contracts/dataset.ts";
import { DatasetExpectations } from "../../../contracts/expectations.ts";
import { ACCOUNT, type Bench, clientConfig, role, session, startBench, unique } from "../emulators/support.ts";

describe("frugal dataset publish", function () {
  this.timeout(60_000);
  let bench: Bench;
  let s3: S3Client;
  let bucket: string;
  let folder: string;
  before(async () => {
    bench = await startBench();
    s3 = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
  });
  after(() => bench?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "publish-"));
    bucket = unique("data");
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const site = { account: ACCOUNT, region: "us-east-1", partition: "aws" } as Parameters<typeof writeOnce>[0];
    const rules = [writeOnce, keepObjects].flatMap((rule) => rule(site, bucket, "datasets/"));
    const Policy = JSON.stringify(bucketPolicy(site, bucket, rules));
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(files: Record<string, string | Buffer>, below = folder): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(below, name)), { recursive: true });
      await writeFile(path.join(below, name), content);
    }
  }
  const publish = (more: Partial<Parameters<typeof publishDataset>[1]> = {}, client = s3): Promise<PublishedDataset> =>
    publishDataset(client, { bucket, name: "d", from: folder, createdBy: "ada", ...more });
  const flow = {
    "train/train.csv": "a,target\n1,0\n2,1\n3,1\n",
    "test/features.csv": "4\n5\n",
    "test/labels.csv": "0\n1\n",
  };
  const keys = async (): Promise<string[]> => {
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return (listed.Versions ?? []).map((version) => version.Key ?? "").sort();
  };
  const uploads = async (): Promise<number> =>
    (await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0;

  it("keeps what was published, by whom, from what, with schema, statistics and tests", async () => {
    await write(flow);
    const tests = path.join(folder, "..", `${path.basename(folder)}-tests`);
    await write({ "positive.sql": "SELECT * FROM train WHERE a <= 0" }, tests);
    try {
      const published = await publish({ tests });
      assert.ok(published.created);
      const manifest = await findManifest(s3, bucket, published.version);
      assert.equal(manifest?.createdBy, "ada");
      assert.equal(manifest?.source?.from, path.basename(folder));
      assert.deepEqual(
        manifest?.parts?.map(({ name, rows, label }) => [name, rows, label]),
        [
          ["train", 3, "target"],
          ["test_features", 2, undefined],
          ["test_labels", 2, undefined],
        ],
      );
      assert.deepEqual(
        manifest?.tests?.map(({ name, kind, rows, sha256 }) => [name, kind, rows, sha256?.length]),
        [["positive.sql", "sql", 0, 64]],
      );
      for (const file of manifest?.files ?? []) {
        const Key = datasetPrefix(published.version) + file.path;
        const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId: file.versionId }));
        const bytes = await object.Body?.transformToByteArray();
        assert.equal(
          createHash("sha256")
            .update(bytes ?? "")
            .digest("hex"),
          file.sha256,
        );
      }
    } finally {
      await rm(tests, { recursive: true });
    }
  });

  it("makes the same bytes the same version: nothing is written again", async () => {
    await write(flow);
    const first = await publish();
    const before = await keys();
    const again = await publish({ createdBy: "bob" });
    assert.deepEqual([again.version, again.created], [first.version, false]);
    assert.deepEqual(await keys(), before);
    await write({ "train/train.csv": "a,target\n1,0\n2,1\n3,0\n" });
    const other = await publish();
    assert.notEqual(other.version, first.version);
    assert.ok(other.created);
  });

  it("publishes nothing when a test fails or an expectation is broken", async () => {
    await write(flow);
    const expectations = DatasetExpectations.parse({ parts: { train: { columns: { a: { maximum: 2 } } } } });
    await assert.rejects(publish({ expectations }), (error: unknown) => {
      assert.ok(error instanceof TestsFailed);
      assert.match(error.message, /train\.a is at most 2: 1 offending row\n {4}row {2}a\n {4}3 {4}3/);
      assert.match(error.message, /nothing was published/);
      return true;
    });
    assert.deepEqual(await keys(), []);
  });

  it("finishes an interrupted publication by being run again", async () => {
    await write(flow);
    const cut = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
    let puts = 0;
    cut.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName === "PutObjectCommand" && ++puts > 2) throw new Error("the network is gone");
        return next(args);
      },
      { step: "initialize" },
    );
    await assert.rejects(publish({}, cut), /the network is gone/);
    const left = await keys();
    assert.ok(left.length >= 1 && left.every((key) => !key.endsWith("manifest.json")), left.join());
    const { total } = await listVersions(s3, bucket, "d", { limit: 10, skip: 0 });
    assert.equal(total, 0, "what has no manifest was never published");
    const published = await publish();
    assert.ok(published.created);
    assert.equal((await keys()).length, 4, "three files and the manifest, each once");
    const manifest = await findManifest(s3, bucket, published.version);
    assert.ok(manifest?.files.every((file) => file.versionId && file.checksum));
  });

  it("is one version when two publish it at once", async () => {
    await write(flow);
    const published = await Promise.all([publish(), publish(), publish()]);
    assert.equal(new Set(published.map(({ version }) => version)).size, 1);
    assert.equal(published.filter(({ created }) => created).length, 1);
    assert.equal((await keys()).length, 4);
  });

  it("uploads a large file in parts, which its checksum tells apart from any other", async () => {
    const large = randomBytes(PART_BYTES * 2 + 17);
    await write({ "blob.bin": large, "notes.txt": "" });
    const published = await publish();
    const [blob] = published.files;
    const Key = `${datasetPrefix(published.version)}blob.bin`;
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: "ENABLED" }));
    assert.equal(head.ChecksumSHA256, blob?.checksum);
    assert.match(blob?.checksum ?? "", /-3$/);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    assert.ok(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(large));
    assert.equal(await uploads(), 0);
    assert.equal((await publish()).created, false);
  });

  it("copies an S3 prefix inside S3, and finds the same version as from the folder", async () => {
    const large = randomBytes(PART_BYTES + 5);
    await write({ ...flow, "dir/blob ü+%.bin": large });
    const Bucket = unique("lake");
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const [name, Body] of Object.entries({ ...flow, "dir/blob ü+%.bin": large, ".hidden/x": "x" })) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `raw/${name}`, Body }));
    }
    const sent: string[] = [];
    const watched = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
    watched.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName ?? "");
        return next(args);
      },
      { step: "initialize" },
    );
    const copied = await publish({ from: `s3://${Bucket}/raw` }, watched);
    assert.equal(sent.filter((name) => name === "UploadPartCopyCommand").length, 2);
    assert.ok(!sent.includes("UploadPartCommand"), "no large object is sent up again");
    const manifest = await findManifest(s3, bucket, copied.version);
    assert.equal(manifest?.source?.from, `s3://${Bucket}/raw`);
    const local = await publish();
    assert.deepEqual([local.version, local.created], [copied.version, false]);
  });

  it("refuses a file that changes while it is published, and leaves nothing that refers to it", async () => {
    const file = path.join(folder, "blob.bin");
    for (const size of [1000, PART_BYTES + 1000]) {
      await writeFile(file, randomBytes(size));
      const client = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
      client.middlewareStack.add(
        (next, context) => async (args) => {
          // The first look at the target comes after hashing and before uploading.
          if (context.commandName === "HeadObjectCommand") await writeFile(file, randomBytes(size));
          return next(args);
        },
        { step: "initialize" },
      );
      await assert.rejects(publish({}, client), /blob\.bin changed while it was being published/);
    }
    assert.deepEqual(await keys(), []);
    assert.equal(await uploads(), 0);
  });

  it("refuses an object that stands at its key with other content", async () => {
    await write({ "a.txt": "right" });
    const version = (await publish({ bucket: await otherBucket() })).version;
    const Key = `${datasetPrefix(version)}a.txt`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "wrong", IfNoneMatch: "*" }));
    await assert.rejects(publish(), /a\.txt exists with other content/);
    assert.equal(await findManifest(s3, bucket, version), undefined);
  });
  async function otherBucket(): Promise<string> {
    const Bucket = unique("other");
    await s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }

  it("publishes names of every script, empty files and equal ones; follows links, leaves hidden files out", async () => {
    await write({
      "été.csv": "a\n1\n",
      "データ/空.csv": "",
      "copy/1.csv": "a\n1\n",
      ".DS_Store": "x",
      ".git/config": "x",
    });
    await symlink(path.join(folder, "été.csv"), path.join(folder, "link.csv"));
    const { files } = await publish();
    assert.deepEqual(
      files.map((file) => [file.path, file.bytes]),
      [
        ["copy/1.csv", 4],
        ["link.csv", 4],
        ["été.csv", 4],
        ["データ/空.csv", 0],
      ],
    );
  });

  it("refuses two spellings of one name, an empty folder, a name that is none, a parent that is unknown", async () => {
    await assert.rejects(publish(), /it holds no files/);
    await assert.rejects(publish({ from: path.join(folder, "none") }), /cannot read the dataset folder/);
    // In S3, as some file systems take the two for one.
    const Bucket = await otherBucket();
    for (const Key of ["é.csv".normalize("NFC"), "é.csv".normalize("NFD"), "manifest.json"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
    await assert.rejects(publish({ from: `s3://${Bucket}/` }), (error: Error) => {
      assert.match(error.message, /is the name of two files/);
      assert.match(error.message, /"manifest\.json" is the name of the version's own manifest/);
      return true;
    });
    await write({ "a.csv": "a\n1\n" });
    await assert.rejects(publish({ name: "Big_Data" }), /"Big_Data" cannot be a dataset's name/);
    const parents = [`d@sha256:${"0".repeat(64)}`, "nonsense"];
    await assert.rejects(publish({ parents }), /was never published in .*"nonsense" is not a dataset version/);
  });

  it("publishes a thousand small files in one go", async () => {
    await write(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`notes/${n}.txt`, `note ${n % 10}`])));
    const published = await publish();
    assert.equal(published.files.length, 1000);
    const manifest = await resolveVersion(s3, bucket, "d");
    assert.equal(new Set(manifest.files.map((file) => file.versionId)).size, 1000);
  });

  it("lists versions page by page, the newest first, and finds one by its first characters", async () => {
    const made: string[] = [];
    for (const n of [1, 2, 3]) {
      await write({ "a.txt": String(n) });
      made.push((await publish({ parents: made.slice(-1) })).version);
      // S3 dates objects to the second.
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    assert.deepEqual(await listNames(s3, bucket), ["d"]);
    const page = await listVersions(s3, bucket, "d", { limit: 2, skip: 1 });
    assert.equal(page.total, 3);
    assert.deepEqual(
      page.versions.map(({ version }) => version),
      [made[1], made[0]],
    );
    assert.equal((await resolveVersion(s3, bucket, "d")).version, made[2]);
    const [one = ""] = made;
    const short = one.replace("sha256:", "").slice(0, 14);
    const found = await resolveVersion(s3, bucket, short);
    assert.equal(found.version, one);
    assert.deepEqual((await resolveVersion(s3, bucket, "d")).parents, [made[1]]);
    await assert.rejects(resolveVersion(s3, bucket, "e"), /no version of e is published/);
    await assert.rejects(resolveVersion(s3, bucket, `d@${"0".repeat(20)}`), /begins with 0{20}/);
    await assert.rejects(resolveVersion(s3, bucket, "d:1"), /is not a dataset version/);
  });

  describe("a published version", () => {
    let version: string;
    let admin: S3Client;
    beforeEach(async () => {
      await write(flow);
      version = (await publish()).version;
      const roleArn = await role(bench, "lambda.amazonaws.com", [{ Action: "s3:*", Resource: "*" }]);
      const credentials = await session(bench, roleArn, "lambda.amazonaws.com");
      admin = new S3Client({ ...clientConfig(bench), credentials, forcePathStyle: true });
    });
    const denied = (work: Promise<unknown>): Promise<void> =>
      assert.rejects(work, (error: Error) => {
        assert.equal(error.name, "AccessDenied", error.message);
        return true;
      });

    it("cannot be overwritten, by a role with s3:* or by root", async () => {
      for (const Key of [manifestKey(version), `${datasetPrefix(version)}train/train.csv`]) {
        const put = new PutObjectCommand({ Bucket: bucket, Key, Body: "x" });
        for (const client of [admin, s3]) await denied(client.send(put));
        const creating = new PutObjectCommand({ Bucket: bucket, Key, Body: "x", IfNoneMatch: "*" });
        await assert.rejects(admin.send(creating), { name: "PreconditionFailed" });
      }
    });

    it("cannot be deleted, neither a version of an object nor by a delete marker", async () => {
      const Key = `${datasetPrefix(version)}train/train.csv`;
      const { VersionId } = await admin.send(new HeadObjectCommand({ Bucket: bucket, Key }));
      for (const client of [admin, s3]) {
        await denied(client.send(new DeleteObjectCommand({ Bucket: bucket, Key })));
        await denied(client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })));
      }
      await admin.send(new GetObjectCommand({ Bucket: bucket, Key }));
    });

    it("stays under Object Lock also when the policy was lifted", async () => {
      const Bucket = unique("locked");
      await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
      const DefaultRetention = { Mode: "COMPLIANCE", Days: 1 } as const;
      const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention } } as const;
      await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
      // Objects of one piece: the emulated S3 gives no retention to those uploaded in parts, as AWS does.
      const published = await publish({ bucket: Bucket });
      for (const { path: name, versionId: VersionId } of published.files) {
        const Key = `${datasetPrefix(published.version)}${name}`;
        await denied(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })));
      }
    });

    it("does not keep a role with s3:* from publishing another", async () => {
      await write({ "train/train.csv": "a,target\n7,1\n" });
      assert.ok((await publish({}, admin)).created);
    });
  });
});
