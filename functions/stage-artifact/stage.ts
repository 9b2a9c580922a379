/** StageArtifact: copies a training job's artefact, once, to the address that its bytes give it. */
import * as z from "zod";
import { manifestKey } from "../../contracts/dataset.ts";
import { digestBase64 } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { artifactKey, s3Uri } from "../../contracts/paths.ts";
import { type StagedArtifact, SubmissionInput } from "../../contracts/submission.ts";
import { isNotFound, isPreconditionFailed } from "../shared/aws-errors.ts";
import { bucketName } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import type { ObjectFacts } from "../shared/objects.ts";
import { parseInput } from "../shared/parse.ts";
import { digestMetadata } from "./copy.ts";
import { copyParts } from "./copy-plan.ts";
import { checkManifest, decideStaging, type Staging } from "./decide.ts";
import { hashStream } from "./hash.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ DATA_BUCKET: bucketName, ARTIFACT_BUCKET: bucketName });

/** Longest manifest, in bytes: about 200,000 files. */
const manifestLimit = 50_000_000;

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<StagedArtifact> {
  const { DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket } = environment;
  return handling(log, async (event) => {
    const input = parseInput(SubmissionInput, event, "The submission");
    const staging = await describe(input);
    const manifest = await ports.text(dataBucket, manifestKey(staging.datasetVersion), manifestLimit);
    const test = checkManifest(staging.datasetVersion, manifest, dataBucket);
    const { digest, facts } = await copyOnce(staging);
    log.info("artefact staged", {
      submissionId: input.submissionId,
      digest,
      bytes: facts.bytes,
      versionId: facts.versionId,
    });
    return {
      lineage: {
        datasetVersion: staging.datasetVersion,
        run: staging.run,
        trainingJob: input.trainingJobName,
        artifactDigest: digest,
      },
      trainingJobArn: staging.trainingJobArn,
      artifactUri: s3Uri(artifactBucket, artifactKey(digest)),
      artifactVersionId: facts.versionId,
      artifactBytes: facts.bytes,
      image: staging.image,
      ...test,
    };
  });

  async function describe(input: SubmissionInput): Promise<Staging> {
    try {
      const job = await ports.describeTrainingJob(input.trainingJobName);
      return decideStaging(input, job, await ports.tagsOf(job.TrainingJobArn ?? ""), dataBucket);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new FlowError(errorNames.invalidInput, `There is no training job ${input.trainingJobName} here`, {
        cause: error,
      });
    }
  }

  async function copyOnce({ source }: Staging): Promise<{ digest: string; facts: ObjectFacts }> {
    const where = s3Uri(source.bucket, source.key);
    const before = await ports.head(source.bucket, source.key);
    if (!before) throw new FlowError(errorNames.invalidInput, `The training job's artefact ${where} does not exist`);
    if (before.bytes === 0)
      throw new FlowError(errorNames.invalidInput, `The training job's artefact ${where} is empty`);
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
