import assert from "node:assert/strict";
import rule from "../../../policies/iam/iam-permissions-boundary.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const LIMIT = "the ARN of frugal-prod-boundary";
const STRONG = "a policy that denies changing boundaries, users and keys";
const deny = (action: unknown, more: object = {}) => ({ Effect: "Deny", Action: action, Resource: "*", ...more });

describe("iam-permissions-boundary", () => {
  for (const provider of PROVIDERS) {
    const role = compliant(provider, "role");
    const boundary = compliant(provider, "boundary");
    const document = provider === "native" ? "policyDocument" : "policy";
    const name = provider === "native" ? "managedPolicyName" : "name";

    it(`${provider}: every role has the stage's boundary`, async () => {
      const arn = (rest: string) => `arn:aws:iam::111122223333:policy/${rest}`;
      const other = (check: string, shown: string, limit = LIMIT) =>
        `iam-permissions-boundary/${check}: permissionsBoundary is ${shown}, must be ${limit}. Give every role the stage's boundary.`;
      violates(await analyze(rule, broken(role, "permissionsBoundary", undefined)), other("missing", "absent"));
      violates(await analyze(rule, broken(role, "permissionsBoundary", arn("stages/frugal-prod-boundary"))));
      for (const [value, shown] of [
        [arn("frugal-dev-boundary"), `"${arn("frugal-dev-boundary")}"`],
        [arn("not-frugal-prod-boundary"), `"${arn("not-frugal-prod-boundary")}"`],
        ["frugal-prod-boundary", '"frugal-prod-boundary"'],
        [
          "arn:aws:iam::111122223333:role/frugal-prod-boundary",
          '"arn:aws:iam::111122223333:role/frugal-prod-boundary"',
        ],
        ["", "empty"],
        [`x-${arn("frugal-prod-boundary")}`, `"x-${arn("frugal-prod-boundary")}"`],
        [[arn("frugal-prod-boundary")], `["${arn("frugal-prod-boundary")}"]`],
        [true, "true"],
      ] as const) {
        violates(await analyze(rule, broken(role, "permissionsBoundary", value)), other("other", shown));
      }
      const dev = { ...broken(role, "permissionsBoundary", arn("frugal-dev-boundary")), stack: "dev" };
      violates(await analyze(rule, dev));
      notes(
        await analyze(rule, broken(role, "permissionsBoundary", UNKNOWN)),
        `iam-permissions-boundary/waits: permissionsBoundary is not known yet, must be ${LIMIT}. ${LATER}`,
      );
    });

    it(`${provider}: names by setting; none: any managed policy`, async () => {
      const config = { boundaries: ["one", "two"] };
      violates(
        await analyze(rule, role, { config }),
        'iam-permissions-boundary/other: permissionsBoundary is "arn:aws:iam::111122223333:policy/frugal-prod-boundary", must be the ARN of one or two. Give every role the stage\'s boundary.',
      );
      const two = broken(role, "permissionsBoundary", "arn:aws:iam::111122223333:policy/two");
      violates(await analyze(rule, two, { config }));
      violates(await analyze(rule, two, { config: { boundaries: [] } }));
      violates(
        await analyze(rule, broken(role, "permissionsBoundary", "two"), { config: { boundaries: [] } }),
        'iam-permissions-boundary/other: permissionsBoundary is "two", must be the ARN of a managed policy. Give every role the stage\'s boundary.',
      );
      violates(await analyze(rule, broken(boundary, document, "{}"), { config: { boundaries: [] } }));
    });

    it(`${provider}: the boundary denies what would undo it`, async () => {
      const weak = (missing: string) =>
        `iam-permissions-boundary/weak: ${document} is without a Deny of ${missing}, must be ${STRONG}. Deny them on "*", without a condition.`;
      const keys = "kms:ScheduleKeyDeletion, kms:DisableKey and kms:PutKeyPolicy";
      const judged = (...statements: unknown[]) =>
        Promise.all([
          analyze(rule, broken(boundary, document, { Statement: statements })),
          analyze(rule, broken(boundary, document, JSON.stringify({ Statement: statements }))),
        ]);
      const both = async (found: ReturnType<typeof judged>, ...texts: string[]) => {
        for (const one of await found) violates(one, ...texts);
      };
      await both(judged(deny("*")));
      await both(judged(deny(["IAM:*", "kms:*"])));
      await both(judged({ Effect: "Deny", NotAction: ["s3:*"], Resource: ["*"] }));
      await both(judged(deny("iam:*")), weak(keys));
      await both(judged({ Effect: "Deny", NotAction: ["s3:*", "kms:*"], Resource: "*" }), weak(keys));
      await both(
        judged(
          deny("kms:*"),
          deny(["iam:*Boundary", "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"]),
        ),
        weak("iam:CreatePolicyVersion, iam:DeletePolicyVersion, iam:SetDefaultPolicyVersion and iam:DeletePolicy"),
      );
      // Narrowed, or allowed, is not denied.
      for (const statement of [
        deny("kms:*", { Resource: "arn:aws:kms:*:*:key/*" }),
        deny("kms:*", { Condition: { StringEquals: { "aws:PrincipalTag/x": "y" } } }),
        { Effect: "Allow", Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Action: "kms:*", NotResource: "*" },
      ]) {
        await both(judged(deny("iam:*"), statement), weak(keys));
      }
      // What may yet narrow it, or be allowed, does not count either.
      for (const statement of [
        deny("kms:*", { Condition: UNKNOWN }),
        deny("kms:*", { Condition: { StringEquals: { "aws:PrincipalTag/x": "y" }, Bool: UNKNOWN } }),
        { Effect: "Allow", Action: ["kms:*", UNKNOWN], Resource: "*" },
      ]) {
        const late = { Statement: [deny("iam:*"), statement] };
        violates(await analyze(rule, broken(boundary, document, late)), weak(keys));
      }
      assert.match((await analyze(rule, broken(boundary, document, undefined)))[0]?.text ?? "", /\/weak: /);
      // A policy of another name is no boundary; nor is one whose name is not known.
      violates(await analyze(rule, broken(broken(boundary, document, "{}"), name, UNKNOWN)));
      violates(await analyze(rule, broken(broken(boundary, document, "{}"), name, "frugal-prod-step")));
    });

    it(`${provider}: a boundary that cannot be read, or is not known yet`, async () => {
      violates(
        await analyze(rule, broken(boundary, document, "{")),
        `iam-permissions-boundary/unreadable: ${document} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      const waits = (path: string) =>
        `iam-permissions-boundary/waits: ${path} is not known yet, must be ${STRONG}. ${LATER}`;
      notes(await analyze(rule, broken(boundary, document, UNKNOWN)), waits(document));
      const at = `${document}.Statement[0]`;
      notes(await analyze(rule, broken(boundary, document, { Statement: [UNKNOWN] })), waits(at));
      const late = { Statement: [deny(["iam:*", UNKNOWN])] };
      notes(await analyze(rule, broken(boundary, document, late)), waits(`${at}.Action[1]`));
      // Whatever it turns out to be, nothing is missing.
      violates(await analyze(rule, broken(boundary, document, { Statement: [deny(["*", UNKNOWN])] })));
      const where = { Statement: [deny("*", { Resource: UNKNOWN })] };
      notes(await analyze(rule, broken(boundary, document, where)), waits(`${at}.Resource`));
    });
  }
});
