/** One artefact to its content address: read once, hashed, copied inside S3, and believed only with S3's own checksum. */
import { digestBase64 } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { artifactKey, parseS3Uri, s3Uri } from "../../contracts/paths.ts";
import type { StagedContainer } from "../../contracts/submission.ts";
import { httpStatus, isNotFound, isPreconditionFailed } from "../shared/aws-errors.ts";
import type { ObjectFacts } from "../shared/objects.ts";
import { digestMetadata } from "./copy.ts";
import { copyParts } from "./copy-plan.ts";
import { hashStream } from "./hash.ts";
import type { Ports } from "./ports.ts";
import type { Candidate, Container } from "./source.ts";

/** How much two clocks of AWS may differ, in milliseconds: an artefact is written before its job ends. */
const clockSlack = 5_000;

/** Throws `InvalidInput` when the artefact is not there, `ArtifactChanged` when it is not, or not any more, what the job wrote. */
export async function storeContainer(
  ports: Ports,
  artifactBucket: string,
  container: Container,
  candidate: Candidate,
): Promise<StagedContainer> {
  const { digest, facts } = await copyOnce(ports, artifactBucket, parseS3Uri(container.source), candidate);
  return {
    image: container.image,
    artifactUri: s3Uri(artifactBucket, artifactKey(digest)),
    artifactVersionId: facts.versionId,
    artifactBytes: facts.bytes,
    artifactDigest: digest,
    environment: container.environment,
  };
}

async function copyOnce(
  ports: Ports,
  artifactBucket: string,
  source: { bucket: string; key: string },
  { what, endedAt }: Candidate,
): Promise<{ digest: string; facts: ObjectFacts }> {
  const where = s3Uri(source.bucket, source.key);
  const before = await readable(where, () => ports.head(source.bucket, source.key));
  if (!before) throw new FlowError(errorNames.invalidInput, `The artefact ${where} of ${what} does not exist`);
  if (before.bytes === 0) throw new FlowError(errorNames.invalidInput, `The artefact ${where} of ${what} is empty`);
  if (endedAt && before.lastModified && before.lastModified.getTime() > endedAt.getTime() + clockSlack) {
    throw new FlowError(
      errorNames.artifactChanged,
      `${where} was written at ${before.lastModified.toISOString()}, after ${what} had ended at ${endedAt.toISOString()}: it is not what the job made`,
    );
  }
  const { etag, versionId } = before;
  const parts = copyParts(before.bytes);
  const digests = await unchanged(where, () =>
    hashStream((from) => ports.read(source.bucket, source.key, { etag, versionId, from }), before.bytes, parts),
  );
  const digest = `sha256:${digests.hex}`;
  const target = { bucket: artifactBucket, key: artifactKey(digest) };
  const there = await ports.head(target.bucket, target.key);
  if (there) return { digest, facts: trusted(target, there, digest) };
  try {
    await ports.copy({ source: { ...source, etag, versionId }, target, digests, parts });
  } catch (error) {
    // Either somebody else put the same bytes there at the same time, or the source changed; the target tells which.
    if (!isPreconditionFailed(error)) throw error;
  }
  const facts = await ports.head(target.bucket, target.key);
  if (!facts) throw changed(where);
  return { digest, facts: trusted(target, facts, digest) };
}

async function readable<T>(where: string, head: () => Promise<T>): Promise<T> {
  try {
    return await head();
  } catch (error) {
    if (httpStatus(error) !== 403) throw error;
    throw new FlowError(
      errorNames.invalidInput,
      `The artefact ${where} lies where this stage does not read: let jobs write below runs/ of its artefact bucket`,
      { cause: error },
    );
  }
}

async function unchanged<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isPreconditionFailed(error) || isNotFound(error)) throw changed(where, error);
    throw error;
  }
}

function changed(where: string, cause?: unknown): FlowError {
  return new FlowError(errorNames.artifactChanged, `${where} changed or went away while it was being staged`, {
    cause,
  });
}

/** An object at a content address is taken only when S3's own checksum, or for a copy in parts our note, says the same. */
function trusted(target: { bucket: string; key: string }, facts: ObjectFacts, digest: string): ObjectFacts {
  const same =
    facts.checksumType === "COMPOSITE"
      ? `sha256:${facts.metadata[digestMetadata]}` === digest
      : facts.checksumSha256 === digestBase64(digest);
  if (same) return facts;
  throw new FlowError(
    errorNames.artifactChanged,
    `${s3Uri(target.bucket, target.key)} holds other bytes than its address says (its SHA-256 is ${facts.checksumSha256 ?? "not kept"}); delete it and submit again`,
  );
}
