import assert from "node:assert/strict";
import rule from "../../../policies/iam/iam-no-wildcard.ts";
import { ADMIN_POLICIES } from "../../../policies/support/escalation.ts";
import { MANAGED_POLICIES, PERMISSION_DOCUMENTS } from "../../../policies/support/families.ts";
import { and } from "../../../policies/support/show.ts";
import { broken, compliant, compliantOf, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const OBJECT = "arn:aws:s3:::b/models/*";
const LIST = "List the actions that the step uses.";
const VERB = "List the actions, or at least a verb and a noun before the wildcard.";
const NAMES =
  "Name them; only actions for which AWS has no narrower form may stand beside *, in a statement of their own.";
const SPLIT =
  "Take one of them away from this role; deployment of infrastructure belongs to the deployer's role, not to a step's.";
const LATER = "It is judged at update, before the resource is touched.";

/** A role policy of the given statements, as object and as JSON text. */
function forms(provider: Provider, ...statements: Record<string, unknown>[]): [Resource, string][] {
  const property = provider === "native" ? "policyDocument" : "policy";
  const policy = compliant(provider, "rolePolicy");
  const document = { Version: "2012-10-17", Statement: statements };
  return [document, JSON.stringify(document)].map((form) => [broken(policy, property, form), `${property}.Statement`]);
}
const allow = (action: unknown, resource: unknown = OBJECT, rest: Record<string, unknown> = {}) => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...rest,
});

/** That a user is one is said beside whatever else is said of it. */
const besidesUser = async (resource: Resource) =>
  (await analyze(rule, resource)).filter(({ text }) => !text.startsWith("iam-no-wildcard/user: "));

describe("iam-no-wildcard", () => {
  it("users and their lasting credentials, whatever they may do", async () => {
    const user = compliant("native", "user");
    for (const [type, props] of [
      [user.type, user.props],
      [user.type, {}],
      [user.type, { userName: UNKNOWN }],
      ["aws:iam/user:User", { name: "ci" }],
      ["aws:iam/accessKey:AccessKey", { user: "ci" }],
      ["aws:iam/userLoginProfile:UserLoginProfile", { user: "ada" }],
    ] as const) {
      violates(
        await analyze(rule, { type, name: "x", props }),
        `iam-no-wildcard/user: type is "${type}", must be a role, whose credentials end by themselves. Let people come from the identity provider and machines take a role.`,
      );
    }
    violates(await analyze(rule, { type: "aws:iam/userGroupMembership:UserGroupMembership", name: "x", props: {} }));
  });

  for (const provider of PROVIDERS) {
    const each = async (statements: Record<string, unknown>[], text: (at: string) => readonly string[]) => {
      for (const [resource, at] of forms(provider, ...statements)) violates(await analyze(rule, resource), ...text(at));
    };

    it(`${provider}: everything`, async () => {
      for (const action of ["*", "*:*", "**"]) {
        await each([allow(action, "*")], (at) => [
          `iam-no-wildcard/admin: ${at}[0].Action is "${action}" on "*", must be a list of actions. ${LIST}`,
        ]);
        await each([allow([action])], (at) => [
          `iam-no-wildcard/admin: ${at}[0].Action[0] is "${action}", must be a list of actions. ${LIST}`,
        ]);
      }
    });

    it(`${provider}: a managed policy that is none, or not there`, async () => {
      const role = compliant(provider, "role");
      const arn = "arn:aws:iam::111122223333:policy/step";
      violates(await analyze(rule, broken(role, "managedPolicyArns", undefined)));
      violates(await analyze(rule, broken(role, "managedPolicyArns", [arn])));
      for (const one of [`x-${arn}`, [arn]])
        violates(
          await analyze(rule, broken(role, "managedPolicyArns", [one])),
          `iam-no-wildcard/admin: managedPolicyArns[0] is ${JSON.stringify(one)}, must be a managed policy other than ${and(ADMIN_POLICIES)}. Write a policy with the actions and ARNs that are used.`,
        );
    });

    it(`${provider}: everything but a list`, async () => {
      await each([{ Effect: "Allow", NotAction: ["iam:*", "s3:*"], Resource: OBJECT }], (at) => [
        `iam-no-wildcard/admin: ${at}[0].NotAction[0] is "iam:*", must be absent in an Allow. List what is allowed; everything that AWS adds later would be allowed too.`,
      ]);
    });

    it(`${provider}: whole services, or nearly`, async () => {
      for (const action of [
        "s3:*",
        "s3:?*",
        "s3:G*",
        "s3:*Object",
        "*:GetObject",
        "s3:Ge*",
        "sagemaker*",
        "s*:GetObject",
        "a*b:GetObject",
      ]) {
        await each([allow(action)], (at) => [
          `iam-no-wildcard/action: ${at}[0].Action is "${action}", must be an action of at least 3 letters before any wildcard. ${VERB}`,
        ]);
      }
      await each([allow("s3:Get*")], () => []);
    });

    it(`${provider}: every resource, in every spelling`, async () => {
      for (const resource of [
        "*",
        "**",
        "arn:aws:s3:::*",
        "arn:aws:logs:*:*:*",
        "arn:aws:dynamodb:us-east-1:111122223333:*/*",
      ]) {
        await each([allow("s3:GetObject", resource)], (at) => [
          `iam-no-wildcard/resource: ${at}[0].Resource is "${resource}" for s3:GetObject, must be the ARNs that are touched. ${NAMES}`,
        ]);
      }
      await each([allow("s3:GetObject", [OBJECT, "*"])], (at) => [
        `iam-no-wildcard/resource: ${at}[0].Resource[1] is "*" for s3:GetObject, must be the ARNs that are touched. ${NAMES}`,
      ]);
      await each(
        [allow("s3:GetObject", undefined)].map(({ Resource: _, ...rest }) => rest),
        (at) => [
          `iam-no-wildcard/resource: ${at}[0].Resource is absent for s3:GetObject, must be the ARNs that are touched. ${NAMES}`,
        ],
      );
      await each([{ Effect: "Allow", Action: "s3:GetObject", NotResource: OBJECT }], (at) => [
        `iam-no-wildcard/resource: ${at}[0].NotResource is "${OBJECT}" for s3:GetObject, must be the ARNs that are touched. ${NAMES}`,
      ]);
      await each([allow("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/*")], () => []);
    });

    it(`${provider}: actions that have no narrower form`, async () => {
      await each(
        [
          allow(
            ["states:SendTaskSuccess", "XRAY:PutTraceSegments", "logs:CreateLogDelivery", "sagemaker:ListTags"],
            "*",
          ),
        ],
        () => [],
      );
      await each([allow(["states:SendTaskSuccess", "s3:GetObject", "s3:PutObject"], "*")], (at) => [
        `iam-no-wildcard/resource: ${at}[0].Resource is "*" for s3:GetObject and s3:PutObject, must be the ARNs that are touched. ${NAMES}`,
      ]);
      // A pattern that covers them covers others too.
      await each([allow("logs:Describe*", "*")], (at) => [
        `iam-no-wildcard/resource: ${at}[0].Resource is "*" for logs:Describe*, must be the ARNs that are touched. ${NAMES}`,
      ]);
      await each([allow("cloudwatch:PutMetricData", "*")], (at) => [
        `iam-no-wildcard/resource: ${at}[0].Resource is "*" for cloudwatch:PutMetricData (by cloudwatch:namespace), must be narrowed by that condition key. Add the condition.`,
      ]);
      await each(
        [allow("cloudwatch:PutMetricData", "*", { Condition: { StringEquals: { "CloudWatch:Namespace": "x" } } })],
        () => [],
      );
      for (const [operator, value] of [
        ["StringLike", "*"],
        ["StringLike", ["x", "*"]],
        ["StringNotEquals", "x"],
        ["StringEqualsIfExists", "x"],
        ["Null", "false"],
      ] as const)
        await each(
          [allow("cloudwatch:PutMetricData", "*", { Condition: { [operator]: { "cloudwatch:namespace": value } } })],
          (at) => [
            `iam-no-wildcard/resource: ${at}[0].Resource is "*" for cloudwatch:PutMetricData (by cloudwatch:namespace), must be narrowed by that condition key. Add the condition.`,
          ],
        );
    });

    it(`${provider}: known ways to become administrator, alone and together`, async () => {
      await each([allow("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/x")], (at) => [
        `iam-no-wildcard/escalation: ${at}[0].Action is a grant of iam:PutRolePolicy, must be absent. ${SPLIT}`,
      ]);
      await each(
        [
          allow("iam:PassRole", "arn:aws:iam::111122223333:role/x"),
          allow("lambda:CreateFunc*", "arn:aws:lambda:us-east-1:111122223333:function:x"),
        ],
        (at) => [
          `iam-no-wildcard/escalation: ${at}[0].Action is a grant of iam:PassRole and lambda:CreateFunction, must be in separate roles. ${SPLIT}`,
        ],
      );
      await each(
        [
          allow("iam:PassRole", "arn:aws:iam::111122223333:role/x"),
          allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:us-east-1:111122223333:training-job/x"),
        ],
        () => [],
      );
      await each([allow("iam:PutRolePolicy"), { Effect: "Deny", Action: "iam:*", Resource: "*" }], (at) => [
        `iam-no-wildcard/escalation: ${at}[0].Action is a grant of iam:PutRolePolicy, must be absent. ${SPLIT}`,
      ]);
    });

    it(`${provider}: what is wide is said once, whatever it is on`, async () => {
      for (const action of ["s3:*", "*"]) {
        const [[resource] = [compliant(provider, "rolePolicy")]] = forms(provider, allow(action, UNKNOWN));
        const found = await analyze(rule, resource);
        assert.deepEqual(
          found.map(({ level }) => level),
          ["mandatory"],
        );
      }
    });

    it(`${provider}: each way of assuming, written out or by wildcard, of roles by pattern`, async () => {
      const pattern = "arn:aws:iam::111122223333:role/*";
      for (const action of [
        "sts:AssumeRole",
        "STS:assumerole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWeb*",
        "sts:Assume*",
      ]) {
        await each([allow(action, pattern)], (at) => [
          `iam-no-wildcard/assume: ${at}[0].Resource is "${pattern}", must be the ARN of one role. Name the role.`,
        ]);
        await each([allow(action, "arn:aws:iam::111122223333:role/one")], () => []);
      }
      await each([allow("sts:TagSession", pattern)], () => []);
      // Every role is every resource; what is not known yet waits.
      await each([allow("sts:AssumeRole", "*")], (at) => [
        `iam-no-wildcard/resource: ${at}[0].Resource is "*" for sts:AssumeRole, must be the ARNs that are touched. ${NAMES}`,
      ]);
      const [[resource, at] = [compliant(provider, "rolePolicy"), ""]] = forms(
        provider,
        allow("sts:AssumeRole", UNKNOWN),
      );
      notes(
        await analyze(rule, resource),
        `iam-no-wildcard/waits: ${at}[0].Resource is not known yet, must be an ARN that names what is touched. ${LATER}`,
      );
    });

    it(`${provider}: roles assumed by pattern`, async () => {
      const roles = "arn:aws:iam::111122223333:role/*";
      await each([allow("sts:AssumeRole", roles)], (at) => [
        `iam-no-wildcard/assume: ${at}[0].Resource is "${roles}", must be the ARN of one role. Name the role.`,
      ]);
      await each([allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/x")], () => []);
    });

    it(`${provider}: a Deny may be as wide as it likes`, async () => {
      await each(
        [
          allow("s3:GetObject"),
          { Effect: "Deny", NotAction: "s3:*", Resource: "*" },
          { Effect: "Deny", Action: "*", Resource: "*" },
        ],
        () => [],
      );
    });

    it(`${provider}: a document that cannot be read, or is not known yet`, async () => {
      const property = provider === "native" ? "policyDocument" : "policy";
      const policy = compliant(provider, "rolePolicy");
      const waits = (path: string, limit: string) =>
        `iam-no-wildcard/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
      violates(
        await analyze(rule, broken(policy, property, "[")),
        `iam-no-wildcard/unreadable: ${property} is "[", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      violates(
        await analyze(rule, broken(policy, property, { Statement: [{ Effect: "Allow", Resource: "*" }] })),
        `iam-no-wildcard/unreadable: ${property}.Statement[0].Action is absent, must be at least one action. Correct the document.`,
      );
      notes(await analyze(rule, broken(policy, property, UNKNOWN)), waits(property, "a document without wildcards"));
      notes(
        await analyze(rule, broken(policy, property, { Statement: [UNKNOWN] })),
        waits(`${property}.Statement[0]`, "a statement without wildcards"),
      );
      notes(
        await analyze(rule, broken(policy, property, { Statement: [allow(["s3:GetObject", UNKNOWN])] })),
        waits(`${property}.Statement[0].Action[1]`, "an action without a wildcard"),
      );
      notes(
        await analyze(rule, broken(policy, property, { Statement: [allow("s3:GetObject", [UNKNOWN])] })),
        waits(`${property}.Statement[0].Resource[0]`, "an ARN that names what is touched"),
      );
      const putting = (Condition: unknown) =>
        analyze(rule, broken(policy, property, { Statement: [allow("cloudwatch:PutMetricData", "*", { Condition })] }));
      const condition = `${property}.Statement[0].Condition`;
      notes(
        await putting({ StringEquals: { "cloudwatch:namespace": UNKNOWN } }),
        waits(
          `${condition}.StringEquals["cloudwatch:namespace"]`,
          "a value of cloudwatch:namespace that is no wildcard",
        ),
      );
      notes(await putting(UNKNOWN), waits(condition, "a condition on cloudwatch:namespace"));
      violates(await putting({ StringEquals: { "cloudwatch:namespace": "x" }, StringLike: UNKNOWN }));
    });
  }

  it("every place where a document can stand is judged", async () => {
    for (const [type, paths] of Object.entries(PERMISSION_DOCUMENTS)) {
      for (const path of paths) {
        const at = path.replace("[]", "[0]");
        for (const resource of compliantOf(type)) {
          if (resource.name === "boundary") continue;
          violates(
            await besidesUser(broken(resource, at, { Statement: [allow("s3:*")] })),
            `iam-no-wildcard/action: ${at}.Statement[0].Action is "s3:*", must be an action of at least 3 letters before any wildcard. ${VERB}`,
          );
        }
      }
    }
  });

  it("a boundary grants nothing, unless it is attached", async () => {
    const attached = (path: string, value: string) =>
      `iam-no-wildcard/admin: ${path} is "${value}", a boundary, must be a policy that is meant to grant. Set it as permissionsBoundary: attached, it would grant what it is there to limit.`;
    const arn = "arn:aws:iam::111122223333:policy/bounds/frugal-prod-boundary";
    for (const provider of PROVIDERS) {
      const boundary = compliant(provider, "boundary");
      const [name, other] = provider === "native" ? ["managedPolicyName", "roles"] : ["name", undefined];
      violates(await analyze(rule, boundary));
      // Another's name, another stack's, or none: a policy like any other.
      for (const value of ["frugal-dev-boundary", "frugal-prod-boundary-2", undefined]) {
        assert.notDeepEqual(await analyze(rule, broken(boundary, name ?? "", value)), []);
      }
      assert.notDeepEqual(await analyze(rule, { ...boundary, stack: "dev" }), []);
      assert.notDeepEqual(await analyze(rule, boundary, { config: { boundaries: [] } }), []);
      violates(await analyze(rule, broken(boundary, name ?? "", "b"), { config: { boundaries: ["a", "b"] } }));
      if (other) {
        violates(await analyze(rule, broken(boundary, other, [])));
        assert.notDeepEqual(await analyze(rule, broken(boundary, other, ["frugal-prod-model"])), []);
        assert.notDeepEqual(await analyze(rule, broken(boundary, other, UNKNOWN)), []);
      }
      const role = compliant(provider, "role");
      violates(await analyze(rule, broken(role, "managedPolicyArns[0]", arn)), attached("managedPolicyArns[0]", arn));
      violates(await analyze(rule, broken(role, "managedPolicyArns[0]", arn.replace("prod", "dev"))));
    }
    const attachment = broken(compliant("classic", "attachment"), "policyArn", arn);
    violates(await analyze(rule, attachment), attached("policyArn", arn));
  });

  it("administrators' managed policies, wherever they are attached", async () => {
    const limit =
      "a managed policy other than AdministratorAccess, IAMFullAccess, PowerUserAccess and AmazonSageMakerFullAccess";
    const fix = "Write a policy with the actions and ARNs that are used.";
    const judged = new Set<string>();
    for (const [type, paths] of Object.entries(MANAGED_POLICIES)) {
      for (const path of paths) {
        const at = path.replace("[]", "[0]");
        for (const resource of compliantOf(type)) {
          judged.add(type);
          for (const value of [
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws-cn:iam::aws:policy/PowerUserAccess",
            "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
            "AdministratorAccess",
          ]) {
            violates(
              await besidesUser(broken(resource, at, value)),
              `iam-no-wildcard/admin: ${at} is "${value}", must be ${limit}. ${fix}`,
            );
          }
          notes(
            await besidesUser(broken(resource, at, UNKNOWN)),
            `iam-no-wildcard/waits: ${at} is not known yet, must be ${limit}. ${LATER}`,
          );
        }
      }
    }
    assert.equal(judged.size, Object.keys(MANAGED_POLICIES).length);
  });

  it("grants split over two inline policies of one role are taken together", async () => {
    const role = compliant("native", "role");
    const policyDocument = (action: string, resource: string) => ({
      policyName: action.split(":")[1],
      policyDocument: { Statement: allow(action, resource) },
    });
    const split = broken(role, "policies", [
      policyDocument("lambda:CreateFunction", "arn:aws:lambda:us-east-1:111122223333:function:x"),
      policyDocument("iam:PassRole", "arn:aws:iam::111122223333:role/x"),
    ]);
    violates(
      await analyze(rule, split),
      `iam-no-wildcard/escalation: policies[1].policyDocument.Statement.Action is a grant of iam:PassRole and lambda:CreateFunction, must be in separate roles. ${SPLIT}`,
    );
  });
});
