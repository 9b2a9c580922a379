import rule from "../../../policies/approval/package-group-closed.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const GROUP = "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn";
const OWN = "of the registry's own account";
const WHO =
  "Name the account, and list it in readerAccounts; or condition aws:PrincipalOrgID to one of readerOrganizations.";
const READS = "sagemaker:Describe..., sagemaker:List..., sagemaker:BatchDescribeModelPackage or sagemaker:CreateModel";
const WHAT = "Give writing to named roles in their own policies; whoever reads needs no more.";
const LATER = "It is judged at update, before the resource is touched.";
const STRANGER = "444455556666";
const ORG = "o-abcdefghij";

const propertyOf = (provider: Provider) => (provider === "native" ? "modelPackageGroupPolicy" : "resourcePolicy");
const group = (provider: Provider, value: unknown): Resource =>
  broken(
    compliant(provider, provider === "native" ? "packageGroup" : "packageGroupPolicy"),
    propertyOf(provider),
    value,
  );

const statement = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::111122223333:role/reader" },
  Action: "sagemaker:DescribeModelPackage",
  Resource: GROUP,
  ...changes,
});
const inOrganization = (id: string, operator = "StringEquals") => ({ [operator]: { "aws:PrincipalOrgID": id } });

describe("package-group-closed", () => {
  for (const provider of PROVIDERS) {
    const property = propertyOf(provider);
    /** One statement in each form that a document takes; `at` is where the statement stands. */
    const each = async (
      one: Record<string, unknown>,
      texts: (at: string) => readonly string[],
      config: Record<string, unknown> = {},
    ) => {
      for (const [document, at] of [
        [{ Statement: [one] }, `${property}.Statement[0]`],
        [{ Statement: one }, `${property}.Statement`],
      ] as const) {
        for (const form of [document, JSON.stringify(document)])
          violates(await analyze(rule, group(provider, form), { config }), ...texts(at));
      }
    };
    const principal = (at: string, shown: string, limit = OWN, check = "principal") =>
      `package-group-closed/${check}: ${at} is ${shown}, must be ${limit}. ${WHO}`;
    const action = (at: string, shown: string, limit = READS) =>
      `package-group-closed/action: ${at} is ${shown}, must be ${limit}. ${WHAT}`;

    it(`${provider}: readers of the own account`, async () => {
      for (const one of [
        "111122223333",
        "arn:aws:iam::111122223333:root",
        "arn:aws-us-gov:iam::111122223333:root",
        ["arn:aws:iam::111122223333:user/x", "arn:aws:sts::111122223333:assumed-role/x/y"],
      ])
        await each(statement({ Principal: { AWS: one } }), () => []);
    });

    it(`${provider}: everything that reads, and nothing that writes`, async () => {
      const allowed = ["sagemaker:Describe*", "sagemaker:List*", "SageMaker:createmodel"];
      await each(statement({ Action: [...allowed, "sagemaker:BatchDescribeModelPackage"] }), () => []);
      for (const one of [
        "sagemaker:UpdateModelPackage",
        "sagemaker:CreateModelPackage",
        "sagemaker:CreateModel*",
        "sagemaker:*",
        "*",
        "sagemaker:D*",
        "sagemaker:DescribeModelPackag?",
        "sagemaker:PutModelPackageGroupPolicy",
        "x-sagemaker:CreateModel",
      ]) {
        await each(statement({ Action: one }), (at) => [action(`${at}.Action`, `"${one}"`)]);
        await each(statement({ Action: [...allowed, one] }), (at) => [action(`${at}.Action[3]`, `"${one}"`)]);
      }
      await each(statement({ Action: undefined, NotAction: ["sagemaker:DeleteModelPackage", "s3:*"] }), (at) => [
        action(`${at}.NotAction[0]`, '"sagemaker:DeleteModelPackage"', "absent in an Allow"),
      ]);
    });

    it(`${provider}: everybody`, async () => {
      for (const [value, where] of [
        ["*", "Principal"],
        [{ AWS: "*" }, "Principal.AWS"],
        [{ AWS: "arn:aws:iam::*:root" }, "Principal.AWS"],
        [{ AWS: "arn:aws:iam::11112222333?:root" }, "Principal.AWS"],
      ] as const) {
        const shown = JSON.stringify(typeof value === "string" ? value : value.AWS);
        await each(statement({ Principal: value }), (at) => [principal(`${at}.${where}`, shown, OWN, "public")]);
      }
      await each(statement({ Principal: undefined, NotPrincipal: { AWS: STRANGER } }), (at) => [
        principal(`${at}.NotPrincipal`, "set", `a Principal ${OWN}`, "public"),
      ]);
      await each(statement({ Principal: undefined }), (at) => [
        principal(`${at}.Principal`, "absent", `a Principal ${OWN}`),
      ]);
    });

    it(`${provider}: another account, unless it is listed`, async () => {
      const listed = { readerAccounts: [STRANGER] };
      for (const one of [STRANGER, `arn:aws:iam::${STRANGER}:root`, `arn:aws:iam::${STRANGER}:role/x`]) {
        await each(statement({ Principal: { AWS: one } }), (at) => [principal(`${at}.Principal.AWS`, `"${one}"`)]);
        await each(statement({ Principal: { AWS: one } }), () => [], listed);
      }
      await each(
        statement({ Principal: { AWS: ["777788889999", STRANGER] } }),
        (at) => [principal(`${at}.Principal.AWS[0]`, '"777788889999"', `${OWN} and account ${STRANGER}`)],
        listed,
      );
      const readers = { readerAccounts: [STRANGER, "777788889999"], readerOrganizations: [ORG, "o-zzzzzzzzzz"] };
      for (const one of ["999900001111", "AIDACKCEVSQ6C2EXAMPLE", "x111122223333", "111122223333x"])
        await each(
          statement({ Principal: { AWS: one } }),
          (at) => [
            principal(
              `${at}.Principal.AWS`,
              `"${one}"`,
              `${OWN}, account ${STRANGER}, 777788889999 and organisation ${ORG}, o-zzzzzzzzzz`,
            ),
          ],
          readers,
        );
      await each(
        statement({ Principal: { AWS: STRANGER }, Action: "sagemaker:UpdateModelPackage" }),
        (at) => [action(`${at}.Action`, '"sagemaker:UpdateModelPackage"')],
        listed,
      );
      for (const [kind, one] of [
        ["Service", "sagemaker.amazonaws.com"],
        ["Federated", "111122223333"],
        ["CanonicalUser", "79a59df900b949e5"],
      ] as const)
        await each(statement({ Principal: { [kind]: one } }), (at) => [
          principal(`${at}.Principal.${kind}`, `"${one}"`),
        ]);
    });

    it(`${provider}: the own account is the one that every resource names`, async () => {
      for (const resource of [
        "*",
        "arn:aws:sagemaker:us-east-1:*:model-package-group/churn",
        [GROUP, "*"],
        [GROUP, GROUP.replace("111122223333", STRANGER)],
      ])
        for (const one of ["arn:aws:iam::111122223333:role/reader", "AIDACKCEVSQ6C2EXAMPLE"])
          await each(statement({ Resource: resource, Principal: { AWS: one } }), (at) => [
            principal(`${at}.Principal.AWS`, `"${one}"`),
          ]);
      const two = [GROUP, GROUP.replace("111122223333", STRANGER)];
      await each(statement({ Resource: two, Principal: { AWS: STRANGER } }), (at) => [
        principal(`${at}.Principal.AWS`, `"${STRANGER}"`),
      ]);
    });

    it(`${provider}: an organisation, when it is listed and firmly demanded`, async () => {
      const config = { readerOrganizations: [ORG] };
      const limit = `${OWN} and organisation ${ORG}`;
      const open = (condition: unknown) => statement({ Principal: "*", Condition: condition });
      for (const operator of ["StringEquals", "StringLike", "ForAnyValue:StringEquals", "stringequalsignorecase"])
        await each(open(inOrganization(ORG, operator)), () => [], config);
      for (const condition of [
        inOrganization(ORG, "StringEqualsIfExists"),
        inOrganization(ORG, "ForAllValues:StringEquals"),
        inOrganization(ORG, "StringNotEquals"),
        inOrganization("o-zzzzzzzzzz"),
        inOrganization("o-*", "StringLike"),
        { StringEquals: { "aws:PrincipalOrgID": [ORG, "o-zzzzzzzzzz"] } },
        { StringEquals: { "aws:PrincipalOrgID": [] } },
        { StringEquals: { "aws:SourceOrgID": ORG } },
      ])
        await each(open(condition), (at) => [principal(`${at}.Principal`, '"*"', limit, "public")], config);
      await each(open(inOrganization(ORG)), (at) => [principal(`${at}.Principal`, '"*"', OWN, "public")]);
    });

    it(`${provider}: a Deny takes away, whomever it names`, async () => {
      await each(statement({ Effect: "Deny", Principal: "*", Action: "*" }), () => []);
      await each({ Effect: "Deny", NotPrincipal: { AWS: "111122223333" }, NotAction: "s3:*", Resource: "*" }, () => []);
    });

    it(`${provider}: what is no document`, async () => {
      for (const [value, shown] of [
        ["{", '"{"'],
        [7, "7"],
      ] as const) {
        violates(
          await analyze(rule, group(provider, value)),
          `package-group-closed/unreadable: ${property} is ${shown}, must be a policy document, as an object or as JSON text. Correct the document.`,
        );
      }
      violates(await analyze(rule, group(provider, undefined)));
    });

    it(`${provider}: what is not known yet`, async () => {
      const waits = (path: string, limit: string) =>
        `package-group-closed/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
      const policy = "a policy that lets only listed accounts read";
      notes(await analyze(rule, group(provider, UNKNOWN)), waits(property, policy));
      const judged = (changes: Record<string, unknown>) =>
        analyze(rule, group(provider, { Statement: [statement(changes)] }));
      const at = `${property}.Statement[0]`;
      notes(await analyze(rule, group(provider, { Statement: [UNKNOWN] })), waits(at, policy));
      notes(await judged({ Action: UNKNOWN }), waits(`${at}.Action`, READS));
      notes(await judged({ Principal: { AWS: UNKNOWN } }), waits(`${at}.Principal.AWS`, OWN));
      for (const hidden of [UNKNOWN, { StringEquals: UNKNOWN }, inOrganization(UNKNOWN)])
        notes(
          await judged({ Principal: "*", Condition: hidden }),
          waits(`${at}.Condition`, `aws:PrincipalOrgID is ${OWN}`),
        );
    });
  }
});
