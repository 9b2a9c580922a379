import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { copyObject } from "../../../functions/stage-artifact/copy.ts";
import { copyParts } from "../../../functions/stage-artifact/copy-plan.ts";
import { ACCOUNT, type Bench, clientConfig, role, type Statement, session, startBench, unique } from "./support.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes);

interface BucketStatement extends Statement {
  readonly Principal: unknown;
}

describe("the emulator's S3, where it is mended", function () {
  this.timeout(40_000);
  let bench: Bench;
  let root: S3Client;
  before(async () => {
    bench = await startBench();
    root = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
  });
  after(() => bench?.stop());

  const bucket = async (...statements: BucketStatement[]): Promise<string> => {
    const Bucket = unique("bucket");
    await root.send(new CreateBucketCommand({ Bucket }));
    await root.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    if (statements.length > 0) {
      const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
      const Statement = statements.map((statement) => ({ Effect: "Deny", Resource, ...statement }));
      await root.send(
        new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }),
      );
    }
    return Bucket;
  };
  const asRole = async (statements: Statement[] = [{ Action: "s3:*" }]): Promise<S3Client> => {
    const roleArn = await role(bench, "lambda.amazonaws.com", statements);
    const credentials = await session(bench, roleArn, "lambda.amazonaws.com");
    return new S3Client({ ...clientConfig(bench), credentials, forcePathStyle: true });
  };

  describe("copies", () => {
    it("carry and report the checksum that was asked for", async () => {
      const Bucket = await bucket();
      const Body = randomBytes(1000);
      await root.send(new PutObjectCommand({ Bucket, Key: "a", Body, ChecksumAlgorithm: "CRC32" }));
      const copy = new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a`, ChecksumAlgorithm: "SHA256" });
      const expected = sha256(Body).digest("base64");
      assert.equal((await root.send(copy)).CopyObjectResult?.ChecksumSHA256, expected);
      const head = await root.send(new HeadObjectCommand({ Bucket, Key: "b", ChecksumMode: "ENABLED" }));
      assert.deepEqual([head.ChecksumSHA256, head.ChecksumCRC32], [expected, undefined]);
      const VersionId = head.VersionId;
      const version = await root.send(new GetObjectCommand({ Bucket, Key: "b", VersionId, ChecksumMode: "ENABLED" }));
      assert.deepEqual([version.ChecksumSHA256, version.ChecksumCRC32], [expected, undefined]);
    });

    it("keep the source's checksum when none is asked for", async () => {
      const Bucket = await bucket();
      await root.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", ChecksumAlgorithm: "SHA256" }));
      const { CopyObjectResult } = await root.send(
        new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }),
      );
      assert.equal(CopyObjectResult?.ChecksumSHA256, sha256(Buffer.from("x")).digest("base64"));
    });

    it("refuse an occupied target when If-None-Match says so", async () => {
      const Bucket = await bucket();
      await root.send(new PutObjectCommand({ Bucket, Key: "a", Body: "new" }));
      await root.send(new PutObjectCommand({ Bucket, Key: "b", Body: "old" }));
      const copy = { Bucket, Key: "b", CopySource: `${Bucket}/a` };
      await assert.rejects(root.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" })), {
        name: "PreconditionFailed",
      });
      const kept = await root.send(new GetObjectCommand({ Bucket, Key: "b" }));
      assert.equal(await kept.Body?.transformToString(), "old");
      await root.send(new CopyObjectCommand(copy));
    });

    /** Stages bytes as the function does, in parts of 5 MiB, which is S3's smallest. */
    const stage = async (bytes: Buffer, { lie = false } = {}) => {
      const Bucket = await bucket();
      const { ETag, VersionId } = await root.send(new PutObjectCommand({ Bucket, Key: "model.tar.gz", Body: bytes }));
      const parts = copyParts(bytes.length, 1, 5 * 1024 * 1024);
      const digests = parts.map(({ first, last }) => sha256(bytes.subarray(first, last + 1)).digest("base64"));
      if (lie) digests[1] = digests[0] ?? "";
      const request = {
        source: { bucket: Bucket, key: "model.tar.gz", etag: ETag ?? "", versionId: VersionId ?? "" },
        target: { bucket: Bucket, key: "copy" },
        digests: { hex: sha256(bytes).digest("hex"), parts: digests, bytes: bytes.length },
        parts,
      };
      return { Bucket, digests, request };
    };

    it("in parts report each part's checksum, and the object has the composite", async () => {
      const bytes = randomBytes(11 * 1024 * 1024);
      const { Bucket, digests, request } = await stage(bytes);
      await copyObject(root, request);
      assert.equal(digests.length, 3);
      const head = await root.send(new HeadObjectCommand({ Bucket, Key: "copy", ChecksumMode: "ENABLED" }));
      const composite = sha256(Buffer.concat(digests.map((digest) => Buffer.from(digest, "base64")))).digest("base64");
      assert.deepEqual(
        [head.ContentLength, head.ChecksumSHA256, head.ChecksumType, head.Metadata?.["frugal-sha256"]],
        [bytes.length, `${composite}-3`, "COMPOSITE", request.digests.hex],
      );
      await assert.rejects(copyObject(root, request), { name: "PreconditionFailed" });
    });

    it("in parts show a part that differs", async () => {
      const { Bucket, request } = await stage(randomBytes(6 * 1024 * 1024), { lie: true });
      await assert.rejects(copyObject(root, request), { name: "ArtifactChanged", message: /copy part 2 has SHA-256/ });
      await assert.rejects(root.send(new HeadObjectCommand({ Bucket, Key: "copy" })), { name: "NotFound" });
    });
  });

  describe("bucket policies", () => {
    it("that deny clear transport let a role through", async () => {
      const clear = { Bool: { "aws:SecureTransport": "false" } };
      const Bucket = await bucket({ Principal: "*", Action: "s3:*", Condition: clear });
      const granted = await asRole();
      await granted.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
      assert.equal((await root.send(new HeadObjectCommand({ Bucket, Key: "k" }))).ContentLength, 1);
      const ungranted = await asRole([]);
      await assert.rejects(ungranted.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" })), {
        name: "AccessDenied",
        message: /no identity-based policy allows the s3:PutObject action/,
      });
    });

    it("that deny TLS, for contrast, shut a role and root out", async () => {
      const secure = { Bool: { "aws:SecureTransport": "true" } };
      const Bucket = await bucket({ Principal: "*", Action: "s3:PutObject", Condition: secure });
      for (const client of [await asRole(), root]) {
        await assert.rejects(client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" })), {
          name: "AccessDenied",
          message: /with an explicit deny in a resource-based policy/,
        });
      }
    });

    describe("that demand creating writes", () => {
      const condition = { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } };
      const fixture = () => bucket({ Principal: "*", Action: "s3:PutObject", Condition: condition });
      const denied = { name: "AccessDenied", message: /with an explicit deny in a resource-based policy/ };

      for (const who of ["a role", "root"]) {
        it(`hold for PutObject by ${who}`, async () => {
          const Bucket = await fixture();
          const client = who === "root" ? root : await asRole();
          const put = { Bucket, Key: "k", Body: "x" };
          await assert.rejects(client.send(new PutObjectCommand(put)), denied);
          await client.send(new PutObjectCommand({ ...put, IfNoneMatch: "*" }));
          await assert.rejects(client.send(new PutObjectCommand({ ...put, IfNoneMatch: "*" })), {
            name: "PreconditionFailed",
          });
        });
      }

      it("hold for CopyObject", async () => {
        const Bucket = await fixture();
        const client = await asRole();
        await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", IfNoneMatch: "*" }));
        const copy = { Bucket, Key: "b", CopySource: `${Bucket}/a` };
        await assert.rejects(client.send(new CopyObjectCommand(copy)), denied);
        await client.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" }));
      });

      it("hold for CompleteMultipartUpload, not for what prepares it", async () => {
        const place = { Bucket: await fixture(), Key: "k" };
        const client = await asRole();
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
        const part = { ...place, UploadId, PartNumber: 1, Body: "x" };
        const { ETag } = await client.send(new UploadPartCommand(part));
        const complete = { ...place, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
        await assert.rejects(client.send(new CompleteMultipartUploadCommand(complete)), denied);
        await client.send(new CompleteMultipartUploadCommand({ ...complete, IfNoneMatch: "*" }));
      });
    });

    it("can always be replaced by root", async () => {
      const Bucket = await bucket({ Principal: "*", Action: "s3:*" });
      await assert.rejects(root.send(new GetObjectCommand({ Bucket, Key: "k" })), { name: "AccessDenied" });
      const open = {
        Effect: "Allow",
        Principal: { AWS: ACCOUNT },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${Bucket}/*`,
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [open] });
      await root.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      await assert.rejects(root.send(new GetObjectCommand({ Bucket, Key: "k" })), { name: "NoSuchKey" });
    });
  });
});
