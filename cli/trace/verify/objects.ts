/** Objects in S3 as they are now: versions, sizes, checksums, and the bytes themselves where asked. */
import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import { digestBase64 } from "../../../contracts/digest.ts";
import { httpStatus, isNotFound } from "../../../functions/shared/aws-errors.ts";

/** One version of a key, or the mark of its deletion. */
export interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly bytes: number;
  readonly latest: boolean;
  readonly deleted: boolean;
}

/** Every version of every key under a prefix, by key; 1,000 a call. */
export async function versionsUnder(s3: S3Client, Bucket: string, Prefix: string): Promise<Map<string, Version[]>> {
  const found = new Map<string, Version[]>();
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  do {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }));
    const add = (version: Version): void => void found.set(version.key, [...(found.get(version.key) ?? []), version]);
    for (const one of page.Versions ?? [])
      add({
        key: one.Key ?? "",
        versionId: one.VersionId ?? "null",
        bytes: one.Size ?? 0,
        latest: one.IsLatest ?? false,
        deleted: false,
      });
    for (const one of page.DeleteMarkers ?? [])
      add({
        key: one.Key ?? "",
        versionId: one.VersionId ?? "null",
        bytes: 0,
        latest: one.IsLatest ?? false,
        deleted: true,
      });
    const more = page.IsTruncated ?? false;
    KeyMarker = more ? page.NextKeyMarker : undefined;
    VersionIdMarker = more ? page.NextVersionIdMarker : undefined;
  } while (KeyMarker !== undefined);
  return found;
}

export interface Expected {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** `sha256:<hex>` */
  readonly digest: string;
  readonly bytes?: number;
  /** `ChecksumSHA256` as S3 answered it at publication, where it is not the plain SHA-256. */
  readonly checksum?: string;
}

/**
 * What is wrong with one object version: size and checksum by HEAD, and its bytes hashed anew where `deep` is set. S3 keeps
 * no SHA-256 of an object that was not written with one, and a combined one of a multipart upload: then the recorded combined
 * one, and the version id, under which S3 never changes bytes, vouch for it.
 */
export async function objectFaults(s3: S3Client, expected: Expected, deep: boolean): Promise<string[]> {
  const { bucket: Bucket, key: Key, versionId, digest } = expected;
  const where = `s3://${Bucket}/${Key}${versionId ? `, version ${versionId}` : ""}`;
  try {
    const which = { Bucket, Key, VersionId: versionId };
    const head = await s3.send(new HeadObjectCommand({ ...which, ChecksumMode: "ENABLED" }));
    const faults: string[] = [];
    if (expected.bytes !== undefined && head.ContentLength !== expected.bytes)
      faults.push(`${where} has ${head.ContentLength} bytes, recorded are ${expected.bytes}`);
    const whole = head.ChecksumType !== "COMPOSITE" && !/-\d+$/.test(head.ChecksumSHA256 ?? "");
    const wanted = whole ? digestBase64(digest) : expected.checksum;
    if (head.ChecksumSHA256 !== undefined && wanted !== undefined && head.ChecksumSHA256 !== wanted) {
      const told = whole ? `sha256:${Buffer.from(head.ChecksumSHA256, "base64").toString("hex")}` : head.ChecksumSHA256;
      faults.push(`${where} holds other bytes: ${told}, recorded is ${whole ? digest : wanted}`);
    }
    if (deep && faults.length === 0) {
      const found = await hash(s3, which);
      if (found !== digest) faults.push(`${where} holds other bytes: ${found}, recorded is ${digest}`);
    }
    return faults;
  } catch (error) {
    if (isNotFound(error) || httpStatus(error) === 404 || httpStatus(error) === 405) return [`${where} is gone`];
    throw error;
  }
}

async function hash(s3: S3Client, which: { Bucket: string; Key: string; VersionId?: string }): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(which));
  const sum = createHash("sha256");
  for await (const chunk of Body as AsyncIterable<Uint8Array>) sum.update(chunk);
  return `sha256:${sum.digest("hex")}`;
}

/** What stands over, or instead of, the recorded version of a key. */
export function versionFaults(
  where: string,
  versions: readonly Version[] | undefined,
  recorded: string | undefined,
): string[] {
  const latest = versions?.find((version) => version.latest);
  if (!versions || versions.length === 0) return [`${where} is gone, with all its versions`];
  if (latest?.deleted) return [`${where} is deleted: a delete marker ${latest.versionId} stands over it`];
  if (recorded !== undefined && !versions.some(({ versionId }) => versionId === recorded))
    return [`${where} is gone under the recorded version id ${recorded}; there is ${latest?.versionId}`];
  if (recorded !== undefined && latest?.versionId !== recorded)
    return [`${where} was overwritten: version ${latest?.versionId} stands over the recorded ${recorded}`];
  if (recorded === undefined && versions.length > 1) return [`${where} was written ${versions.length} times`];
  return [];
}
