/** What makes two submissions one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  defaultEnvironment,
  SubmissionInput,
  submissionId,
  submissionIdPattern,
} from "../../../contracts/submission.ts";

const environment = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
const trainingJobName = "t1";

describe("contracts/submission", () => {
  it("gives one id to one job with one environment, in whatever order its entries come", () => {
    fc.assert(
      fc.property(environment, (values) => {
        const reversed = Object.fromEntries(Object.entries(values).reverse());
        const id = submissionId({ trainingJobName, environment: values });
        assert.equal(submissionId({ trainingJobName, environment: reversed }), id);
        assert.match(id, submissionIdPattern);
      }),
    );
  });

  it("gives the same id to what is left out and to its default", () => {
    const id = submissionId({ trainingJobName });
    const written = { trainingJobName, modelName: "churn", gate: {}, environment: { ...defaultEnvironment } };
    assert.equal(submissionId(written), id);
    const autoMl = { autoMlJobName: "a" };
    assert.equal(submissionId({ ...autoMl, environment: {} }), submissionId(autoMl));
  });

  it("gives another id to another source, image, test, demand or environment", () => {
    const others = [
      { trainingJobName },
      { trainingJobName: "t2" },
      { artifactUri: "s3://bucket/t1/output/model.tar.gz" },
      { autoMlJobName: "t1" },
      { trainingJobName, image: "repo/image:1" },
      { trainingJobName, testDatasetVersion: `a@sha256:${"0".repeat(64)}` },
      { trainingJobName, gate: { bound: 0.95 } },
      { trainingJobName, gate: { minimumGain: 0.95 } },
      { trainingJobName, environment: {} },
      { trainingJobName, environment: { ...defaultEnvironment, MORE: "1" } },
    ];
    assert.equal(new Set(others.map(submissionId)).size, others.length);
    fc.assert(
      fc.property(environment, fc.string(), (values, more) => {
        const key = `new ${more}`;
        fc.pre(!(key in values));
        const id = submissionId({ trainingJobName, environment: values });
        assert.notEqual(submissionId({ trainingJobName, environment: { ...values, [key]: more } }), id);
      }),
    );
  });

  it("stays what it was: a changed rule would submit everything again", () => {
    assert.equal(submissionId({ trainingJobName }), "sub-43aa64dd566122bca146");
  });

  it("refuses what it does not know, and wants one source", () => {
    const input = { trainingJobName, submittedBy: "a@example.com" };
    assert.equal(SubmissionInput.safeParse(input).success, true);
    assert.equal(SubmissionInput.safeParse({ ...input, submissionId: "sub-1" }).success, false);
    assert.equal(SubmissionInput.safeParse({ ...input, trainingJobName: "a_b" }).success, false);
    const two = SubmissionInput.safeParse({ ...input, autoMlJobName: "a" });
    assert.match(two.error?.issues[0]?.message ?? "", /exactly one of .*, got trainingJobName and autoMlJobName/);
    const none = SubmissionInput.safeParse({ submittedBy: "a@example.com" });
    assert.match(none.error?.issues[0]?.message ?? "", /exactly one of .*, got none/);
  });
});
