import assert from "node:assert/strict";
import rule from "../../../policies/encryption/kms-key-rotates.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, remediate, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const SET = "Set it; KMS keeps the old material for what it encrypted.";
const NAMED = "Name the principals, or fix who may come by a condition such as aws:PrincipalAccount or aws:SourceArn.";

describe("kms-key-rotates", () => {
  for (const provider of PROVIDERS) {
    const key = compliant(provider, "key");
    const native = provider === "native";
    const spec = native ? "keySpec" : "customerMasterKeySpec";
    const window = native ? "pendingWindowInDays" : "deletionWindowInDays";
    const policy = native ? "keyPolicy" : "policy";
    const still = broken(key, "enableKeyRotation", undefined);

    it(`${provider}: a symmetric key that does not rotate`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
        ["true", '"true"'],
      ] as const) {
        const text = `kms-key-rotates/rotation: enableKeyRotation is ${shown}, must be true. ${SET}`;
        violates(await analyze(rule, broken(key, "enableKeyRotation", value)), text);
        violates(await analyze(rule, broken(broken(key, spec, undefined), "enableKeyRotation", value)), text);
      }
      notes(
        await analyze(rule, broken(key, "enableKeyRotation", UNKNOWN)),
        `kms-key-rotates/waits: enableKeyRotation is not known yet, must be true. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(still, spec, UNKNOWN)),
        `kms-key-rotates/waits: ${spec} is not known yet, must be known, as enableKeyRotation is not true. ${LATER}`,
      );
    });

    it(`${provider}: keys that KMS cannot rotate are left alone`, async () => {
      for (const value of ["RSA_2048", "ECC_NIST_P256", "HMAC_256"])
        violates(await analyze(rule, broken(still, spec, value)));
      const elsewhere = native ? broken(still, "origin", "EXTERNAL") : broken(still, "customKeyStoreId", "cks-1");
      violates(await analyze(rule, elsewhere));
      for (const none of ["", 7])
        violates(
          await analyze(rule, broken(still, native ? "origin" : "customKeyStoreId", none)),
          `kms-key-rotates/rotation: enableKeyRotation is absent, must be true. ${SET}`,
        );
      if (native) {
        violates(
          await analyze(rule, broken(still, "origin", "AWS_KMS")),
          `kms-key-rotates/rotation: enableKeyRotation is absent, must be true. ${SET}`,
        );
      }
    });

    it(`${provider}: a key that is gone too soon`, async () => {
      const fix = "Lengthen it, or leave it out for 30 days: after it nothing brings the key back.";
      for (const [value, shown] of [
        [29, "29"],
        ["30", '"30"'],
      ] as const) {
        violates(
          await analyze(rule, broken(key, window, value)),
          `kms-key-rotates/window: ${window} is ${shown}, must be 30 or more. ${fix}`,
        );
      }
      violates(await analyze(rule, broken(key, window, undefined)));
      violates(await analyze(rule, broken(key, window, 7), { config: { keyDeletionDays: 7 } }));
      notes(
        await analyze(rule, broken(key, window, UNKNOWN)),
        `kms-key-rotates/waits: ${window} is not known yet, must be 30 or more. ${LATER}`,
      );
    });

    it(`${provider}: a policy for everyone, in both forms`, async () => {
      const open = (condition?: object) => ({
        Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:Decrypt", Resource: "*", Condition: condition }],
      });
      for (const condition of [
        undefined,
        { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
        { StringLike: { "kms:CallerAccount": "*" } },
        { StringNotEquals: { "kms:CallerAccount": "111122223333" } },
      ]) {
        for (const form of [open(condition), JSON.stringify(open(condition))]) {
          violates(
            await analyze(rule, broken(key, policy, form)),
            `kms-key-rotates/policy: ${policy}.Statement[0].Principal is "*", must be named principals in an Allow. ${NAMED}`,
          );
        }
      }
      violates(
        await analyze(rule, broken(key, policy, open({ StringEquals: { "kms:CallerAccount": "111122223333" } }))),
      );
      violates(await analyze(rule, broken(key, policy, undefined)));
    });

    it(`${provider}: a policy that cannot be read, or is not known yet`, async () => {
      violates(
        await analyze(rule, broken(key, policy, "{")),
        `kms-key-rotates/unreadable: ${policy} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      notes(
        await analyze(rule, broken(key, policy, UNKNOWN)),
        `kms-key-rotates/waits: ${policy} is not known yet, must be a policy that lets nobody in without a restricting condition. ${LATER}`,
      );
      const hidden = { Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Condition: UNKNOWN }] };
      notes(
        await analyze(rule, broken(key, policy, hidden)),
        `kms-key-rotates/waits: ${policy}.Statement[0].Condition is not known yet, must be a condition that fixes who may come. ${LATER}`,
      );
    });

    it(`${provider}: remediation turns rotation on where KMS can rotate`, async () => {
      for (const value of [undefined, false])
        assert.equal((await remediate(rule, broken(key, "enableKeyRotation", value)))?.enableKeyRotation, true);
      assert.equal(await remediate(rule, key), undefined);
      assert.equal(await remediate(rule, broken(still, spec, "RSA_2048")), undefined);
      assert.equal(await remediate(rule, broken(still, spec, UNKNOWN)), undefined);
    });
  }

  it("classic: the policy as a resource of its own", async () => {
    const open = { Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" } };
    violates(
      await analyze(rule, broken(compliant("classic", "keyPolicy"), "policy", open)),
      `kms-key-rotates/policy: policy.Statement.Principal.AWS is "*", must be named principals in an Allow. ${NAMED}`,
    );
  });
});
