import rule from "../../../policies/iam/iam-pass-role-conditioned.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const ROLE = "arn:aws:iam::111122223333:role/model";
const ROLES = "ARNs of roles without wildcards";
const NAME = "Name the one role; a pattern also matches roles made later.";
const SERVICES =
  "exactly one of sagemaker.amazonaws.com, states.amazonaws.com, scheduler.amazonaws.com, lambda.amazonaws.com and events.amazonaws.com";
const ADD = 'Add Condition: {"StringEquals": {"iam:PassedToService": "<the service>"}}.';
const LATER = "It is judged at update, before the resource is touched.";
const conditioned = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };

/** A role policy of one statement, in each form that the provider takes; `at` is where the statement stands. */
function forms(provider: Provider, statement: Record<string, unknown>): [Resource, string][] {
  const property = provider === "native" ? "policyDocument" : "policy";
  const policy = compliant(provider, "rolePolicy");
  const listed = { Version: "2012-10-17", Statement: [statement] };
  const single = { Version: "2012-10-17", Statement: statement };
  return [
    [broken(policy, property, listed), `${property}.Statement[0]`],
    [broken(policy, property, JSON.stringify(listed)), `${property}.Statement[0]`],
    [broken(policy, property, single), `${property}.Statement`],
    [broken(policy, property, JSON.stringify(single)), `${property}.Statement`],
  ];
}
const pass = (changes: Record<string, unknown> = {}) => ({
  Effect: "Allow",
  Action: "iam:PassRole",
  Resource: ROLE,
  Condition: conditioned,
  ...changes,
});

describe("iam-pass-role-conditioned", () => {
  for (const provider of PROVIDERS) {
    const each = async (statement: Record<string, unknown>, text: (at: string) => readonly string[]) => {
      for (const [resource, at] of forms(provider, statement)) violates(await analyze(rule, resource), ...text(at));
    };

    it(`${provider}: one named role to one service`, async () => {
      await each(pass(), () => []);
      await each(pass({ Action: ["s3:GetObject", "IAM:passrole"], Resource: [ROLE, `${ROLE}-2`] }), () => []);
      await each(pass({ Effect: "Deny", Resource: "*", Condition: undefined }), () => []);
      await each({ Effect: "Allow", Action: ["s3:GetObject"], Resource: "*" }, () => []);
    });

    it(`${provider}: roles by pattern, or none`, async () => {
      for (const resource of [
        "*",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::*:role/model",
        "arn:aws:iam::111122223333:role/mode?",
        "arn:aws:iam::111122223333:user/x",
        `x-${ROLE}`,
      ]) {
        await each(pass({ Resource: resource }), (at) => [
          `iam-pass-role-conditioned/resource: ${at}.Resource is "${resource}", must be ${ROLES}. ${NAME}`,
        ]);
      }
      await each(pass({ Resource: [ROLE, "*"] }), (at) => [
        `iam-pass-role-conditioned/resource: ${at}.Resource[1] is "*", must be ${ROLES}. ${NAME}`,
      ]);
      await each(pass({ Resource: undefined }), (at) => [
        `iam-pass-role-conditioned/resource: ${at}.Resource is absent beside ${at}.Action, must be ${ROLES}. ${NAME}`,
      ]);
      for (const more of [undefined, []])
        await each(pass({ Resource: more, NotResource: [ROLE, "*"] }), (at) => [
          `iam-pass-role-conditioned/resource: ${at}.NotResource[0] is "${ROLE}", must be ${ROLES}. ${NAME}`,
        ]);
    });

    it(`${provider}: no condition, a weak one, or several services`, async () => {
      for (const condition of [undefined, { StringEquals: { "aws:RequestedRegion": "sagemaker.amazonaws.com" } }])
        await each(pass({ Condition: condition }), (at) => [
          `iam-pass-role-conditioned/service: ${at}.Condition["iam:PassedToService"] is absent beside ${at}.Action, must be ${SERVICES}. ${ADD}`,
        ]);
      for (const operator of ["StringEqualsIfExists", "ForAllValues:StringEquals", "StringNotEquals"]) {
        await each(pass({ Condition: { [operator]: { "iam:PassedToService": "sagemaker.amazonaws.com" } } }), (at) => [
          `iam-pass-role-conditioned/service: ${at}.Condition.${operator} is an operator that holds without the key or excludes, must be ${SERVICES}. ${ADD}`,
        ]);
      }
      const service = (value: unknown) => pass({ Condition: { StringLike: { "iam:passedtoservice": value } } });
      const here = (at: string) => `${at}.Condition.StringLike["iam:passedtoservice"]`;
      for (const value of ["*", "ec2.amazonaws.com", "*.amazonaws.com"]) {
        await each(service(value), (at) => [
          `iam-pass-role-conditioned/service: ${here(at)} is "${value}", must be ${SERVICES}. ${ADD}`,
        ]);
      }
      await each(service(["sagemaker.amazonaws.com", "states.amazonaws.com"]), (at) => [
        `iam-pass-role-conditioned/service: ${here(at)}[0] is 2 services, must be ${SERVICES}. ${ADD}`,
      ]);
      await each(service([]), (at) => [
        `iam-pass-role-conditioned/service: ${at}.Condition is 0 services, must be ${SERVICES}. ${ADD}`,
      ]);
      await each(service(["sagemaker.amazonaws.com"]), () => []);
    });

    it(`${provider}: grants that cover PassRole without naming it`, async () => {
      for (const action of ["*", "iam:*", "iam:Pass*", "i?m:PassRole"]) {
        await each({ Effect: "Allow", Action: action, Resource: ROLE }, (at) => [
          `iam-pass-role-conditioned/service: ${at}.Condition["iam:PassedToService"] is absent beside ${at}.Action, must be ${SERVICES}. ${ADD}`,
        ]);
      }
      await each({ Effect: "Allow", NotAction: "s3:*", Resource: ROLE }, (at) => [
        `iam-pass-role-conditioned/service: ${at}.Condition["iam:PassedToService"] is absent beside ${at}.NotAction, must be ${SERVICES}. ${ADD}`,
      ]);
      await each({ Effect: "Allow", NotAction: ["iam:*"], Resource: ROLE }, () => []);
    });

    it(`${provider}: a document that cannot be read`, async () => {
      const property = provider === "native" ? "policyDocument" : "policy";
      const policy = compliant(provider, "rolePolicy");
      const limit = "a policy document, as an object or as JSON text";
      for (const [value, shown] of [
        ["not json", '"not json"'],
        [7, "7"],
        [[], "[]"],
      ] as const) {
        violates(
          await analyze(rule, broken(policy, property, value)),
          `iam-pass-role-conditioned/unreadable: ${property} is ${shown}, must be ${limit}. Correct the document.`,
        );
      }
      violates(
        await analyze(rule, broken(policy, property, { Statement: [{ Effect: "allow", Action: "*" }] })),
        `iam-pass-role-conditioned/unreadable: ${property}.Statement[0].Effect is "allow", must be "Allow" or "Deny". Correct the document.`,
      );
    });

    it(`${provider}: what is not known yet`, async () => {
      const [first] = forms(provider, pass());
      if (!first) throw new Error("no form");
      const [resource, at] = first;
      const property = at.split(".")[0] ?? "";
      const waits = (path: string, limit: string) =>
        `iam-pass-role-conditioned/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
      notes(
        await analyze(rule, broken(resource, property, UNKNOWN)),
        waits(property, "a document in which iam:PassRole is conditioned"),
      );
      notes(
        await analyze(rule, broken(resource, at, UNKNOWN)),
        waits(at, "a statement in which iam:PassRole is conditioned"),
      );
      notes(
        await analyze(rule, broken(resource, `${at}.Action`, UNKNOWN)),
        waits(`${at}.Action`, "an action other than iam:PassRole, or one that is conditioned"),
      );
      violates(await analyze(rule, broken(broken(resource, `${at}.Effect`, "Deny"), `${at}.Action`, UNKNOWN)));
      notes(await analyze(rule, broken(resource, `${at}.Resource`, UNKNOWN)), waits(`${at}.Resource`, ROLES));
      notes(
        await analyze(rule, broken(resource, `${at}.Condition`, UNKNOWN)),
        waits(`${at}.Condition`, `iam:PassedToService is ${SERVICES}`),
      );
      const value = `${at}.Condition.StringEquals["iam:PassedToService"]`;
      notes(await analyze(rule, broken(resource, value, UNKNOWN)), waits(value, SERVICES));
    });
  }

  it("the services are a setting", async () => {
    const [first] = forms("native", pass());
    if (!first) throw new Error("no form");
    violates(
      await analyze(rule, first[0], { config: { passRoleServices: ["states.amazonaws.com"] } }),
      `iam-pass-role-conditioned/service: ${first[1]}.Condition.StringEquals["iam:PassedToService"] is "sagemaker.amazonaws.com", must be exactly one of states.amazonaws.com. ${ADD}`,
    );
  });

  it("a boundary grants nothing", async () => {
    for (const provider of PROVIDERS) {
      const at = provider === "native" ? "policyDocument" : "policy";
      violates(
        await analyze(rule, broken(compliant(provider, "boundary"), at, { Statement: pass({ Resource: "*" }) })),
      );
    }
  });

  it("inline policies of a role are documents too", async () => {
    for (const provider of PROVIDERS) {
      const at = provider === "native" ? "policies[0].policyDocument" : "inlinePolicies[0].policy";
      violates(
        await analyze(rule, broken(compliant(provider, "role"), at, { Statement: pass({ Resource: "*" }) })),
        `iam-pass-role-conditioned/resource: ${at}.Statement.Resource is "*", must be ${ROLES}. ${NAME}`,
      );
    }
  });
});
