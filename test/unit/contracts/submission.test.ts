/** What makes two submissions one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { defaultEnvironment, SubmissionInput, submissionId } from "../../../contracts/submission.ts";

const environment = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
const arn = fc.string({ minLength: 1 });

describe("contracts/submission", () => {
  it("gives one id to one job with one environment, in whatever order its entries come", () => {
    fc.assert(
      fc.property(arn, environment, (job, values) => {
        const reversed = Object.fromEntries(Object.entries(values).reverse());
        assert.equal(submissionId(job, values), submissionId(job, reversed));
        assert.match(submissionId(job, values), /^sub-[0-9a-f]{20}$/);
      }),
    );
  });

  it("gives another id to another job or environment", () => {
    fc.assert(
      fc.property(arn, environment, fc.string(), (job, values, more) => {
        assert.notEqual(submissionId(`${job}x`, values), submissionId(job, values));
        const key = `new ${more}`;
        fc.pre(!(key in values));
        assert.notEqual(submissionId(job, { ...values, [key]: more }), submissionId(job, values));
      }),
    );
  });

  it("stays what it was: a changed rule would submit everything again", () => {
    assert.equal(
      submissionId("arn:aws:sagemaker:us-east-1:111122223333:training-job/t1", defaultEnvironment),
      "sub-4ecb68cc264e10271cc9",
    );
  });

  it("refuses what it does not know", () => {
    const input = {
      submissionId: `sub-${"0".repeat(20)}`,
      trainingJobName: "t1",
      submittedBy: "a@example.com",
      environment: {},
    };
    assert.equal(SubmissionInput.safeParse(input).success, true);
    assert.equal(SubmissionInput.safeParse({ ...input, image: "mine" }).success, false);
    assert.equal(SubmissionInput.safeParse({ ...input, trainingJobName: "a_b" }).success, false);
  });
});
