/** StageArtifact and the submission's parser under whatever somebody may start the machine with. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { errorNames } from "../../contracts/errors.ts";
import { noteLimit, SubmissionInput, submissionId, submissionIdPattern } from "../../contracts/submission.ts";
import { artifactBucket, datasetVersion, jobName } from "./support/samples.ts";
import { execution, refusalPath, stagingSetup } from "./support/staging.ts";

const RUNS = { numRuns: 10_000 };
/** Stands in a container's environment, where people put passwords. */
const secret = "s3cr3t-n0t-t0-be-seen";

/** Whole inputs: what has to be there is there, each part as people may write it. */
const valid = fc
  .record(
    {
      source: fc.constantFrom(
        { trainingJobName: jobName },
        { trainingJobName: "another-job" },
        { artifactUri: `s3://${artifactBucket}/runs/${jobName}/output/model.tar.gz` },
        { autoMlJobName: "search-1" },
      ),
      modelName: fc.constantFrom("breast-cancer", "churn"),
      image: fc.constantFrom("repo/image:1", `repo/image@sha256:${"a".repeat(64)}`),
      testDatasetVersion: fc.constantFrom(datasetVersion, `other@sha256:${"0".repeat(64)}`),
      gate: fc.record(
        { bound: fc.double({ noNaN: true, noDefaultInfinity: true }), minimumSamples: fc.integer({ min: 1 }) },
        { requiredKeys: [] },
      ),
      note: fc.string({ maxLength: noteLimit, unit: "binary" }),
      environment: fc.dictionary(fc.string({ maxLength: 20 }), fc.constantFrom("1", secret), { maxKeys: 5 }),
    },
    { requiredKeys: ["source"] },
  )
  .map(({ source, ...rest }) => ({ ...source, ...rest, submittedBy: "grace@example.com" }) as Record<string, unknown>);

const anything = fc.oneof(fc.jsonValue(), fc.anything());
const keys = [...Object.keys(SubmissionInput.shape), "submissionId", "__proto__", "constructor", "x"];
/** One part of a whole input becomes something else, or goes. */
const nearlyValid = fc
  .tuple(valid, fc.constantFrom(...keys), fc.oneof(anything, fc.constant(undefined)))
  .map(([input, key, value]) =>
    Object.defineProperty({ ...input }, key, { value, enumerable: true, configurable: true, writable: true }),
  );
const any = fc.oneof(
  { arbitrary: nearlyValid, weight: 6 },
  { arbitrary: valid, weight: 2 },
  { arbitrary: anything, weight: 2 },
);

describe("a submission, fuzzed", function () {
  this.timeout(120_000);

  it("is parsed or refused, and never anything else", () => {
    fc.assert(
      fc.property(any, (input) => {
        const result = SubmissionInput.safeParse(input);
        if (!result.success) {
          assert.ok(result.error.issues.length > 0);
          assert.ok(!JSON.stringify(result.error.issues).includes(secret));
          return;
        }
        assert.match(submissionId(result.data), submissionIdPattern);
        // What was accepted is accepted once more when it has travelled as JSON, as the same submission.
        const travelled = SubmissionInput.parse(JSON.parse(JSON.stringify(result.data)));
        assert.equal(submissionId(travelled), submissionId(result.data));
      }),
      RUNS,
    );
  });

  it("has an id that who, why and the order of its keys have no part in, and everything else has", () => {
    fc.assert(
      fc.property(valid, fc.string(), (input, note) => {
        const parsed = SubmissionInput.parse(input);
        const id = submissionId(parsed);
        const other: SubmissionInput = {
          ...(Object.fromEntries(Object.entries(parsed).reverse()) as SubmissionInput),
          note,
          submittedBy: "ada@example.com",
        };
        assert.equal(submissionId(other), id);
        assert.notEqual(submissionId({ ...parsed, environment: { ...parsed.environment, MORE: "1" } }), id);
        assert.notEqual(submissionId({ ...parsed, gate: { ...parsed.gate, minimumGain: 0.125 } }), id);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is staged, or refused by name with a record, and shows no secret", async () => {
    const flow = new Set<string>(Object.values(errorNames));
    const outcomes = new Set<string>();
    const { s3, handle, log } = stagingSetup();
    await fc.assert(
      fc.asyncProperty(
        any,
        fc.oneof({ arbitrary: fc.constant(execution), weight: 9 }, anything),
        async (submission, name) => {
          s3.objects.delete(refusalPath);
          // What Step Functions hands over has been JSON.
          let event: unknown;
          try {
            event = JSON.parse(JSON.stringify({ submission, execution: name }) ?? "null");
          } catch {
            event = { submission: String(typeof submission), execution: name };
          }
          try {
            const staged = await handle(event);
            assert.match(staged.submissionId, submissionIdPattern);
            assert.ok(!s3.objects.has(refusalPath));
            outcomes.add("staged");
          } catch (error) {
            const { name: called, message } = error as Error;
            assert.ok(flow.has(called), `${called}: ${message}`);
            assert.ok(!message.includes(secret), message);
            const record = s3.objects.get(refusalPath)?.body.toString();
            if ((event as { execution?: unknown }).execution === execution && "submission" in (event as object)) {
              assert.equal(JSON.parse(record ?? "{}").error, called);
              assert.ok(!record?.includes(secret));
            }
            outcomes.add(called);
          }
        },
      ),
      RUNS,
    );
    assert.ok(!log.text().includes(secret));
    assert.deepEqual([...outcomes].sort(), ["InvalidInput", "LineageMismatch", "staged"]);
  });
});
