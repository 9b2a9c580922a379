/**
 * The training request, and the key by which the same training is known: the digest of everything that decides what comes
 * out. Who asks, on which machine, for how long and in which line of work decides nothing of it and has no part in the key.
 */
import * as z from "zod";
import { canonicalJson, digestBase64, digestHex, digestOf } from "./digest.ts";
import { datasetVersionPattern, tagAlphabet } from "./lineage.ts";
import { sourcesPrefix } from "./paths.ts";

/** Tags of training jobs besides the lineage record's. */
export const trainingTags = {
  key: "frugal:training-key",
  submittedBy: "frugal:submitted-by",
  /** "true" where the same had been trained before and somebody asked for it again. */
  forced: "frugal:forced",
} as const;

/** Hyper-parameters of the script-mode toolkit; everything that starts so is its own (sagemaker-training 5.1.4). */
export const RESERVED = "sagemaker_";
/** Most hyper-parameters of a job, our two included, and the longest value (botocore sagemaker, HyperParameters). */
const MOST_HYPERPARAMETERS = 98;
const LONGEST_VALUE = 2500;

/** A hyper-parameter's value. */
export const HyperparameterValue = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a text, a number, true or false",
});
const Hyperparameters = z
  .record(z.string().min(1).max(256).regex(/^.+$/, "must be one line"), HyperparameterValue)
  .superRefine((all, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (Object.keys(all).length > MOST_HYPERPARAMETERS) fault([], `has more than ${MOST_HYPERPARAMETERS} entries`);
    for (const [name, one] of Object.entries(all)) {
      if (name.startsWith(RESERVED)) fault([name], `starts with ${RESERVED}, which the container keeps for itself`);
      if (JSON.stringify(one).length > LONGEST_VALUE) fault([name], `is longer than ${LONGEST_VALUE} characters`);
    }
  });

/** `s3://<bucket>/sources/sha256/<hex>/source.tar.gz`: the key says which bytes lie there. */
export const sourceUriPattern =
  /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/sources\/sha256\/(?<hex>[0-9a-f]{64})\/source\.tar\.gz$/;

/** Input of the training state machine. */
export const TrainingInput = z.strictObject({
  datasetVersion: z.string().regex(datasetVersionPattern, "must be <name>@sha256:<64 hex>"),
  /** The code, a tar.gz at its content address in the stage's artefact bucket. */
  sourceUri: z.string().regex(sourceUriPattern, "must be s3://<artefact bucket>/sources/sha256/<64 hex>/source.tar.gz"),
  /** Entry script in it. */
  entry: z
    .string()
    .regex(/^(?!\/)(?!.*\.\.)[\w./-]{1,200}\.(py|sh)$/, "must be a .py or .sh file below the source folder")
    .default("train.py"),
  /** Training image; by digest (`…@sha256:…`) where the bytes shall never change under the same name. */
  image: z.string().min(1).max(255).regex(/^\S+$/, "must be an image's address"),
  hyperparameters: Hyperparameters.default({}),
  /** @default the first that the stage allows */
  instanceType: z
    .string()
    .regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, "must be an instance type such as ml.m5.large")
    .optional(),
  /** Seconds of training after which the job is stopped. @default the stage's limit */
  maxRuntimeSeconds: z.int().min(1).max(2_419_200).optional(),
  /** The line of work; stands in the job's tag frugal:run. */
  run: z.string().min(1).max(256).regex(tagAlphabet, "must be letters, digits, spaces and _.:/=+-@"),
  /** Who asks: a name, an e-mail address or a principal's ARN. */
  submittedBy: z.string().min(1).max(256).regex(tagAlphabet, "must be letters, digits, spaces and _.:/=+-@"),
  /** Whether spare capacity is used, which costs less and may be interrupted. @default what the stage says */
  spot: z.boolean().optional(),
  /** Train again although the same was trained before; stands in the job's tags and in the record. @default false */
  force: z.boolean().default(false),
});
export type TrainingInput = z.infer<typeof TrainingInput>;
/** What a caller hands in: what has a default may be left out. */
export type TrainingRequest = z.input<typeof TrainingInput>;

/** What decides what a training brings. */
export type TrainingIdentity = Pick<
  TrainingInput,
  "datasetVersion" | "sourceUri" | "entry" | "image" | "hyperparameters"
>;

/** The key of a training, `sha256:<hex>`. The order of hyper-parameters has no part in it; any other change gives another. */
export function trainingKey(of: TrainingIdentity): string {
  return digestOf(
    canonicalJson({
      scheme: 1,
      datasetVersion: of.datasetVersion,
      code: sourceDigest(of.sourceUri),
      entry: of.entry,
      image: imageIdentity(of.image),
      hyperparameters: of.hyperparameters,
    }),
  );
}

/** An image that is pinned by digest is the same whatever tag stands beside it; any other is its whole address. */
function imageIdentity(image: string): string {
  const pinned = /^(?<repository>[^@]+?)(?::[\w][\w.-]*)?@(?<digest>sha256:[0-9a-f]{64})$/.exec(image)?.groups;
  return pinned ? `${pinned.repository}@${pinned.digest}` : image;
}

/** `sha256:<hex>` of the code that lies at a content address. Throws when it is not one. */
export function sourceDigest(sourceUri: string): string {
  const hex = sourceUriPattern.exec(sourceUri)?.groups?.hex;
  if (!hex) throw new Error(`"${sourceUri}" is not the address of a source archive`);
  return `sha256:${hex}`;
}

/** Where code with these bytes belongs, and the checksum that S3 is to hold it to. */
export function sourceAddress(digest: string): { key: string; checksum: string } {
  return { key: `${sourcesPrefix}sha256/${digestHex(digest)}/source.tar.gz`, checksum: digestBase64(digest) };
}
