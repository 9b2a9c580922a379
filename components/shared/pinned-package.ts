/** What a pinned package's record must say before it can be served. Pure. */
import { type LineageRecord, packageKeys, readLineage } from "../../contracts/lineage.ts";
import { artifactKey, parseS3Uri } from "../../contracts/paths.ts";

export interface PinnedPackage {
  readonly lineage: LineageRecord;
  readonly artifact: { readonly bucket: string; readonly key: string };
}

/**
 * Reads a package's metadata.
 *
 * @throws when the lineage record is missing or malformed, or when the artefact does not lie at the address that its digest gives it
 */
export function readPinnedPackage(
  metadata: Readonly<Record<string, string | undefined>>,
  modelPackageArn: string,
): PinnedPackage {
  const where = `the pinned package ${modelPackageArn}`;
  const lineage = readLineage(metadata, where);
  const uri = metadata[packageKeys.artifactUri];
  if (uri === undefined)
    throw new Error(`${where} does not say where its artefact lies: ${packageKeys.artifactUri} is missing`);
  const artifact = parseS3Uri(uri);
  if (artifact.key !== artifactKey(lineage.artifactDigest)) {
    throw new Error(
      `${where} says that its artefact lies at ${uri}, which is not the address of ${lineage.artifactDigest}`,
    );
  }
  return { lineage, artifact };
}
