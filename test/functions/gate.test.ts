/** Gate against a double of the model registry. */
import assert from "node:assert/strict";
import { DescribeModelPackageCommand, ListModelPackagesCommand } from "@aws-sdk/client-sagemaker";
import { GateVerdict } from "../../contracts/submission.ts";
import { makeHandler } from "../../functions/gate/gate.ts";
import { awsPorts } from "../../functions/gate/ports.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { approvedMetadata, evaluation, group, packageArn } from "./support/samples.ts";

const rules = { metric: "rocAuc", minimum: 0.9, minimumGain: 0, minimumSamples: 100 } as const;
const input = { evaluation, modelPackageGroupName: group };

function setup(metadata?: Record<string, string>) {
  const sagemaker = new FakeClient()
    .on(ListModelPackagesCommand, { ModelPackageSummaryList: metadata ? [{ ModelPackageArn: packageArn }] : [] })
    .on(DescribeModelPackageCommand, { CustomerMetadataProperties: metadata });
  return { sagemaker, handler: makeHandler(awsPorts({ sagemaker: sagemaker.as() }), { GATE: rules }, fakeLog()) };
}

describe("functions/gate", () => {
  it("judges without a champion by the thresholds alone", async () => {
    const { handler } = setup();
    const verdict = await handler(input);
    assert.deepEqual(verdict, { passed: true, reasons: [], metric: "rocAuc", candidate: 0.99, minimum: 0.9 });
  });

  it("asks for the newest approved package and compares with it", async () => {
    const { sagemaker, handler } = setup(approvedMetadata());
    const verdict = await handler(input);
    assert.deepEqual(GateVerdict.parse(verdict), verdict);
    assert.equal(verdict.passed, true);
    assert.deepEqual(verdict.champion, { modelPackageArn: packageArn, value: 0.98 });
    assert.ok(Math.abs((verdict.margin ?? 0) - 0.01) < 1e-9);
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

  it("stops a candidate that is worse than the champion", async () => {
    const { handler } = setup(approvedMetadata({ "frugal:metric-value": "0.995" }));
    const verdict = await handler(input);
    assert.equal(verdict.passed, false);
    assert.match(verdict.reasons.join(), /is 0\.99 where the champion has 0\.995: a gain/);
  });

  it("stops when the champion was judged by another metric", async () => {
    const { handler } = setup(approvedMetadata({ "frugal:metric-name": "accuracy" }));
    const verdict = await handler(input);
    assert.equal(verdict.passed, false);
    assert.match(verdict.reasons.join(), /judged by accuracy, not by rocAuc/);
  });

  it("lets errors of the registry through", async () => {
    const { sagemaker, handler } = setup();
    sagemaker.on(ListModelPackagesCommand, () => awsError("AccessDeniedException", "is not authorized"));
    await assert.rejects(handler(input), { name: "AccessDeniedException" });
  });

  it("refuses an evaluation without the figures", async () => {
    await assert.rejects(setup().handler({ ...input, evaluation: { ...evaluation, metrics: {} } }), {
      name: "InvalidInput",
      message: /evaluation\.metrics\.accuracy.*evaluation\.metrics\.rocAuc/s,
    });
  });
});
