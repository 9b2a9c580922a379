/** StageArtifact: checks a submission whole, and copies each artefact of it, once, to the address that its bytes give it. */
import * as z from "zod";
import { manifestKey } from "../../contracts/dataset.ts";
import { pipelineDigest } from "../../contracts/digest.ts";
import { type ErrorName, errorNames, FlowError } from "../../contracts/errors.ts";
import { GateRules } from "../../contracts/evaluation.ts";
import { refusalKey, s3Uri } from "../../contracts/paths.ts";
import {
  type StagedArtifact,
  type StagedContainer,
  SubmissionInput,
  submissionId,
} from "../../contracts/submission.ts";
import { StageArtifactInput } from "../../contracts/tasks.ts";
import { mergeRules } from "../gate/rules.ts";
import { errorMessage, isNotFound } from "../shared/aws-errors.ts";
import { bucketName, flag, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput, refuse } from "../shared/parse.ts";
import { checkManifest, containerFaults, fileFault, inputFaults, testPart } from "./decide.ts";
import type { Ports } from "./ports.ts";
import { refusalRecord } from "./refusal.ts";
import { type Candidate, type Found, fromAutoMlJob, fromTrainingJob, jobOfArtifact, readClaims } from "./source.ts";
import { storeContainer } from "./store.ts";

export const Environment = z.object({
  DATA_BUCKET: bucketName,
  ARTIFACT_BUCKET: bucketName,
  MODEL_NAME: z.string().min(1),
  /** Whether the stage takes models of several containers. */
  PIPELINES: flag,
  /** What the stage asks for: a submission may only ask for more. */
  GATE: json(GateRules),
});

/** Longest manifest, in bytes: about 200,000 files. */
const manifestLimit = 50_000_000;

type Rules = z.infer<typeof Environment>;

export function makeHandler(ports: Ports, environment: Rules, log: Log): Handler<StagedArtifact> {
  const { DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket } = environment;
  const rules = { modelName: environment.MODEL_NAME, pipelines: environment.PIPELINES };
  return handling(log, async (event) => {
    const { submission, execution } = parseInput(StageArtifactInput, event, "The call");
    try {
      return await stage(submission);
    } catch (error) {
      if (error instanceof FlowError) await keepRefusal(execution, submission, error);
      throw error;
    }
  });

  async function stage(submission: unknown): Promise<StagedArtifact> {
    const input = parseInput(SubmissionInput, submission, "The submission");
    refuse(errorNames.invalidInput, "The submission is not valid", inputFaults(input, rules));
    const { candidate, claims, testDatasetVersion, test } = await lookUp(input);
    const containers: StagedContainer[] = [];
    for (const container of candidate.containers)
      containers.push(await storeContainer(ports, artifactBucket, container, candidate));
    const id = submissionId(input);
    const { datasetVersion, run } = claims;
    const artifactDigest = pipelineDigest(containers.map((one) => one.artifactDigest));
    log.info("artefact staged", { submissionId: id, digest: artifactDigest, containers: containers.length });
    return {
      submissionId: id,
      submittedBy: input.submittedBy,
      note: input.note ?? "",
      lineage: { datasetVersion, run, trainingJob: candidate.trainingJob, artifactDigest },
      trainingJobArn: candidate.jobArn,
      autoMlJob: input.autoMlJobName ?? "-",
      containers,
      testDatasetVersion,
      ...test,
      gate: input.gate ?? {},
    };
  }

  /** Asks AWS about everything that the input names, and tells all that is wrong with it at once. */
  async function lookUp(input: SubmissionInput) {
    const refusals: FlowError[] = [];
    const attempt = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof FlowError)) throw error;
        refusals.push(error);
        return undefined;
      }
    };
    // The gate asks once more, when it judges; here it saves the test.
    await attempt(() => mergeRules(environment.GATE, input.gate ?? {}));
    const candidate = await attempt(() => find(input));
    if (candidate) {
      await attempt(() =>
        refuse(errorNames.invalidInput, "The candidate", containerFaults(candidate.containers, rules)),
      );
    }
    const claims = candidate && (await attempt(() => claimsOf(candidate)));
    const testDatasetVersion = input.testDatasetVersion ?? claims?.datasetVersion;
    const test = testDatasetVersion && (await attempt(() => testData(testDatasetVersion)));
    if (claims && claims.datasetVersion !== testDatasetVersion) await attempt(() => manifestOf(claims.datasetVersion));
    const [first] = refusals;
    if (first) {
      const message = refusals.map((one) => one.message).join("; ");
      throw new FlowError(first.name as ErrorName, message, { cause: first.cause });
    }
    if (!candidate || !claims || !testDatasetVersion || !test) throw new Error("a look-up neither found nor refused");
    return { candidate, claims, testDatasetVersion, test };
  }

  async function claimsOf(candidate: Candidate) {
    const claims = readClaims(candidate, await ports.tagsOf(candidate.taggedArn), dataBucket);
    refuse(errorNames.lineageMismatch, "The job does not say where its model comes from", claims.faults);
    return claims;
  }

  /** Nothing else exists of a refused submission; where the record cannot be kept either, the log has it. */
  async function keepRefusal(execution: string, submission: unknown, error: FlowError): Promise<void> {
    try {
      await ports.keep(artifactBucket, refusalKey(execution), refusalRecord(execution, submission, error, new Date()));
    } catch (cause) {
      log.error("refusal not kept", { execution, errorMessage: errorMessage(cause) });
    }
  }

  async function find(input: SubmissionInput): Promise<Candidate> {
    const { autoMlJobName } = input;
    let found: Found;
    if (autoMlJobName !== undefined) {
      const job = await existing(`AutoML job ${autoMlJobName}`, () => ports.describeAutoMlJob(autoMlJobName));
      found = fromAutoMlJob(input, autoMlJobName, job);
    } else {
      const name = input.trainingJobName ?? jobOfArtifact(input.artifactUri ?? "") ?? "";
      found = fromTrainingJob(
        input,
        name,
        await existing(`training job ${name}`, () => ports.describeTrainingJob(name)),
      );
    }
    refuse(errorNames.invalidInput, "The submission is refused", found.faults);
    return found.candidate as Candidate;
  }

  /** The test part, published and whole. */
  async function testData(version: string): Promise<Pick<StagedArtifact, "featuresUri" | "labelsUri">> {
    const part = testPart(await manifestOf(version));
    const faults = await Promise.all(
      Object.values(part).map(async (file) => fileFault(file, await ports.head(dataBucket, file.key))),
    );
    const found = faults.filter((fault) => fault !== undefined);
    refuse(errorNames.invalidInput, `Dataset version ${version} is not whole`, found);
    return { featuresUri: s3Uri(dataBucket, part.features.key), labelsUri: s3Uri(dataBucket, part.labels.key) };
  }

  async function manifestOf(version: string) {
    return checkManifest(version, await ports.text(dataBucket, manifestKey(version), manifestLimit), dataBucket);
  }
}

async function existing<T>(what: string, describe: () => Promise<T>): Promise<T> {
  try {
    return await describe();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new FlowError(errorNames.invalidInput, `There is no ${what} here`, { cause: error });
  }
}
