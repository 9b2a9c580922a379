/** What a job reads from S3: the objects that a data source names, and their download into a folder. */
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { JobFault } from "./faults.ts";
import { parseManifest, parseS3Uri, relativeKey, type S3Location } from "./keys.ts";
import { download, each, list, readText } from "./s3.ts";

export interface InputObject {
  readonly location: S3Location;
  /** Path below the channel's folder. */
  readonly relative: string;
}

/** The objects of an S3 data source, in key order. `type` is SageMaker's S3DataType; augmented manifests need Pipe mode and are refused. */
export async function resolveObjects(client: S3Client, uri: string, type: string | undefined): Promise<InputObject[]> {
  const location = parseS3Uri(uri);
  if (type === "ManifestFile") return parseManifest(await readText(client, location), uri);
  if (type !== undefined && type !== "S3Prefix") {
    throw new JobFault(
      `ClientError: the local SageMaker reads S3DataType S3Prefix and ManifestFile, not ${type} (${uri})`,
    );
  }
  const found = await list(client, location);
  if (found.length === 0) {
    throw new JobFault(
      `ClientError: Data download failed:No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists, that objects exist under that S3 prefix, and that the role has "s3:ListBucket" permissions on bucket "${location.bucket}".`,
    );
  }
  return found.map((object) => ({ location: object, relative: relativeKey(location.key, object.key) }));
}

export async function downloadInputs(client: S3Client, objects: readonly InputObject[], folder: string): Promise<void> {
  await each(objects, (object) => download(client, object.location, join(folder, object.relative)));
}
