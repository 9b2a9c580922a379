import assert from "node:assert/strict";
import { lifecycleRule } from "../../../local/provider/native/complete/s3.ts";

const clean = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("lifecycle rules in S3's words", () => {
  it("carry expiry, old versions and abandoned uploads", () => {
    const rule = lifecycleRule({
      Id: "r",
      Status: "Enabled",
      Prefix: "p/",
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      Transitions: [{ StorageClass: "GLACIER_IR", TransitionInDays: 10 }],
    });
    assert.deepEqual(clean(rule), {
      ID: "r",
      Filter: { Prefix: "p/" },
      Status: "Enabled",
      Transition: [{ Days: 10, StorageClass: "GLACIER_IR" }],
      NoncurrentVersionTransition: [],
      Expiration: { Days: 30 },
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    });
  });

  it("join several conditions, and match everything without one", () => {
    const both = lifecycleRule({ Status: "Enabled", Prefix: "p/", TagFilters: [{ Key: "a", Value: "b" }] });
    assert.deepEqual(clean(both.Filter), { And: { Tag: [{ Key: "a", Value: "b" }], Prefix: "p/" } });
    assert.deepEqual(clean(lifecycleRule({ Status: "Enabled" }).Filter), { Prefix: "" });
  });
});
