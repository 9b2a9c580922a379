/** Gate against doubles of the model registry and of S3. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand, ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import { digestOf } from "../../contracts/digest.ts";
import { type EvaluationRules, type GateRules, GateVerdict } from "../../contracts/evaluation.ts";
import { parseS3Uri, verdictKey } from "../../contracts/paths.ts";
import { judge } from "../../functions/evaluate/decide.ts";
import { makeHandler } from "../../functions/gate/gate.ts";
import { awsPorts } from "../../functions/gate/ports.ts";
import { binaryRules, normal, random, rowsFrom } from "./support/evaluations.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { FakeS3 } from "./support/fake-s3.ts";
import {
  approvedMetadata,
  artifactBucket,
  artifactDigest,
  datasetVersion,
  evaluation,
  group,
  packageArn,
} from "./support/samples.ts";

const rules: GateRules = {
  metric: "rocAuc",
  bound: 0.9,
  minimumGain: -0.02,
  minimumSamples: 100,
  confidence: 0.95,
  slices: { maximumRegression: 0.05, minimumSamples: 30 },
};
const input = { evaluation, modelPackageGroupName: group, gate: {} };

interface World {
  metadata?: Record<string, string>;
  statistics?: { S3Uri: string; ContentDigest?: string; ContentType: string };
  s3?: FakeS3;
}

function setup({ metadata, statistics, s3 = new FakeS3() }: World = {}) {
  const sagemaker = new FakeClient()
    .on(ListModelPackagesCommand, { ModelPackageSummaryList: metadata ? [{ ModelPackageArn: packageArn }] : [] })
    .on(DescribeModelPackageCommand, {
      CustomerMetadataProperties: metadata,
      ...(statistics ? { ModelMetrics: { ModelQuality: { Statistics: statistics } } } : {}),
    });
  const environment = { GATE: rules, ARTIFACT_BUCKET: artifactBucket };
  return {
    s3,
    sagemaker,
    handler: makeHandler(awsPorts({ sagemaker: sagemaker.as(), s3: s3.as() }), environment, fakeLog()),
  };
}

/** Evaluations of two models, as Evaluate writes them; `noise` is the model's own. */
function evaluated(
  s3: FakeS3,
  id: string,
  noise: number,
  change: Partial<EvaluationRules> = {},
  version = datasetVersion,
) {
  const [uniform, own] = [random(7), random(id.length * 31 + noise * 1000)];
  const labels = Array.from({ length: 300 }, () => (uniform() < 0.4 ? 1 : 0));
  const scores = labels.map((label) => 1 / (1 + Math.exp(2 - 4 * label - normal(uniform) - noise * normal(own))));
  const settings = { ...binaryRules, ...change };
  const rows = rowsFrom(settings, labels.map(String), scores.map(String));
  const codes = Uint8Array.from(labels, (_, row) => row % 2);
  const submissionId = `sub-${id.padEnd(20, "0")}`;
  const found = judge(
    {
      submissionId,
      testDatasetVersion: version,
      artifactDigest,
      featuresUri: "",
      labelsUri: "",
      predictionsPrefix: "",
    },
    settings,
    rows,
    [{ column: "town", names: ["Bath", "York"], codes }],
  );
  s3.put(`${artifactBucket}/${found.key}`, found.body);
  if (found.influence) s3.put(`${artifactBucket}/${found.influence.key}`, found.influence.body);
  const evaluationUri = `s3://${artifactBucket}/${found.key}`;
  const statistics = { S3Uri: evaluationUri, ContentDigest: digestOf(found.body), ContentType: "application/json" };
  return { statistics, evaluation: { ...found.evaluation, evaluationUri, evaluationDigest: digestOf(found.body) } };
}

describe("functions/gate", () => {
  it("judges without a champion by the demands alone", async () => {
    const { handler, s3 } = setup();
    const { recordDigest, ...verdict } = await handler(input);
    assert.deepEqual(GateVerdict.parse(verdict), verdict);
    // Kept whole beside the evaluation, where no text is too long.
    const key = verdictKey(parseS3Uri(input.evaluation.evaluationUri).key);
    const record = s3.objects.get(`${artifactBucket}/${key}`)?.body.toString() ?? "";
    assert.deepEqual([JSON.parse(record), digestOf(record)], [verdict, recordDigest]);
    assert.deepEqual(verdict, {
      passed: true,
      reasons: [],
      cautions: ["There is no approved package yet: only the bound judges."],
      metric: "rocAuc",
      direction: "higher",
      candidate: 0.99,
      bound: 0.9,
      minimumGain: -0.02,
      slices: [
        { column: "mean_radius", value: "6.9 to 11.7", sampleSize: 43, candidate: 0.97, verdict: "no champion" },
        { column: "mean_radius", value: "11.8 to 27.4", sampleSize: 128, verdict: "not defined" },
      ],
    });
  });

  it("asks for the newest approved package and compares with its metadata where there is no more", async () => {
    const { sagemaker, handler } = setup({ metadata: approvedMetadata({ "frugal:metric-standard-error": "0.001" }) });
    const verdict = await handler(input);
    assert.deepEqual(GateVerdict.parse(verdict), verdict);
    assert.equal(verdict.passed, true);
    assert.deepEqual(verdict.champion, { modelPackageArn: packageArn, value: 0.98 });
    assert.ok(Math.abs((verdict.margin ?? 0) - 0.01) < 1e-9);
    assert.match(verdict.cautions.join(" "), /The evaluation of the champion is not named in its package\./);
    assert.deepEqual(sagemaker.named("ListModelPackagesCommand"), [
      {
        ModelPackageGroupName: group,
        ModelApprovalStatus: "Approved",
        SortBy: "CreationTime",
        SortOrder: "Descending",
        MaxResults: 1,
      },
    ]);
  });

  it("compares with the champion's evaluation, row by row and slice by slice", async () => {
    const s3 = new FakeS3();
    const before = evaluated(s3, "a", 0.5);
    const now = evaluated(s3, "b", 0.45);
    const { handler } = setup({ s3, metadata: approvedMetadata(), statistics: before.statistics });
    const verdict = await handler({ ...input, evaluation: now.evaluation });
    assert.deepEqual(GateVerdict.parse(verdict), verdict);
    assert.equal(verdict.paired, true);
    assert.deepEqual(verdict.cautions, []);
    assert.deepEqual(verdict.champion, {
      modelPackageArn: packageArn,
      value: before.evaluation.metrics.rocAuc,
      sampleSize: 300,
      testDatasetVersion: datasetVersion,
    });
    assert.deepEqual(
      verdict.slices.map(({ value, verdict: one }) => [value, one]),
      [
        ["Bath", "passed"],
        ["York", "passed"],
      ],
    );
    assert.equal(verdict.slices[1]?.champion, before.evaluation.slices[1]?.metric);

    s3.objects.delete(`${artifactBucket}/submissions/sub-a${"0".repeat(19)}/influence.json`);
    const apart = await handler({ ...input, evaluation: now.evaluation });
    assert.equal(apart.paired, false);
    assert.match(apart.cautions.join(), /cannot be compared row by row/);
    const width = ({ marginInterval }: GateVerdict) => (marginInterval?.high ?? 0) - (marginInterval?.low ?? 0);
    assert.ok(width(verdict) < width(apart));
  });

  it("takes a champion that was judged by another metric from its evaluation, which has them all", async () => {
    const s3 = new FakeS3();
    const before = evaluated(s3, "a", 0.5, { metric: "accuracy" });
    const metadata = approvedMetadata({ "frugal:metric-name": "accuracy" });
    const { handler } = setup({ s3, metadata, statistics: before.statistics });
    const verdict = await handler({ ...input, evaluation: evaluated(s3, "b", 0.4).evaluation });
    assert.equal(verdict.champion?.value, before.evaluation.metrics.rocAuc);
    assert.equal(verdict.paired, false);
  });

  it("stops a candidate that is worse than the champion, in the submission's stricter words too", async () => {
    const { handler } = setup({ metadata: approvedMetadata({ "frugal:metric-value": "0.999" }) });
    const gate = { minimumGain: 0.001, minimumSamples: 500 };
    const verdict = await handler({ ...input, gate });
    assert.equal(verdict.passed, false);
    assert.match(
      verdict.reasons.join(" "),
      /has 171 rows: at least 500 .* is 0\.99 where the champion has 0\.999: the gain/,
    );
    await assert.rejects(handler({ ...input, gate: { bound: 0.5 } }), { name: "InvalidInput", message: /gate\.bound/ });
  });

  it("stops when the champion was judged by another metric and nothing else tells", async () => {
    const { handler } = setup({ metadata: approvedMetadata({ "frugal:metric-name": "accuracy" }) });
    const verdict = await handler(input);
    assert.equal(verdict.passed, false);
    assert.match(verdict.reasons.join(), /judged by accuracy and not by rocAuc/);
  });

  const S3Uri = `s3://${artifactBucket}/submissions/sub-x/evaluation.json`;
  const untrusted: [what: string, uri: string, body: string | undefined, caution: RegExp][] = [
    ["is gone", S3Uri, undefined, /is gone/],
    ["was changed", S3Uri, "{}", /is not the one that it was registered with/],
    [
      "stands in another bucket",
      "s3://elsewhere/submissions/a/evaluation.json",
      "{}",
      /is kept where the gate does not read/,
    ],
    ["stands elsewhere in the bucket", `s3://${artifactBucket}/runs/evaluation.json`, "{}", /is kept where the gate/],
    ["has no URI", "https://example.com", "{}", /named by what is no S3 URI/],
    ["is endless", S3Uri, "x".repeat(8_000_001), /is too long to be one/],
  ];
  for (const [what, uri, body, caution] of untrusted) {
    it(`goes on with a caution where the champion's evaluation ${what}`, async () => {
      const s3 = new FakeS3();
      s3.chunkSize = 1_000_000;
      if (body) s3.put(uri.slice("s3://".length), body);
      const statistics = { S3Uri: uri, ContentDigest: `sha256:${"0".repeat(64)}`, ContentType: "application/json" };
      const verdict = await setup({ s3, metadata: approvedMetadata(), statistics }).handler(input);
      assert.equal(verdict.passed, true);
      assert.match(verdict.cautions.join(), caution);
    });
  }

  it("goes on with a caution where the champion's evaluation is of an older format", async () => {
    const s3 = new FakeS3();
    const body = '{"schemaVersion":1,"metrics":{"rocAuc":0.5}}';
    s3.put(S3Uri.slice("s3://".length), body);
    const statistics = { S3Uri, ContentDigest: digestOf(body), ContentType: "application/json" };
    const verdict = await setup({ s3, metadata: approvedMetadata(), statistics }).handler(input);
    assert.equal(verdict.champion?.value, 0.98);
    assert.match(verdict.cautions.join(), /is of another version of this project/);
  });

  it("lets errors of the registry and of S3 through", async () => {
    const { sagemaker, handler } = setup();
    sagemaker.on(ListModelPackagesCommand, () => awsError("AccessDeniedException", "is not authorized"));
    await assert.rejects(handler(input), { name: "AccessDeniedException" });
    const s3 = new FakeS3();
    s3.before = () => {
      throw awsError("AccessDenied", "Access Denied", 403);
    };
    const statistics = { S3Uri, ContentType: "application/json" };
    await assert.rejects(setup({ s3, metadata: approvedMetadata(), statistics }).handler(input), {
      name: "AccessDenied",
    });
  });

  it("refuses an evaluation without the figure, or without anything", async () => {
    await assert.rejects(setup().handler({ ...input, evaluation: { ...evaluation, metrics: {} } }), {
      name: "InvalidInput",
      message: /has no rocAuc/,
    });
    await assert.rejects(setup().handler({}), {
      name: "InvalidInput",
      message: /evaluation.*modelPackageGroupName.*gate/s,
    });
  });
});
