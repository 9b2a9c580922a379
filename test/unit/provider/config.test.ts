import assert from "node:assert/strict";
import { checkProviderConfig, defaultTags } from "../../../local/provider/native/config.ts";

const world = { accountId: "111122223333", region: "us-east-1" };

describe("provider configuration", () => {
  it("passes for the rehearsal's own account and region", () => {
    assert.deepEqual(checkProviderConfig({ region: "us-east-1", allowedAccountIds: ["111122223333"] }, world), []);
    assert.deepEqual(checkProviderConfig({}, world), []);
  });

  it("refuses another account and another region, both at once", () => {
    const failures = checkProviderConfig({ region: "eu-west-1", allowedAccountIds: ["999999999999"] }, world);
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["allowedAccountIds", "region"],
    );
    assert.match(failures[0]?.reason ?? "", /account ID not allowed: 111122223333 \(allowed: 999999999999\)/);
    assert.match(failures[1]?.reason ?? "", /us-east-1, not eu-west-1/);
  });

  it("refuses a forbidden account", () => {
    assert.equal(checkProviderConfig({ forbiddenAccountIds: ["111122223333"] }, world).length, 1);
  });

  it("reads default tags", () => {
    assert.deepEqual(defaultTags({ defaultTags: { tags: { a: "b" } } }), { a: "b" });
    assert.deepEqual(defaultTags({}), {});
  });
});
