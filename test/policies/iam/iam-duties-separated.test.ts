import rule from "../../../policies/iam/iam-duties-separated.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyzeStack, type Finding, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const PACKAGES = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/*";
const ENDPOINTS = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn";
const AGAIN = "It is judged again when the update has made it known.";
const UNDECIDED = "conditioned by sagemaker:ModelApprovalStatus to PendingManualApproval or Rejected";
const ADD = 'Add Condition: {"StringEquals": {"sagemaker:ModelApprovalStatus": ["PendingManualApproval","Rejected"]}}.';

const DUTIES = {
  approve: ["sagemaker:UpdateModelPackage", PACKAGES, "record-decision", "approvingRoles"],
  deploy: ["sagemaker:UpdateEndpoint", ENDPOINTS, "rollout-workflow", "deployingRoles"],
  answer: ["states:SendTaskSuccess", "*", "decide-approval", "answeringRoles"],
} as const;
type Duty = keyof typeof DUTIES;

const words = (duty: Duty) =>
  `in the one role that frugal:role or name says is ${duty === "answer" ? "decide-approval or request-approval" : DUTIES[duty][2]}`;
const fault = (duty: Duty, at: string, shown: string, holder: string) =>
  `iam-duties-separated/${duty}: ${at} is "${shown}" in ${holder}, must be ${words(duty)}. Take it away, or make this the one role for it; the setting is ${DUTIES[duty][3]}.`;

const allow = (action: unknown, resource: unknown = "*", more: Record<string, unknown> = {}) => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...more,
});

/** A role with these statements in its own document, and where they stand. */
function role(provider: Provider, tag: unknown, statements: unknown, name = "some"): [Resource, string] {
  const one = { ...compliant(provider, "deciderRole"), name };
  const named = broken(one, provider === "native" ? "roleName" : "name", name);
  const document = JSON.parse(JSON.stringify({ Statement: statements }));
  if (provider === "native") {
    named.props.tags = [{ key: "frugal:role", value: tag }];
    named.props.policies = [{ policyName: "grants", policyDocument: document }];
    return [named, "policies[0].policyDocument.Statement"];
  }
  named.props.tags = { "frugal:role": tag };
  named.props.inlinePolicies = [{ name: "grants", policy: document }];
  return [named, "inlinePolicies[0].policy.Statement"];
}

/** The same statements in a document of its own, for the role `some`. */
function attached(provider: Provider, statements: unknown): Resource {
  const policy = compliant(provider, "rolePolicy");
  const native = provider === "native";
  const to = broken(policy, native ? "roleName" : "role", "some");
  return broken(to, native ? "policyDocument" : "policy", { Statement: statements });
}

describe("iam-duties-separated", () => {
  for (const provider of PROVIDERS) {
    const judge = (tag: unknown, statements: unknown, config: Record<string, unknown> = {}) => {
      const [resource, at] = role(provider, tag, statements);
      return analyzeStack(rule, [resource], { config }).then((found) => ({ found, at }));
    };
    const document = provider === "native" ? "policyDocument" : "policy";

    for (const duty of Object.keys(DUTIES) as Duty[]) {
      const [action, resource, tag, setting] = DUTIES[duty];
      /** Wide grants hold other duties too; each test looks at its own. */
      const of = (found: readonly Finding[]) =>
        found.filter(({ text }) => text.startsWith(`${rule.meta.id}/${duty}: `));

      it(`${provider}: ${duty} lies with the one listed role, by tag or by name`, async () => {
        violates((await judge(tag, [allow(action, resource)])).found);
        violates((await judge("other", [allow(action, resource)], { [setting]: ["some"] })).found);
        violates((await judge("other", [{ ...allow(action, resource), Effect: "Deny" }])).found);
      });

      it(`${provider}: ${duty} elsewhere, written out or by wildcard`, async () => {
        const [service = "", name = ""] = action.split(":");
        for (const one of [action, action.toUpperCase(), `${service}:${name.slice(0, 6)}*`, `${service}:*`]) {
          const { found, at } = await judge("gate", [allow("s3:GetObject"), allow(["s3:PutObject", one], resource)]);
          violates(of(found), fault(duty, `${at}[1].Action[1]`, one, 'role "some"'));
        }
        const { found, at } = await judge("gate", [{ Effect: "Allow", NotAction: "s3:*", Resource: resource }]);
        violates(of(found), fault(duty, `${at}[0].NotAction`, "s3:*", 'role "some"'));
      });

      it(`${provider}: ${duty} in a document that is attached to a role, or to nobody in particular`, async () => {
        const [holder] = role(provider, tag, []);
        const [other] = role(provider, "gate", []);
        const policy = attached(provider, [allow(action, resource)]);
        const at = `${document}.Statement[0].Action`;
        violates(await analyzeStack(rule, [holder, policy]));
        violates(await analyzeStack(rule, [other, policy]), fault(duty, at, action, 'role "some"'));
        violates(await analyzeStack(rule, [policy]), fault(duty, at, action, 'role "some"'));
        for (const family of ["userPolicy", "groupPolicy", provider === "native" ? "managedPolicy" : "policy"]) {
          const shared = broken(compliant(provider, family), document, { Statement: [allow(action, resource)] });
          violates(
            await analyzeStack(rule, [holder, shared]),
            fault(duty, at, action, "a document that is no role's own"),
          );
        }
      });

      it(`${provider}: ${duty} with two roles that go by the listed tag`, async () => {
        const [one, at] = role(provider, tag, [allow(action, resource)]);
        const [two] = role(provider, tag, [], "twin");
        violates(
          await analyzeStack(rule, [one, two]),
          `iam-duties-separated/several: ${at}[0].Action is "${action}" in one of 2 roles that go by ${tag}, must be ${words(duty)}. Keep one of them.`,
        );
      });
    }

    it(`${provider}: each action of deploying`, async () => {
      for (const name of [
        "CreateEndpoint",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
        "CreateEndpointConfig",
        "CreateInferenceComponent",
        "UpdateInferenceComponent",
      ]) {
        const { found, at } = await judge("gate", [allow(`sagemaker:${name}`)]);
        violates(found, fault("deploy", `${at}[0].Action`, `sagemaker:${name}`, 'role "some"'));
      }
    });

    it(`${provider}: a wildcard on resources that the duty does not take grants none of it`, async () => {
      const jobs = "arn:aws:sagemaker:us-east-1:111122223333:training-job/*";
      violates((await judge("gate", [allow(["sagemaker:Create*", "sagemaker:Update*"], jobs)])).found);
      for (const resource of [
        "arn:aws:sagemaker:*:*:endpoint*",
        "arn:aws:sagemaker:us-east-1:111122223333:*",
        [jobs, ENDPOINTS],
        "arn:aws:sagemaker:*",
      ]) {
        const { found, at } = await judge("gate", [allow("sagemaker:CreateEndpoint", resource)]);
        violates(found, fault("deploy", `${at}[0].Action`, "sagemaker:CreateEndpoint", 'role "some"'));
      }
    });

    it(`${provider}: registering only without a decision`, async () => {
      const register = (operator: string, value: unknown) =>
        allow("sagemaker:CreateModelPackage", PACKAGES, {
          Condition: { [operator]: { "sagemaker:ModelApprovalStatus": value } },
        });
      for (const value of ["PendingManualApproval", ["PendingManualApproval", "Rejected"]])
        violates((await judge("gate", [register("StringEquals", value)])).found);
      const bare = (at: string) =>
        `iam-duties-separated/register: ${at}[0].Action is "sagemaker:CreateModelPackage" without a condition, must be ${UNDECIDED}. ${ADD}`;
      for (const one of [
        allow("sagemaker:CreateModelPackage", PACKAGES),
        register("StringEqualsIfExists", "Rejected"),
        register("StringNotEquals", "Approved"),
        register("StringEquals", []),
      ]) {
        const { found, at } = await judge("record-decision", [one]);
        violates(found, bare(at));
      }
      for (const [operator, value] of [
        ["StringEquals", "Approved"],
        ["StringLike", "*"],
      ] as const) {
        const { found, at } = await judge("gate", [register(operator, ["Rejected", value])]);
        violates(
          found,
          `iam-duties-separated/register: ${at}[0].Condition.${operator}["sagemaker:ModelApprovalStatus"][1] is "${value}", must be ${UNDECIDED}. ${ADD}`,
        );
      }
    });

    it(`${provider}: one role that decides and deploys`, async () => {
      const config = { approvingRoles: ["some"], deployingRoles: ["some"] };
      const both = (at: string) =>
        `iam-duties-separated/together: ${at} is in role "some", which decides and deploys, must be one of the two. Give the two to separate roles.`;
      const approving = allow("sagemaker:UpdateModelPackage", PACKAGES);
      const { found, at } = await judge("x", [approving, allow("sagemaker:UpdateEndpoint", ENDPOINTS)], config);
      violates(found, both(`${at}[1].Action`));
      const alone = await judge("x", [approving], config);
      violates(alone.found, both(`${at}[0].Action`));
      // Listed for both, and holding neither: nothing is granted here. Listed among others it is listed too.
      const idle = await judge("x", [allow("states:SendTaskSuccess")], { ...config, answeringRoles: ["some"] });
      violates(idle.found);
      const among = { approvingRoles: ["first", "some"], deployingRoles: ["some", "last"] };
      violates((await judge("x", [approving], among)).found, both(`${at}[0].Action`));
      violates((await judge("x", [approving], { ...among, deployingRoles: ["first", "last"] })).found);
    });

    it(`${provider}: several listed roles are named in the message`, async () => {
      const config = { approvingRoles: ["first", "second"] };
      const { found, at } = await judge("x", [allow("sagemaker:UpdateModelPackage", PACKAGES)], config);
      violates(
        found,
        `iam-duties-separated/approve: ${at}[0].Action is "sagemaker:UpdateModelPackage" in role "some", must be in the one role that frugal:role or name says is first or second. Take it away, or make this the one role for it; the setting is approvingRoles.`,
      );
      const nobodys = await judge("x", [allow("sagemaker:UpdateModelPackage", PACKAGES)], { approvingRoles: [] });
      violates(nobodys.found, found[0]?.text.replace("first or second", "nobody's") ?? "");
    });

    it(`${provider}: registering under a status that is not known yet`, async () => {
      const condition = { StringEquals: { "sagemaker:ModelApprovalStatus": UNKNOWN } };
      const { found, at } = await judge("gate", [
        allow("sagemaker:CreateModelPackage", PACKAGES, { Condition: condition }),
      ]);
      notes(
        found,
        `iam-duties-separated/waits: ${at}[0].Condition.StringEquals["sagemaker:ModelApprovalStatus"] is not known yet, must be ${UNDECIDED}. ${AGAIN}`,
      );
    });

    it(`${provider}: AWS's own policies that hold a duty`, async () => {
      for (const [name, isHeld] of [
        ["AmazonSageMakerFullAccess", true],
        ["AmazonSageMakerModelRegistryFullAccess", true],
        ["AWSStepFunctionsFullAccess", true],
        ["PowerUserAccess", true],
        ["job-function/PowerUserAccess", true],
        ["AmazonSageMakerReadOnly", false],
        ["service-role/AWSLambdaBasicExecutionRole", false],
      ] as const) {
        const arn = `arn:aws:iam::aws:policy/${name}`;
        violates(
          await analyzeStack(rule, [broken(compliant(provider, "role"), "managedPolicyArns", [arn])]),
          ...(isHeld
            ? [
                `iam-duties-separated/managed: managedPolicyArns[0] is "${arn}", must be a policy without the duties of another role. Write the actions that are used into the role's own document.`,
              ]
            : []),
        );
      }
    });

    it(`${provider}: a managed policy of the account's own is judged where it is declared`, async () => {
      for (const one of [
        "arn:aws:iam::111122223333:policy/SageMakerStep",
        "x-arn:aws:iam::aws:policy/PowerUserAccess",
        ["arn:aws:iam::aws:policy/PowerUserAccess"],
        UNKNOWN,
      ])
        violates(await analyzeStack(rule, [broken(compliant(provider, "role"), "managedPolicyArns", [one])]));
    });

    it(`${provider}: a boundary grants nothing`, async () => {
      violates(
        await analyzeStack(rule, [broken(compliant(provider, "boundary"), document, { Statement: [allow("*")] })]),
      );
    });

    it(`${provider}: what is no document`, async () => {
      violates(
        await analyzeStack(rule, [broken(compliant(provider, "rolePolicy"), document, "{")]),
        `iam-duties-separated/unreadable: ${document} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      violates(await analyzeStack(rule, [broken(compliant(provider, "rolePolicy"), document, undefined)]));
    });

    it(`${provider}: what is not known yet`, async () => {
      const waits = (path: string, limit: string) =>
        `iam-duties-separated/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;
      const none = "without the duties of another role";
      const at = role(provider, "gate", [])[1];
      notes(
        await analyzeStack(rule, [broken(compliant(provider, "rolePolicy"), document, UNKNOWN)]),
        waits(document, `a document ${none}`),
      );
      notes((await judge("gate", [UNKNOWN])).found, waits(`${at}[0]`, none));
      notes((await judge("gate", [allow(UNKNOWN)])).found, waits(`${at}[0].Action`, none));
      const approving = [allow("sagemaker:UpdateModelPackage", PACKAGES)];
      const tag = provider === "native" ? "tags[0].value" : 'tags["frugal:role"]';
      notes((await judge(UNKNOWN, approving)).found, waits(tag, words("approve")));
      violates((await judge(UNKNOWN, approving, { approvingRoles: ["some"] })).found);
      const registering = allow("sagemaker:CreateModelPackage", PACKAGES, { Condition: UNKNOWN });
      notes((await judge("gate", [registering])).found, waits(`${at}[0].Condition`, UNDECIDED));
      const besides = { StringEquals: { "sagemaker:ModelApprovalStatus": "Rejected" }, Bool: UNKNOWN };
      violates((await judge("gate", [allow("sagemaker:CreateModelPackage", PACKAGES, { Condition: besides })])).found);

      const property = provider === "native" ? "roleName" : "role";
      const policy = broken(attached(provider, approving), property, UNKNOWN);
      notes(await analyzeStack(rule, [policy]), waits(property, words("approve")));
      const referring = { ...policy, propertyDependencies: { [property]: ["some"] } };
      violates(await analyzeStack(rule, [role(provider, "record-decision", [])[0], referring]));
      violates(
        await analyzeStack(rule, [role(provider, "gate", [])[0], referring]),
        fault("approve", `${document}.Statement[0].Action`, "sagemaker:UpdateModelPackage", 'role "some"'),
      );
    });
  }
});
