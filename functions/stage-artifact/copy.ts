/** Copies inside S3: the bytes never pass through the function a second time. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import type { Part } from "./copy-plan.ts";
import type { StreamDigests } from "./hash.ts";

export interface CopyRequest {
  source: { bucket: string; key: string; etag: string; versionId: string };
  target: { bucket: string; key: string };
  digests: StreamDigests;
  parts: readonly Part[];
}

/** User metadata of a staged artefact: the digest of the whole, also where S3 keeps only a composite checksum. */
export const digestMetadata = "frugal-sha256";

const contentType = "application/gzip";

/**
 * Copies exactly the bytes that were hashed, and only when nothing stands at the target yet.
 *
 * @throws PreconditionFailed (S3's name, HTTP 412) when the target exists or the source has changed
 * @throws ArtifactChanged when S3's own checksum of the copy is another than ours
 */
export async function copyObject(client: S3Client, request: CopyRequest): Promise<void> {
  if (request.parts.length === 1) await copyWhole(client, request);
  else await copyInParts(client, request);
}

function copySource({ source }: CopyRequest): string {
  const path = `${source.bucket}/${source.key.split("/").map(encodeURIComponent).join("/")}`;
  return source.versionId === "null" ? path : `${path}?versionId=${encodeURIComponent(source.versionId)}`;
}

async function copyWhole(client: S3Client, request: CopyRequest): Promise<void> {
  const { source, target, digests } = request;
  const answer = await client.send(
    new CopyObjectCommand({
      Bucket: target.bucket,
      Key: target.key,
      CopySource: copySource(request),
      CopySourceIfMatch: source.etag,
      IfNoneMatch: "*",
      ChecksumAlgorithm: "SHA256",
      MetadataDirective: "REPLACE",
      Metadata: { [digestMetadata]: digests.hex },
      ContentType: contentType,
      TaggingDirective: "REPLACE",
    }),
  );
  checkSum(target.key, answer.CopyObjectResult?.ChecksumSHA256, Buffer.from(digests.hex, "hex").toString("base64"));
}

async function copyInParts(client: S3Client, request: CopyRequest): Promise<void> {
  const { source, target, digests, parts } = request;
  const place = { Bucket: target.bucket, Key: target.key };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...place,
      ChecksumAlgorithm: "SHA256",
      ChecksumType: "COMPOSITE",
      Metadata: { [digestMetadata]: digests.hex },
      ContentType: contentType,
    }),
  );
  try {
    const done: { PartNumber: number; ETag?: string; ChecksumSHA256?: string }[] = [];
    for (const part of parts) {
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...place,
          UploadId,
          PartNumber: part.number,
          CopySource: copySource(request),
          CopySourceIfMatch: source.etag,
          CopySourceRange: `bytes=${part.first}-${part.last}`,
        }),
      );
      checkSum(`${target.key} part ${part.number}`, CopyPartResult?.ChecksumSHA256, digests.parts[part.number - 1]);
      done.push({
        PartNumber: part.number,
        ETag: CopyPartResult?.ETag,
        ChecksumSHA256: CopyPartResult?.ChecksumSHA256,
      });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: done }, IfNoneMatch: "*" }),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined);
    throw error;
  }
}

function checkSum(what: string, theirs: string | undefined, ours: string | undefined): void {
  if (theirs !== undefined && theirs === ours) return;
  throw new FlowError(
    errorNames.artifactChanged,
    `The copy ${what} has SHA-256 ${theirs ?? "(none reported)"} where ${ours} was read (base64)`,
  );
}
