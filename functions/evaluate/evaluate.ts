/** Evaluate: compares the batch test's predictions with the test labels and keeps the figures. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { manifestKey } from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { parseS3Uri, s3Uri } from "../../contracts/paths.ts";
import type { Evaluation } from "../../contracts/submission.ts";
import { EvaluateInput } from "../../contracts/tasks.ts";
import { isNotFound } from "../shared/aws-errors.ts";
import { bucketName } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import { eachLine } from "../shared/lines.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { type Column, emptyColumn, findPredictions, judge, labelsDigest, takeLine } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ ARTIFACT_BUCKET: bucketName });

/** Objects looked at when searching for the predictions. */
const listLimit = 100;
const manifestLimit = 50_000_000;

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<Evaluation> {
  return handling(log, async (event) => {
    const input = parseInput(EvaluateInput, event, "The input of Evaluate");
    const predictions = await readPredictions(input);
    const labels = await readLabels(input);
    const judgement = judge(input, labels, predictions.column, predictions.uri);
    const evaluationDigest = await ports.putJson(environment.ARTIFACT_BUCKET, judgement.key, judgement.body);
    const evaluation: Evaluation = {
      metrics: judgement.metrics,
      sampleSize: judgement.sampleSize,
      evaluationUri: s3Uri(environment.ARTIFACT_BUCKET, judgement.key),
      evaluationDigest,
    };
    log.info("evaluated", { submissionId: input.submissionId, ...evaluation });
    return evaluation;
  });

  async function readPredictions(input: EvaluateInput): Promise<{ column: Column; uri: string }> {
    const { bucket, key: prefix } = parseS3Uri(input.predictionsPrefix);
    const name = `${input.featuresUri.slice(input.featuresUri.lastIndexOf("/") + 1)}.out`;
    const key = findPredictions(await ports.listKeys(bucket, prefix, listLimit), prefix, name);
    const column = emptyColumn();
    await eachLine(await ports.read(bucket, key), (line) => takeLine(column, line, "probability"));
    return { column, uri: s3Uri(bucket, key) };
  }

  /** The labels must be those of the dataset version, so that nobody can make a model look better by changing them. */
  async function readLabels(input: EvaluateInput): Promise<Column> {
    const { bucket, key } = parseS3Uri(input.labelsUri);
    const wanted = labelsDigest(
      await ports.text(bucket, manifestKey(input.datasetVersion), manifestLimit),
      input.datasetVersion,
    );
    const column = emptyColumn();
    const hash = createHash("sha256");
    const body = await ports.read(bucket, key).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new FlowError(errorNames.invalidInput, `${input.labelsUri} does not exist`, { cause: error });
    });
    await eachLine(
      body,
      (line) => takeLine(column, line, "label"),
      (chunk) => hash.update(chunk),
    );
    const digest = `sha256:${hash.digest("hex")}`;
    if (digest === wanted) return column;
    throw new FlowError(
      errorNames.lineageMismatch,
      `${input.labelsUri} is not what ${input.datasetVersion} was published with: its digest is ${digest}, the manifest says ${wanted}`,
    );
  }
}
