import assert from "node:assert/strict";
import rule from "../../../policies/approval/package-approved.ts";
import type { Answer, PackageFacts } from "../../../policies/support/live.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, UNKNOWN, violates } from "../support/harness.ts";
import { against, answered, atUpdate, double, PACKAGE_ARN, RECORDED, trueRegistry } from "../support/registry.ts";

const SUBJECT = `model package ${PACKAGE_ARN}`;
const PATH = "primaryContainer.modelPackageName";
const APPROVE = "Pin a version that has been approved, or have this one approved through the submission first.";
const registered = (answer: Answer<PackageFacts>) => double({ packages: { [PACKAGE_ARN]: answer } });

describe("package-approved", () => {
  for (const provider of PROVIDERS) {
    const model = compliant(provider, "model");

    it(`${provider}: every status but Approved`, async () => {
      for (const approvalStatus of ["PendingManualApproval", "Rejected", undefined, "approved"]) {
        const value = approvalStatus === undefined ? "absent" : `"${approvalStatus}"`;
        await against(registered(answered({ ...RECORDED, approvalStatus })), async () =>
          violates(
            await analyze(rule, model),
            `package-approved/status: ${PATH} is ${SUBJECT} with ModelApprovalStatus ${value}, must be one with "Approved". ${APPROVE}`,
          ),
        );
      }
    });

    it(`${provider}: approved, but not registered to the end`, async () => {
      await against(registered(answered({ ...RECORDED, status: "Failed" })), async () =>
        violates(
          await analyze(rule, model),
          `package-approved/incomplete: ${PATH} is ${SUBJECT} with ModelPackageStatus "Failed", must be one with "Completed". Wait for the registration to complete, or see why it failed.`,
        ),
      );
    });

    it(`${provider}: each container is judged`, async () => {
      const second = PACKAGE_ARN.replace(/3$/, "9");
      const pending = answered({ ...RECORDED, approvalStatus: "Rejected" });
      const two = broken(broken(model, "primaryContainer", undefined), "containers", [
        { modelPackageName: PACKAGE_ARN },
        { modelPackageName: second },
      ]);
      await against(double({ packages: { [PACKAGE_ARN]: answered(RECORDED), [second]: pending } }), async () =>
        violates(
          await analyze(rule, two),
          `package-approved/status: containers[1].modelPackageName is model package ${second} with ModelApprovalStatus "Rejected", must be one with "Approved". ${APPROVE}`,
        ),
      );
    });

    it(`${provider}: each outcome of the look-up`, async () => {
      const limit = "must be an approved model package version";
      const outcomes: readonly [Answer<PackageFacts>, string][] = [
        [
          { state: "not-found", words: "gone" },
          `package-approved/not-found: ${PATH} is ${SUBJECT}, which does not exist (gone), ${limit}. Correct the name, or the account and region of the credentials.`,
        ],
        [
          { state: "denied", action: "sagemaker:DescribeModelPackage", words: "no" },
          `package-approved/denied: ${PATH} is ${SUBJECT}, which may not be looked up (no), ${limit}. Allow sagemaker:DescribeModelPackage to whoever runs the preview.`,
        ],
        [
          { state: "offline", words: "throttled" },
          `package-approved/offline: ${PATH} is ${SUBJECT}, which is not verified (throttled), ${limit}. Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.`,
        ],
      ];
      for (const [answer, text] of outcomes) {
        await against(registered(answer), async () => violates(await analyze(rule, model), text));
      }
      const [answer, text] = outcomes[2] ?? assert.fail();
      await against(registered(answer), async () =>
        notes(await analyze(rule, model, { config: { offline: "warn" } }), text),
      );
      // Anything but the exact word refuses.
      await against(registered(answer), async () =>
        violates(await analyze(rule, model, { config: { offline: "Warn" } }), text),
      );
    });

    it(`${provider}: a package not known yet is waited for, and nothing is asked`, async () => {
      const registry = trueRegistry();
      await against(registry, async () =>
        notes(
          await analyze(rule, broken(model, PATH, UNKNOWN)),
          `package-approved/waits: ${PATH} is not known yet, must be the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION). It is judged at update, before the resource is touched.`,
        ),
      );
      assert.deepEqual(registry.asked, []);
    });

    it(`${provider}: one package is asked for once, however many models name it`, async () => {
      const registry = trueRegistry();
      await against(registry, async () => {
        await Promise.all([analyze(rule, model), analyze(rule, model), analyze(rule, model)]);
      });
      assert.deepEqual(registry.asked, [PACKAGE_ARN]);
    });

    it(`${provider}: at update, what the account holds under the endpoint's configuration`, async () => {
      const endpoint = {
        ...compliant(provider, "endpoint"),
        provider: { type: "pulumi:providers:x", props: { region: "us-east-1" } },
      };
      const registry = double({
        packages: { [PACKAGE_ARN]: answered({ ...RECORDED, approvalStatus: "Rejected" }) },
        configs: { "churn-prod-3-cfg": answered({ models: [{ path: "productionVariants[0].modelName", name: "m" }] }) },
        models: { m: answered({ containers: [{ path: "primaryContainer", package: PACKAGE_ARN }] }) },
      });
      await against(registry, async () => {
        violates(await analyze(rule, endpoint));
        violates(
          await atUpdate(() => analyze(rule, endpoint)),
          `package-approved/status: endpointConfigName > "churn-prod-3-cfg" productionVariants[0].modelName > "m" primaryContainer.modelPackageName is ${SUBJECT} with ModelApprovalStatus "Rejected", must be one with "Approved". ${APPROVE}`,
        );
      });
    });

    it(`${provider}: an endpoint that serves a model made elsewhere`, async () => {
      const endpoint = broken(compliant(provider, "endpoint"), "endpointConfigName", "elsewhere");
      const registry = double({
        packages: { [PACKAGE_ARN]: answered({ ...RECORDED, approvalStatus: "Rejected" }) },
        configs: { elsewhere: answered({ models: [{ path: "productionVariants[0].modelName", name: "m" }] }) },
        models: { m: answered({ containers: [{ path: "primaryContainer", package: PACKAGE_ARN }] }) },
      });
      await against(registry, async () =>
        violates(
          await analyzeStack(rule, [endpoint]),
          `package-approved/status: endpointConfigName > "elsewhere" productionVariants[0].modelName > "m" primaryContainer.modelPackageName is ${SUBJECT} with ModelApprovalStatus "Rejected", must be one with "Approved". ${APPROVE}`,
        ),
      );
    });
  }
});
