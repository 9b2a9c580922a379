/** Evaluate: compares the batch test's predictions with the test labels and keeps the figures. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { type DatasetManifest, datasetPrefix, manifestKey, slicesFile, testFiles } from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { type Evaluation, EvaluationRules } from "../../contracts/evaluation.ts";
import { parseS3Uri, s3Uri } from "../../contracts/paths.ts";
import { EvaluateInput } from "../../contracts/tasks.ts";
import { isNotFound } from "../shared/aws-errors.ts";
import { bucketName, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import { eachLine } from "../shared/lines.ts";
import type { Log } from "../shared/log.ts";
import { parseInput, refuse } from "../shared/parse.ts";
import { digestIn, findPredictions, judge, readManifest } from "./decide.ts";
import type { Ports } from "./ports.ts";
import { emptyColumn, metricFault, rowFaults, type Source, takeLabel, takePrediction, toRows } from "./predictions.ts";
import type { Rows } from "./rows.ts";
import { missingColumn, readWithHeader, readWithoutHeader, type SliceReader } from "./slice-files.ts";
import { SliceColumn, type Slicing, shareOf } from "./slices.ts";

export const Environment = z.object({
  ARTIFACT_BUCKET: bucketName,
  EVALUATION: json(
    EvaluationRules.superRefine((rules, context) => {
      const fault = metricFault(rules);
      if (fault) context.addIssue({ code: "custom", message: fault, path: ["metric"] });
    }),
  ),
});

/** Objects looked at when searching for the predictions. */
const listLimit = 100;
const manifestLimit = 50_000_000;
/** Cells of slice columns that are held at a time, 8 bytes each: more columns are read in several passes. */
const mostCells = 20_000_000;
const cannot = "The batch test cannot be evaluated";

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<Evaluation> {
  const rules = environment.EVALUATION;
  return handling(log, async (event) => {
    const input = parseInput(EvaluateInput, event, "The input of Evaluate");
    const { bucket } = parseS3Uri(input.labelsUri);
    const text = await ports.text(bucket, manifestKey(input.testDatasetVersion), manifestLimit);
    const manifest = readManifest(text, input.testDatasetVersion);
    const rows = await readRows(input, manifest);
    const slicings = await readSlices(bucket, manifest, rows.count);
    const { key, body, influence, evaluation } = judge(input, rules, rows, slicings);
    if (influence) await ports.putJson(environment.ARTIFACT_BUCKET, influence.key, influence.body);
    const evaluationDigest = await ports.putJson(environment.ARTIFACT_BUCKET, key, body);
    const evaluationUri = s3Uri(environment.ARTIFACT_BUCKET, key);
    const { metrics, sampleSize } = evaluation;
    log.info("evaluated", {
      submissionId: input.submissionId,
      evaluationUri,
      evaluationDigest,
      sampleSize,
      ...metrics,
    });
    return { ...evaluation, evaluationUri, evaluationDigest };
  });

  async function readRows(input: EvaluateInput, manifest: DatasetManifest): Promise<Rows> {
    const predictions = await readPredictions(input);
    const kind = rules.problem === "regression" ? "numbers" : "classes";
    const labels: Source = { column: emptyColumn(kind), uri: input.labelsUri };
    const { bucket, key } = parseS3Uri(input.labelsUri);
    await readPublished(bucket, key, manifest, testFiles.labels, (line) => {
      takeLabel(labels.column, line, rules.problem);
    });
    refuse(errorNames.invalidInput, cannot, rowFaults(labels, predictions));
    const rows = toRows(labels, predictions, rules);
    if (typeof rows !== "string") return rows;
    throw new FlowError(errorNames.invalidInput, `${cannot}: ${rows}`);
  }

  async function readPredictions(input: EvaluateInput): Promise<Source> {
    const { bucket, key: prefix } = parseS3Uri(input.predictionsPrefix);
    const name = `${input.featuresUri.slice(input.featuresUri.lastIndexOf("/") + 1)}.out`;
    const key = findPredictions(await ports.listKeys(bucket, prefix, listLimit), prefix, name);
    const column = emptyColumn();
    await eachLine(await ports.read(bucket, key), (line) => takePrediction(column, line, rules.problem));
    return { column, uri: s3Uri(bucket, key) };
  }

  /** In the order of the configuration. */
  async function readSlices(bucket: string, manifest: DatasetManifest, count: number): Promise<Slicing[]> {
    const { sliceColumns } = rules;
    const share = shareOf(sliceColumns.length);
    const slicings: Slicing[] = [];
    const faults: string[] = [];
    const atOnce = Math.max(1, Math.floor(mostCells / count));
    for (let from = 0; from < sliceColumns.length; from += atOnce) {
      const columns = sliceColumns.slice(from, from + atOnce).map((name) => new SliceColumn(name, count));
      faults.push(...(await fill(bucket, manifest, columns, count)));
      if (faults.length === 0) slicings.push(...columns.map((column) => column.finish(share)));
    }
    refuse(errorNames.invalidInput, cannot, faults);
    return slicings;
  }

  /** Reads the columns from test/slices.csv where they are in it, the others from test/features.csv. Answers what is wrong. */
  async function fill(bucket: string, manifest: DatasetManifest, columns: readonly SliceColumn[], count: number) {
    const seen: { file: string; names: readonly string[] }[] = [];
    const faults: string[] = [];
    const read = async (file: string, reader: SliceReader, wanted: readonly SliceColumn[]) => {
      const key = `${datasetPrefix(manifest.version)}${file}`;
      await readPublished(bucket, key, manifest, file, (line) => reader.line(line));
      reader.end();
      faults.push(...reader.faults);
      seen.push({ file, names: reader.names });
      return wanted.filter(({ name }) => reader.missing.includes(name));
    };
    let missing = columns;
    if (digestIn(manifest, slicesFile)) missing = await read(slicesFile, readWithHeader(missing), missing);
    if (missing.length > 0) missing = await read(testFiles.features, readWithoutHeader(missing, manifest), missing);
    const found = columns.filter((column) => !missing.includes(column));
    const wrong = found.find(({ rows }) => rows !== count);
    if (wrong) faults.push(`the slice column ${wrong.name} has ${wrong.rows} rows, the labels have ${count}`);
    return [
      ...faults,
      ...missing.map(({ name }) => missingColumn(name, seen)),
      ...found.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
    ];
  }

  /** A test file must be that of the dataset version, so that nobody can make a model look better by changing it. */
  async function readPublished(
    bucket: string,
    key: string,
    manifest: DatasetManifest,
    path: string,
    take: (line: string) => void,
  ): Promise<void> {
    const wanted = digestIn(manifest, path);
    if (!wanted)
      throw new FlowError(errorNames.lineageMismatch, `The manifest of ${manifest.version} does not name ${path}`);
    const uri = s3Uri(bucket, key);
    const hash = createHash("sha256");
    const body = await ports.read(bucket, key).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new FlowError(errorNames.invalidInput, `${uri} does not exist`, { cause: error });
    });
    await eachLine(body, take, (chunk) => hash.update(chunk));
    const digest = `sha256:${hash.digest("hex")}`;
    if (digest === wanted) return;
    throw new FlowError(
      errorNames.lineageMismatch,
      `${uri} is not what ${manifest.version} was published with: its digest is ${digest}, the manifest says ${wanted}`,
    );
  }
}
