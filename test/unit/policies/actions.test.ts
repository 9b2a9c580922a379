import assert from "node:assert/strict";
import * as fc from "fast-check";
import { covers, isAnyResource } from "../../../policies/support/actions.ts";
import { parseDocument } from "../../../policies/support/document.ts";
import { LOOKED_UP, RESOURCELESS, resourceless } from "../../../policies/support/resourceless-actions.ts";
import { snapshot } from "../../../policies/support/unknown.ts";

describe("covers", () => {
  it("matches as IAM does: any run, any one, no case", () => {
    for (const [pattern, action] of [
      ["*", "iam:PassRole"],
      ["iam:*", "iam:PassRole"],
      ["IAM:passrole", "iam:PassRole"],
      ["i?m:Pass*e", "iam:PassRole"],
      ["iam:PassRole*", "iam:PassRole"],
    ] as const) {
      assert.ok(covers(pattern, action), pattern);
    }
    for (const pattern of ["iam:Pass", "iam:PassRole?", "s3:*", "", "iam:*x"])
      assert.ok(!covers(pattern, "iam:PassRole"), pattern);
  });

  it("agrees with a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), (pattern, action) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(action);
        assert.equal(covers(pattern, action), expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("does not take long over many wildcards", () => {
    const started = performance.now();
    covers(`${"*a".repeat(200)}b`, "a".repeat(2000));
    assert.ok(performance.now() - started < 500);
  });
});

describe("isAnyResource", () => {
  it("knows nothing in particular from something", () => {
    for (const any of [
      "*",
      "**",
      "*?",
      "arn:aws:s3:::*",
      "arn:*",
      "arn:aws:*",
      "arn:aws:logs:*:*:*",
      "arn:aws:x:r:1:*/*",
    ]) {
      assert.ok(isAnyResource(any), any);
    }
    for (const some of [
      "arn:aws:s3:::bucket",
      "arn:aws:s3:::bucket/*",
      "arn:aws:dynamodb:r:1:table/*",
      "arn:aws:logs:r:1:log-group:x:*",
    ]) {
      assert.ok(!isAnyResource(some), some);
    }
  });
});

describe("actions without a resource", () => {
  it("are exact, lower-case names, from a dated look-up", () => {
    assert.match(LOOKED_UP, /^\d{4}-\d{2}-\d{2}$/);
    for (const action of Object.keys(RESOURCELESS)) assert.match(action, /^[a-z0-9-]+:[a-z0-9]+$/);
  });

  it("are those of the list, and those of AWS that only read or list and take no resource", () => {
    for (const action of ["states:SendTaskSuccess", "s3:ListAllMyBuckets", "EC2:DescribeInstances"])
      assert.ok(resourceless(action), action);
    for (const action of [
      "s3:GetObject",
      "s3:CreateJob",
      "ec2:Describe*",
      "ec2",
      ":x",
      "constructor:name",
      "__proto__:x",
    ])
      assert.equal(resourceless(action), undefined, action);
  });

  it("hold none that changes who may do what", () => {
    for (const action of Object.keys(RESOURCELESS)) assert.doesNotMatch(action, /^(?:iam|organizations):/);
  });
});

describe("parseDocument", () => {
  const parse = (document: unknown) => parseDocument(snapshot(document), "policy");

  it("one or many, object or text, give the same statements", () => {
    const many = { Statement: [{ Effect: "Allow", Action: ["a:b"], Resource: ["x"], Principal: { AWS: ["p"] } }] };
    const one = { Statement: { Effect: "Allow", Action: "a:b", Resource: "x", Principal: { AWS: "p" } } };
    const values = (document: unknown) =>
      parse(document).statements.map(({ actions, resources, principals }) =>
        [actions, resources, principals].map((leaves) => leaves.map(({ value }) => value)),
      );
    assert.deepEqual(values(many), [[["a:b"], ["x"], ["p"]]]);
    assert.deepEqual(values(one), values(many));
    assert.deepEqual(values(JSON.stringify(many)), values(many));
  });

  it("whatever is not understood is a flaw, never a silent skip", () => {
    for (const bad of [
      undefined,
      7,
      "{",
      "[]",
      {},
      { Statement: "x" },
      { Statement: [null] },
      { Statement: { Effect: "Permit", Action: "*" } },
      { Statement: { Effect: "Allow", Actions: "*" } },
      { Statement: { Effect: "Allow", Action: { a: 1 } } },
      { Statement: { Effect: "Allow", Action: "a:b", Condition: "x" } },
      { Statement: { Effect: "Allow", Action: "a:b", Condition: { StringEquals: "x" } } },
    ]) {
      assert.ok(parse(bad).flaws.length > 0, JSON.stringify(bad));
    }
  });

  it("reads whatever text without throwing", () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => assert.ok(parse(text))));
  });
});
