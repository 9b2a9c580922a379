/** Evaluate and Gate survive anything: whatever comes, they answer or throw an error that a state machine knows. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand, ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import fc from "fast-check";
import { permanentErrors } from "../../contracts/errors.ts";
import { Evaluation, GateVerdict } from "../../contracts/evaluation.ts";
import { tagAlphabet } from "../../contracts/lineage.ts";
import { makeHandler as makeEvaluate } from "../../functions/evaluate/evaluate.ts";
import { awsPorts as evaluatePorts } from "../../functions/evaluate/ports.ts";
import { makeHandler as makeGate } from "../../functions/gate/gate.ts";
import { awsPorts as gatePorts } from "../../functions/gate/ports.ts";
import { binaryRules } from "./support/evaluations.ts";
import { FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { FakeS3 } from "./support/fake-s3.ts";
import { rules } from "./support/gates.ts";
import * as samples from "./support/samples.ts";

const { artifactBucket, datasetFolder, datasetVersion } = samples;
const folder = `${artifactBucket}/submissions/${samples.submission.submissionId}`;

/** A value with one of its parts, at any depth, in the place of which stands something else or nothing. */
function broken(value: unknown): fc.Arbitrary<unknown> {
  const paths: string[][] = [];
  const walk = (part: unknown, path: string[]) => {
    paths.push(path);
    if (part === null || typeof part !== "object") return;
    for (const [key, inner] of Object.entries(part)) walk(inner, [...path, key]);
  };
  walk(value, []);
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      undefined,
      null,
      "",
      -1,
      0,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      [],
      {},
      "s3://",
      "s3://b/k",
      "x".repeat(2000),
    ),
  );
  return fc.tuple(fc.constantFrom(...paths), odd).map(([path, replacement]) => {
    if (path.length === 0) return replacement;
    const copy = structuredClone(value) as Record<string, unknown>;
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
    parent[path.at(-1) ?? ""] = replacement;
    return copy;
  });
}

async function knownErrorOr<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    assert.ok(permanentErrors.includes((error as Error).name as never), String((error as Error).stack));
    return undefined;
  }
}

describe("functions/evaluate and functions/gate, whatever comes", function () {
  this.timeout(120_000);
  const runs = { numRuns: 10_000 };

  it("Evaluate: any input, any of its parts broken", async () => {
    const input = {
      submissionId: samples.submission.submissionId,
      featuresUri: `s3://${datasetFolder}/test/features.csv`,
      labelsUri: `s3://${datasetFolder}/test/labels.csv`,
      predictionsPrefix: `s3://${folder}/predictions/`,
      testDatasetVersion: datasetVersion,
      artifactDigest: samples.artifactDigest,
    };
    const s3 = new FakeS3();
    s3.put(`${datasetFolder}/manifest.json`, samples.manifest());
    s3.put(`${datasetFolder}/test/labels.csv`, samples.labels);
    s3.put(`${folder}/predictions/features.csv.out`, "0.1\n0.9\n0.6\n0.8\n");
    const environment = { ARTIFACT_BUCKET: artifactBucket, EVALUATION: binaryRules };
    const handler = makeEvaluate(evaluatePorts({ s3: s3.as() }), environment, fakeLog());
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), broken(input)), async (event) => {
        const answer = await knownErrorOr(handler(event));
        if (answer) Evaluation.parse(answer);
        s3.calls.length = 0;
      }),
      runs,
    );
  });

  it("Evaluate: any manifest, predictions and slice file", async () => {
    const manifest = JSON.parse(samples.manifest());
    const line = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }).map(String),
      fc.constantFrom("0", "1", "", "0.2,0.8", "[0.3]", '{"probability":0.5}', "\u0000", '"'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 1, arbitrary: broken(manifest) }, { weight: 2, arbitrary: fc.constant(manifest) }),
        fc.array(line, { maxLength: 5 }),
        fc.constantFrom("binary" as const, "multiclass" as const, "regression" as const),
        async (text, predictions, problem) => {
          const s3 = new FakeS3();
          s3.chunkSize = 64;
          s3.put(`${datasetFolder}/manifest.json`, JSON.stringify(text) ?? "");
          s3.put(`${datasetFolder}/test/labels.csv`, samples.labels);
          s3.put(`${datasetFolder}/test/features.csv`, samples.features);
          s3.put(`${folder}/predictions/features.csv.out`, predictions.join("\n"));
          const metric = problem === "regression" ? ("mae" as const) : ("accuracy" as const);
          const sliceColumns = ["column 1"];
          const environment = {
            ARTIFACT_BUCKET: artifactBucket,
            EVALUATION: { ...binaryRules, problem, metric, sliceColumns },
          };
          const handler = makeEvaluate(evaluatePorts({ s3: s3.as() }), environment, fakeLog());
          const input = {
            submissionId: samples.submission.submissionId,
            featuresUri: `s3://${datasetFolder}/test/features.csv`,
            labelsUri: `s3://${datasetFolder}/test/labels.csv`,
            predictionsPrefix: `s3://${folder}/predictions/`,
            testDatasetVersion: datasetVersion,
            artifactDigest: samples.artifactDigest,
          };
          const answer = await knownErrorOr(handler(input));
          if (answer) Evaluation.parse(answer);
        },
      ),
      runs,
    );
  });

  it("Gate: any input, any of its parts broken, any record of the champion", async () => {
    const input = { evaluation: samples.evaluation, modelPackageGroupName: samples.group, gate: { bound: 0.95 } };
    const metadata = samples.approvedMetadata();
    const statistics = { S3Uri: samples.evaluation.evaluationUri, ContentDigest: "", ContentType: "application/json" };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), broken(input)),
        fc.dictionary(fc.constantFrom(...Object.keys(metadata)), fc.string()),
        fc.oneof(fc.constant(statistics), fc.record({ S3Uri: fc.string() })),
        async (event, change, quality) => {
          const sagemaker = new FakeClient()
            .on(ListModelPackagesCommand, { ModelPackageSummaryList: [{ ModelPackageArn: samples.packageArn }] })
            .on(DescribeModelPackageCommand, {
              CustomerMetadataProperties: { ...metadata, ...change },
              ModelMetrics: { ModelQuality: { Statistics: quality } },
            });
          const ports = gatePorts({ sagemaker: sagemaker.as(), s3: new FakeS3().as() });
          const handler = makeGate(ports, { GATE: rules, ARTIFACT_BUCKET: artifactBucket }, fakeLog());
          const verdict = await knownErrorOr(handler(event));
          if (!verdict) return;
          GateVerdict.parse(verdict);
          for (const sentence of [...verdict.reasons, ...verdict.cautions]) assert.match(sentence, tagAlphabet);
        },
      ),
      runs,
    );
  });
});
