import assert from "node:assert/strict";
import rule from "../../../policies/data/bucket-retained.ts";
import { broken, compliant } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const AGAIN = "It is judged again when the update has made it known.";
const LOCKED = { config: { evidenceLockDays: 400 } };
const RETENTION = "objectLockConfiguration.rule.defaultRetention";
const tidy = (path: string, ...missing: ("uploads" | "old-versions")[]) =>
  missing.map((check) => {
    const words = check === "uploads" ? "abort unfinished uploads" : "expire noncurrent versions";
    return `bucket-retained/${check}: ${path} is without an enabled rule for the whole bucket, must be rules that ${words}. Add one without prefix, tags or sizes.`;
  });
const expires = (path: string, value: string) =>
  `bucket-retained/expires: ${path} is ${value}, must be absent in a bucket of evidence. Keep current objects; expire noncurrent versions only.`;
const lock = (path: string, shown: string) =>
  `bucket-retained/lock: ${path} is ${shown}, must be true. Turn Object Lock on when the bucket is made; later it replaces an aws-native bucket.`;
const retention = (path: string, shown: string) =>
  `bucket-retained/retention: ${path} is ${shown}, must be GOVERNANCE or COMPLIANCE for at least 400 days. Set the default retention of the bucket's Object Lock.`;

const native = compliant("native", "bucket");
const rules = "lifecycleConfiguration.rules";
const evidence = (bucket: Resource): Resource =>
  broken(
    bucket,
    "tags",
    Array.isArray(bucket.props.tags)
      ? [...bucket.props.tags, { key: "frugal:keep", value: "evidence" }]
      : { ...(bucket.props.tags as object), "frugal:keep": "evidence" },
  );

describe("bucket-retained", () => {
  it("native: a bucket that is not tidied", async () => {
    violates(
      await analyze(rule, broken(native, "lifecycleConfiguration", undefined)),
      ...tidy(rules, "uploads", "old-versions"),
    );
    violates(
      await analyze(rule, broken(native, `${rules}[0].abortIncompleteMultipartUpload`, undefined)),
      ...tidy(rules, "uploads"),
    );
    violates(
      await analyze(rule, broken(native, `${rules}[0].noncurrentVersionExpiration`, undefined)),
      ...tidy(rules, "old-versions"),
    );
    for (const [key, value] of [
      ["status", "Disabled"],
      ["status", undefined],
      ["prefix", "tmp/"],
      ["tagFilters", [{ key: "a", value: "b" }]],
      ["objectSizeGreaterThan", "1"],
      ["objectSizeLessThan", "1"],
    ] as const) {
      violates(
        await analyze(rule, broken(native, `${rules}[0].${key}`, value)),
        ...tidy(rules, "uploads", "old-versions"),
      );
    }
    violates(
      await analyze(rule, broken(native, `${rules}[0].noncurrentVersionExpiration.noncurrentDays`, 0)),
      ...tidy(rules, "old-versions"),
    );
  });

  it("native: tidied in other words", async () => {
    violates(await analyze(rule, broken(native, `${rules}[0].prefix`, "")));
    violates(await analyze(rule, broken(native, `${rules}[0].tagFilters`, [])));
    const old = broken(native, `${rules}[0].noncurrentVersionExpiration`, undefined);
    violates(await analyze(rule, broken(old, `${rules}[0].noncurrentVersionExpirationInDays`, 1)));
    violates(await analyze(rule, evidence(broken(native, "lifecycleConfiguration", undefined))));
  });

  it("native: current objects expire", async () => {
    for (const [key, value] of [
      ["expirationInDays", 30],
      ["expirationDate", "2027-01-01T00:00:00Z"],
    ] as const) {
      const bucket = broken(native, `${rules}[0].${key}`, value);
      violates(await analyze(rule, bucket));
      violates(await analyze(rule, evidence(bucket)), expires(`${rules}[0].${key}`, JSON.stringify(value)));
      violates(
        await analyze(rule, evidence(broken(bucket, `${rules}[0].prefix`, "tmp/"))),
        expires(`${rules}[0].${key}`, JSON.stringify(value)),
      );
      violates(await analyze(rule, evidence(broken(bucket, `${rules}[0].status`, "Disabled"))));
    }
  });

  it("native: the lock, where the stage asks for it", async () => {
    violates(await analyze(rule, evidence(native)));
    violates(await analyze(rule, native, LOCKED));
    violates(
      await analyze(rule, evidence(native), LOCKED),
      lock("objectLockEnabled", "absent"),
      retention(RETENTION, "absent"),
    );
    const locked = (mode: unknown, period: object) =>
      evidence(
        broken(broken(native, "objectLockEnabled", true), "objectLockConfiguration", {
          rule: { defaultRetention: { mode, ...period } },
        }),
      );
    violates(await analyze(rule, locked("GOVERNANCE", { days: 400 }), LOCKED));
    violates(await analyze(rule, locked("COMPLIANCE", { years: 2 }), LOCKED));
    for (const [mode, period] of [
      ["GOVERNANCE", { days: 399 }],
      ["GOVERNANCE", { years: 1 }],
      ["GOVERNANCE", {}],
      ["governance", { days: 400 }],
      ["GOVERNANCE", { days: "400" }],
    ] as const) {
      violates(
        await analyze(rule, locked(mode, period), LOCKED),
        retention(RETENTION, JSON.stringify(Object.fromEntries(Object.entries({ mode, ...period }).sort()))),
      );
    }
    violates(
      await analyze(rule, broken(locked("GOVERNANCE", { days: 400 }), "objectLockEnabled", "true"), LOCKED),
      lock("objectLockEnabled", '"true"'),
    );
    notes(
      await analyze(rule, broken(locked(UNKNOWN, { days: 400 }), "objectLockEnabled", UNKNOWN), LOCKED),
      `bucket-retained/waits: objectLockEnabled is not known yet, must be true. ${LATER}`,
      `bucket-retained/waits: ${RETENTION} is not known yet, must be GOVERNANCE or COMPLIANCE for at least 400 days. ${LATER}`,
    );
    const hidden = broken(locked("GOVERNANCE", { days: 400 }), "objectLockConfiguration", UNKNOWN);
    violates(await analyze(rule, hidden));
    notes(
      await analyze(rule, hidden, LOCKED),
      `bucket-retained/waits: objectLockConfiguration is not known yet, must be GOVERNANCE or COMPLIANCE for at least 400 days. ${LATER}`,
    );
  });

  it("native: what is not known yet, and what is no rule", async () => {
    const keep = (path: string) =>
      `bucket-retained/waits: ${path} is not known yet, must be known, as frugal:keep says whether the bucket holds evidence. ${LATER}`;
    notes(await analyze(rule, broken(native, "tags", UNKNOWN)), keep("tags"));
    // Neither side's demands are made of what may be either.
    const untidy = broken(broken(native, "tags", UNKNOWN), "lifecycleConfiguration", undefined);
    notes(await analyze(rule, untidy), keep("tags"));
    const at = `tags[${(native.props.tags as unknown[]).length}].value`;
    notes(await analyze(rule, broken(evidence(native), at, UNKNOWN)), keep(at));
    // A rule more, which is not known yet, takes nothing away.
    violates(await analyze(rule, broken(native, `${rules}[1]`, UNKNOWN)));
    const wanted = "rules that abort unfinished uploads and expire noncurrent versions";
    for (const [path, at] of [
      ["lifecycleConfiguration", "lifecycleConfiguration"],
      [rules, rules],
      [`${rules}[0].status`, `${rules}[0].status`],
      [`${rules}[0].abortIncompleteMultipartUpload.daysAfterInitiation`, `${rules}[0].abortIncompleteMultipartUpload`],
    ] as const) {
      notes(
        await analyze(rule, broken(native, path, UNKNOWN)),
        `bucket-retained/waits: ${at} is not known yet, must be ${wanted}. ${LATER}`,
      );
    }
    notes(
      await analyze(rule, evidence(broken(native, `${rules}[0].expirationInDays`, UNKNOWN))),
      `bucket-retained/waits: ${rules}[0].expirationInDays is not known yet, must be a rule that keeps current objects. ${LATER}`,
    );
    violates(
      await analyze(rule, broken(native, `${rules}[1]`, "x")),
      `bucket-retained/unreadable: ${rules}[1] is "x", must be a lifecycle rule. Correct the rule.`,
    );
  });

  for (const family of ["bucket", "bucketV2"]) {
    it(`classic ${family}: forceDestroy`, async () => {
      const bucket = compliant("classic", family);
      violates(await analyze(rule, broken(bucket, "forceDestroy", false)));
      for (const value of [true, "false"]) {
        violates(
          await analyze(rule, broken(bucket, "forceDestroy", value)),
          `bucket-retained/destroy: forceDestroy is ${JSON.stringify(value)}, must be false. Empty the bucket by hand when it has to go.`,
        );
      }
      notes(
        await analyze(rule, broken(bucket, "forceDestroy", UNKNOWN)),
        `bucket-retained/waits: forceDestroy is not known yet, must be false. ${LATER}`,
      );
    });
  }

  describe("classic: lifecycle and lock are resources of their own", () => {
    const bucket = compliant("classic", "bucket");
    const lifecycle = compliant("classic", "bucketLifecycle");
    const holding: Resource = {
      type: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
      name: "lock",
      props: { bucket: bucket.props.bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: 400 } } },
    };

    it("none, or one for another bucket", async () => {
      violates(await analyzeStack(rule, [bucket]), ...tidy("bucket", "uploads", "old-versions"));
      violates(
        await analyzeStack(rule, [bucket, broken(lifecycle, "bucket", "another")]),
        ...tidy("bucket", "uploads", "old-versions"),
      );
      violates(await analyzeStack(rule, [bucket, lifecycle]));
    });

    it("found by reference when the name is not known yet", async () => {
      const byReference = { ...broken(lifecycle, "bucket", UNKNOWN), propertyDependencies: { bucket: ["bucket"] } };
      const found = await analyzeStack(rule, [
        broken(bucket, "bucket", UNKNOWN),
        { ...bucket, name: "other" },
        byReference,
      ]);
      assert.deepEqual([...new Set(found.map(({ on }) => on))], ["other"]);
    });

    it("a rule for a part, and current objects that expire", async () => {
      for (const filter of [{ prefix: "tmp/" }, { tag: { key: "a", value: "b" } }, { objectSizeLessThan: 1 }]) {
        violates(
          await analyzeStack(rule, [bucket, broken(lifecycle, "rules[0].filter", filter)]),
          ...tidy("bucket", "uploads", "old-versions"),
        );
      }
      const expiring = broken(lifecycle, "rules[0].expiration", { days: 30 });
      violates(await analyzeStack(rule, [bucket, expiring]));
      violates(
        await analyzeStack(rule, [evidence(bucket), expiring]),
        expires('bucket > "bucketLifecycle" rules[0].expiration.days', "30"),
      );
      notes(
        await analyzeStack(rule, [bucket, broken(lifecycle, "rules", UNKNOWN)]),
        `bucket-retained/waits: bucket > "bucketLifecycle" rules is not known yet, must be rules that abort unfinished uploads and expire noncurrent versions. ${AGAIN}`,
      );
    });

    it("written in the bucket itself", async () => {
      const inline = {
        enabled: true,
        abortIncompleteMultipartUploadDays: 7,
        noncurrentVersionExpiration: { days: 30 },
        expiration: { days: 0, date: "" },
      };
      violates(await analyzeStack(rule, [evidence(broken(bucket, "lifecycleRules", [inline]))]));
      violates(await analyzeStack(rule, [broken(bucket, "lifecycleRules", [inline])]));
      violates(
        await analyzeStack(rule, [broken(bucket, "lifecycleRules", [{ ...inline, enabled: false }])]),
        ...tidy("bucket", "uploads", "old-versions"),
      );
      const second = compliant("classic", "bucketV2");
      const twin = { ...inline, noncurrentVersionExpiration: undefined, noncurrentVersionExpirations: [{ days: 30 }] };
      violates(await analyzeStack(rule, [broken(second, "lifecycleRules", [twin])]));
      violates(
        await analyzeStack(rule, [
          evidence(broken(second, "lifecycleRules", [{ ...twin, expirations: [{ days: 1 }] }])),
        ]),
        expires("lifecycleRules[0].expirations[0].days", "1"),
      );
      // What AWS fills in is no promise; what the program computes is waited for.
      const unknown = broken(bucket, "lifecycleRules", UNKNOWN);
      violates(await analyzeStack(rule, [unknown]), ...tidy("bucket", "uploads", "old-versions"));
      const found = await analyzeStack(rule, [
        { ...unknown, propertyDependencies: { lifecycleRules: ["role"] } },
        compliant("classic", "role"),
      ]);
      assert.deepEqual(
        found.map(({ level }) => level),
        ["advisory"],
      );
    });

    it("the lock, where the stage asks for it", async () => {
      violates(await analyzeStack(rule, [evidence(bucket), lifecycle]));
      violates(await analyzeStack(rule, [bucket, lifecycle], LOCKED));
      violates(
        await analyzeStack(rule, [evidence(bucket), lifecycle], LOCKED),
        lock("objectLockEnabled", "absent"),
        retention("bucket", "absent"),
      );
      violates(await analyzeStack(rule, [evidence(bucket), lifecycle, holding], LOCKED));
      violates(
        await analyzeStack(
          rule,
          [evidence(bucket), lifecycle, broken(holding, "rule.defaultRetention.days", 399)],
          LOCKED,
        ),
        retention('bucket > "lock" rule.defaultRetention', '{"days":399,"mode":"GOVERNANCE"}'),
      );
      violates(
        await analyzeStack(rule, [evidence(bucket), lifecycle, broken(holding, "rule", undefined)], LOCKED),
        retention('bucket > "lock" rule.defaultRetention', "absent"),
      );
    });
  });
});
