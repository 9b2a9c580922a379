/** A dataset version: the manifest says what it is made of, and its name is the digest of just that. */
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DatasetManifest, datasetDigest } from "../../../contracts/dataset.ts";
import { parseDatasetVersion } from "../../../contracts/lineage.ts";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { httpStatus, isNotFound } from "../../../functions/shared/aws-errors.ts";
import { mapLimited, type TraceNode } from "../model.ts";
import { objectFaults, versionFaults, versionsUnder } from "./objects.ts";
import { type Check, checked } from "./report.ts";

/** HEAD calls under way at once. */
const HEADS = 24;

export async function verifyDataset(s3: S3Client, node: TraceNode, deep: boolean): Promise<Check> {
  const { bucket, key: manifestKey } = parseS3Uri(node.uri);
  const prefix = manifestKey.slice(0, -"manifest.json".length);
  const manifest = await readManifest(s3, bucket, manifestKey);
  if (typeof manifest === "string") return checked(node, "", [manifest]);
  const faults: string[] = [];
  const { hex } = parseDatasetVersion(node.name);
  const digest = datasetDigest(manifest.files);
  if (digest !== hex)
    faults.push(`${node.uri} lists other objects than the version is named for: their digest is sha256:${digest}`);
  const versions = await versionsUnder(s3, bucket, prefix);
  faults.push(...versionFaults(node.uri, versions.get(manifestKey), undefined));
  const listed = new Set(manifest.files.map(({ path }) => `${prefix}${path}`));
  // A training job reads whatever lies under the folder that it is pointed at.
  const folders = new Set(
    manifest.files.flatMap(({ path }) => (path.includes("/") ? [path.slice(0, path.indexOf("/") + 1)] : [])),
  );
  for (const [key, found] of versions) {
    const path = key.slice(prefix.length);
    if (listed.has(key) || !folders.has(path.slice(0, path.indexOf("/") + 1))) continue;
    if (found.some((version) => version.latest && !version.deleted))
      faults.push(`s3://${bucket}/${key} was added: it is not in the manifest, and training would read it`);
  }
  const results = await mapLimited(manifest.files, HEADS, async (file) => {
    const key = `${prefix}${file.path}`;
    const wrong = versionFaults(`s3://${bucket}/${key}`, versions.get(key), file.versionId);
    if (wrong.length > 0) return wrong;
    const { versionId, bytes, checksum } = file;
    const expected = { bucket, key, versionId, digest: `sha256:${file.sha256}`, bytes, checksum };
    return objectFaults(s3, expected, deep);
  });
  faults.push(...results.flat());
  return checked(node, `${manifest.files.length} objects${deep ? ", hashed anew" : ""}`, faults);
}

async function readManifest(s3: S3Client, Bucket: string, Key: string): Promise<DatasetManifest | string> {
  const where = `s3://${Bucket}/${Key}`;
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const parsed = DatasetManifest.safeParse(JSON.parse((await object.Body?.transformToString()) ?? ""));
    return parsed.success ? parsed.data : `${where} is no manifest: ${parsed.error.issues[0]?.message}`;
  } catch (error) {
    if (isNotFound(error) || httpStatus(error) === 404) return `${where}, the manifest, is gone`;
    if (error instanceof SyntaxError) return `${where} is no manifest: ${error.message}`;
    throw error;
  }
}
