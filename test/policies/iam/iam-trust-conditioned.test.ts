import rule from "../../../policies/iam/iam-trust-conditioned.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const ACCOUNT = "111122223333";
const SERVICES =
  "one of sagemaker.amazonaws.com, states.amazonaws.com, scheduler.amazonaws.com, lambda.amazonaws.com and events.amazonaws.com";
const DEPUTY = "the account for which the service acts";
const ADD =
  'Add Condition: {"StringEquals": {"aws:SourceAccount": "<this account>"}}, and aws:SourceArn where it is known.';
const LATER = "It is judged at update, before the resource is touched.";
const SUBJECT = "a subject that is pinned before any wildcard, such as repo:OWNER/REPOSITORY:*";
const GITHUB = "token.actions.githubusercontent.com";
const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;

const propertyOf = (provider: Provider) => (provider === "native" ? "assumeRolePolicyDocument" : "assumeRolePolicy");
const role = (provider: Provider, value: unknown): Resource =>
  broken(compliant(provider, "role"), propertyOf(provider), value);

const service = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  Effect: "Allow",
  Principal: { Service: "states.amazonaws.com" },
  Action: "sts:AssumeRole",
  Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
  ...changes,
});
const who = (principal: unknown, condition?: unknown) => service({ Principal: principal, Condition: condition });
const web = (aud: unknown, sub: unknown, operator = "StringLike") =>
  service({
    Principal: { Federated: OIDC },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${GITHUB}:aud`]: aud }, [operator]: { [`${GITHUB}:sub`]: sub } },
  });

describe("iam-trust-conditioned", () => {
  for (const provider of PROVIDERS) {
    const property = propertyOf(provider);
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
          violates(await analyze(rule, role(provider, form), { config }), ...texts(at));
      }
    };

    it(`${provider}: a service for this account`, async () => {
      const source = "arn:aws:states:us-east-1:111122223333:stateMachine:*";
      for (const condition of [
        { StringEquals: { "aws:SourceAccount": ACCOUNT } },
        { StringEquals: { "AWS:sourceaccount": [ACCOUNT, "444455556666"] } },
        { ArnLike: { "aws:SourceArn": source } },
        { StringLike: { "aws:SourceArn": source } },
      ])
        await each(service({ Condition: condition }), () => []);
    });

    it(`${provider}: a service for whomever it acts`, async () => {
      const bare = (at: string) =>
        `iam-trust-conditioned/deputy: ${at}.Condition is without aws:SourceAccount and aws:SourceArn beside "states.amazonaws.com", must be ${DEPUTY}. ${ADD}`;
      for (const condition of [
        undefined,
        { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
        { StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } },
        { "ForAllValues:StringEquals": { "aws:SourceAccount": ACCOUNT } },
        { StringNotEquals: { "aws:SourceAccount": ACCOUNT } },
        { StringEquals: { "aws:SourceAccount": [] } },
      ])
        await each(service({ Condition: condition }), (at) => [bare(at)]);
      for (const [operator, key, value] of [
        ["StringLike", "aws:SourceAccount", "*"],
        ["StringLike", "aws:SourceAccount", "11112222333?"],
        ["ArnLike", "aws:SourceArn", "arn:aws:states:*:*:stateMachine:*"],
        ["ArnLike", "aws:SourceArn", "*"],
        ["StringEquals", "aws:SourceAccount", `${ACCOUNT}0`],
        ["StringEquals", "aws:SourceAccount", `0${ACCOUNT}`],
      ] as const) {
        await each(service({ Condition: { [operator]: { [key]: value } } }), (at) => [
          `iam-trust-conditioned/deputy: ${at}.Condition.${operator}["${key}"] is "${value}", must be ${DEPUTY}. ${ADD}`,
        ]);
      }
    });

    it(`${provider}: one of several sources is open`, async () => {
      const condition = { StringLike: { "aws:SourceAccount": [ACCOUNT, "*"] } };
      await each(service({ Condition: condition }), (at) => [
        `iam-trust-conditioned/deputy: ${at}.Condition.StringLike["aws:SourceAccount"][1] is "*", must be ${DEPUTY}. ${ADD}`,
      ]);
    });

    it(`${provider}: a service that is not in the list`, async () => {
      const other = who({ Service: ["states.amazonaws.com", "ec2.amazonaws.com"] }, service().Condition);
      const text = (at: string) =>
        `iam-trust-conditioned/service: ${at}.Principal.Service[1] is "ec2.amazonaws.com", must be ${SERVICES}. Remove it, or list it in trustedServices.`;
      await each(other, (at) => [text(at)]);
      await each(other, () => [], { trustedServices: ["ec2.amazonaws.com", "states.amazonaws.com"] });
    });

    it(`${provider}: a service by its name in one region is that service`, async () => {
      for (const region of ["us-east-1", "us-gov-west-1"])
        await each(who({ Service: `states.${region}.amazonaws.com` }, service().Condition), () => []);
      const look = who({ Service: "states.evil.us-east-1.amazonaws.com" }, service().Condition);
      await each(look, (at) => [
        `iam-trust-conditioned/service: ${at}.Principal.Service is "states.evil.us-east-1.amazonaws.com", must be ${SERVICES}. Remove it, or list it in trustedServices.`,
      ]);
    });

    it(`${provider}: everybody`, async () => {
      const anyone = (at: string, shown: string) =>
        `iam-trust-conditioned/anyone: ${at} is ${shown}, must be named ones. Name the services, roles or users.`;
      const condition = service().Condition;
      await each(who("*", condition), (at) => [anyone(`${at}.Principal`, '"*"')]);
      await each(who({ AWS: "*" }, condition), (at) => [anyone(`${at}.Principal.AWS`, '"*"')]);
      await each(who({ Service: "*" }, condition), (at) => [anyone(`${at}.Principal.Service`, '"*"')]);
      await each(who("states.amazonaws.com", condition), (at) => [anyone(`${at}.Principal`, '"states.amazonaws.com"')]);
      await each(who({ AWS: ["arn:aws:iam::111122223333:role/*"] }), (at) => [
        anyone(`${at}.Principal.AWS[0]`, '"arn:aws:iam::111122223333:role/*"'),
      ]);
      await each(service({ Principal: undefined, NotPrincipal: { AWS: ACCOUNT } }), (at) => [
        anyone(`${at}.NotPrincipal`, "set"),
      ]);
      await each(service({ Effect: "Deny", Principal: "*", Condition: undefined }), () => []);
    });

    it(`${provider}: a role or user by name; a whole account only under a condition`, async () => {
      await each(who({ AWS: `arn:aws:iam::${ACCOUNT}:role/deployer` }), () => []);
      await each(who({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/${ACCOUNT}` }), () => []);
      for (const one of [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`]) {
        const text = (at: string) =>
          `iam-trust-conditioned/account: ${at}.Principal.AWS is "${one}", must be named, or conditioned. Name the roles and users, or add a condition on who they are, such as aws:PrincipalTag.`;
        await each(who({ AWS: one }), (at) => [text(at)]);
        await each(who({ AWS: one }), () => [], { accountTrust: "allow" });
        await each(who({ AWS: one }, { StringEquals: { "aws:PrincipalTag/team": "ml" } }), () => []);
        await each(who({ AWS: one }, { Bool: { "aws:MultiFactorAuthPresent": "true" } }), () => []);
        for (const operator of ["BoolIfExists", "ForAllValues:StringEquals", "StringNotEquals", "NotIpAddress", "Null"])
          await each(who({ AWS: one }, { [operator]: { "aws:PrincipalTag/team": "true" } }), (at) => [text(at)]);
        // Everybody meets these.
        for (const condition of [
          { StringLike: { "aws:PrincipalArn": "*" } },
          { StringLike: { "aws:PrincipalTag/team": ["ml", "*"] } },
          { StringLike: { "aws:PrincipalArn": "**" } },
          { StringEquals: { "aws:PrincipalTag/team": [] } },
          { Bool: { "aws:SecureTransport": "true" } },
          { Bool: { "aws:ViaAWSService": "false" } },
          { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
          { NumericGreaterThan: { "aws:EpochTime": "1" } },
          { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
          { StringLike: { "aws:UserAgent": "aws-cli/*" } },
          { StringEquals: { "aws:Referer": "x" } },
        ])
          await each(who({ AWS: one }, condition), (at) => [text(at)]);
      }
    });

    it(`${provider}: an identity provider with its audience and a pinned subject`, async () => {
      await each(web("sts.amazonaws.com", "repo:owner/name:ref:refs/heads/main"), () => []);
      for (const sub of ["repo:owner/name:*", "repo:owner/*", ["repo:owner/a:*", "repo:owner/b:*"], "owner/*"])
        await each(web("sts.amazonaws.com", sub), () => []);
      const saml = { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/office` };
      await each(who(saml, { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } }), () => []);
    });

    it(`${provider}: an identity provider left open`, async () => {
      const fix = (name: string) => `Condition ${name} by StringEquals or, for a subject, StringLike.`;
      const open = (at: string, name: string, shown: string, limit: string) =>
        `iam-trust-conditioned/federated: ${at} is ${shown}, must be ${limit}. ${fix(name)}`;
      await each(who({ Federated: OIDC }), (at) => [
        open(`${at}.Condition`, `${GITHUB}:aud`, `without ${GITHUB}:aud`, "with a literal audience"),
        open(`${at}.Condition`, `${GITHUB}:sub`, `without ${GITHUB}:sub`, `with ${SUBJECT}`),
      ]);
      for (const sub of ["*", "*:main", "?epo:owner/name", "repo:*", "repo:own*", "", "repo:/*"]) {
        await each(web("sts.amazonaws.com", sub), (at) => [
          open(
            `${at}.Condition.StringLike["${GITHUB}:sub"]`,
            `${GITHUB}:sub`,
            sub === "" ? "empty" : `"${sub}"`,
            SUBJECT,
          ),
        ]);
      }
      for (const [aud, shown] of [
        ["*", '"*"'],
        ["", "empty"],
      ] as const)
        await each(web(aud, "repo:owner/name"), (at) => [
          open(`${at}.Condition.StringEquals["${GITHUB}:aud"]`, `${GITHUB}:aud`, shown, "a literal audience"),
        ]);
      // AWS's own provider goes by its name alone.
      const pool = "cognito-identity.amazonaws.com";
      await each(who({ Federated: pool }, { StringEquals: { [`${pool}:sub`]: "us-east-1:x" } }), (at) => [
        open(`${at}.Condition`, `${pool}:aud`, `without ${pool}:aud`, "with a literal audience"),
      ]);
      await each(web("sts.amazonaws.com", "repo:owner/name", "StringLikeIfExists"), (at) => [
        open(`${at}.Condition`, `${GITHUB}:sub`, `without ${GITHUB}:sub`, `with ${SUBJECT}`),
      ]);
      await each(who({ Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/office` }), (at) => [
        open(`${at}.Condition`, "saml:aud", "without saml:aud", "with a literal audience"),
      ]);
    });

    it(`${provider}: what is no trust`, async () => {
      violates(
        await analyze(rule, role(provider, "{")),
        `iam-trust-conditioned/unreadable: ${property} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      await each(who({ CanonicalUser: "79a59df900b949e5" }), (at) => [
        `iam-trust-conditioned/unreadable: ${at}.Principal.CanonicalUser is "79a59df900b949e5", must be under AWS, Service or Federated. Correct the document.`,
      ]);
      violates(await analyze(rule, role(provider, undefined)));
    });

    it(`${provider}: what is not known yet`, async () => {
      const waits = (path: string, limit: string) =>
        `iam-trust-conditioned/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
      const named = "a trust in named ones only";
      const judged = (one: unknown) => analyze(rule, role(provider, { Statement: [one] }));
      const at = `${property}.Statement[0]`;
      notes(await analyze(rule, role(provider, UNKNOWN)), waits(property, named));
      notes(await judged(UNKNOWN), waits(at, named));
      notes(await judged(who({ AWS: UNKNOWN })), waits(`${at}.Principal.AWS`, "a service, role or user by name"));
      notes(await judged(service({ Condition: UNKNOWN })), waits(`${at}.Condition`, DEPUTY));
      notes(
        await judged(service({ Condition: { StringEquals: { "aws:SourceAccount": UNKNOWN } } })),
        waits(`${at}.Condition.StringEquals["aws:SourceAccount"]`, DEPUTY),
      );
      notes(
        await judged(who({ AWS: ACCOUNT }, { StringEquals: UNKNOWN })),
        waits(`${at}.Condition.StringEquals`, "a condition beside a whole account"),
      );
      const team = "aws:PrincipalTag/team";
      notes(
        await judged(who({ AWS: ACCOUNT }, { StringEquals: { [team]: UNKNOWN } })),
        waits(`${at}.Condition.StringEquals["${team}"]`, "a value that says who of the account"),
      );
      violates(await judged(who({ AWS: ACCOUNT }, { StringEquals: { [team]: "ml", "aws:PrincipalOrgID": UNKNOWN } })));
      notes(
        await judged(who({ Federated: OIDC }, UNKNOWN)),
        waits(`${at}.Condition`, "a literal audience"),
        waits(`${at}.Condition`, SUBJECT),
      );
      notes(
        await judged(web("sts.amazonaws.com", UNKNOWN)),
        waits(`${at}.Condition.StringLike["${GITHUB}:sub"]`, SUBJECT),
      );
    });

    describe(`${provider}: calls of a function`, () => {
      const call = (changes: Record<string, unknown>): Resource => {
        const one = compliant(provider, "permission");
        for (const [key, value] of Object.entries(changes)) {
          if (value === undefined) delete one.props[key];
          else one.props[key] = value;
        }
        return one;
      };
      const fault = (path: string, shown: string, limit: string, fix: string) =>
        `iam-trust-conditioned/function: ${path} is ${shown}, must be ${limit}. ${fix}`;
      const ONE = "a sourceArn or sourceAccount of this account";
      const BOTH = "sourceArn and sourceAccount of the one bucket";
      const say = (name: string) => `Say for which source ${name}.amazonaws.com may call.`;
      const bucket = { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::b", sourceAccount: ACCOUNT };

      it("a service for one source of this account, a role, or an organisation", async () => {
        for (const changes of [
          { sourceArn: undefined, sourceAccount: ACCOUNT },
          {
            sourceArn: "arn:aws:execute-api:us-east-1:111122223333:api/*/POST/x",
            principal: "apigateway.amazonaws.com",
          },
          { principal: "arn:aws:iam::444455556666:role/caller", sourceArn: undefined },
          { principal: ACCOUNT, sourceArn: undefined },
          { principal: "*", principalOrgId: "o-abcdefghij", sourceArn: undefined },
          bucket,
        ])
          violates(await analyze(rule, call(changes)));
      });

      it("a service for whomever it acts", async () => {
        for (const [sourceArn, shown] of [
          [undefined, "absent"],
          ["arn:aws:events:*:*:rule/*", '"arn:aws:events:*:*:rule/*"'],
          ["*", '"*"'],
          [7, "7"],
        ] as const)
          violates(await analyze(rule, call({ sourceArn })), fault("sourceArn", shown, ONE, say("events")));
        violates(
          await analyze(rule, call({ sourceArn: undefined, sourceAccount: "*" })),
          fault("sourceArn", "absent", ONE, say("events")),
        );
      });

      it("an account that is none, a source that is none, a name that only looks like a service", async () => {
        for (const sourceAccount of [`${ACCOUNT}0`, `0${ACCOUNT}`, "x", 111_122_223_333, [ACCOUNT]]) {
          violates(
            await analyze(rule, call({ sourceArn: undefined, sourceAccount })),
            fault("sourceArn", "absent", ONE, say("events")),
          );
        }
        violates(
          await analyze(rule, call({ ...bucket, sourceArn: "bucket" })),
          fault("sourceArn", '"bucket"', BOTH, say("s3")),
        );
        violates(
          await analyze(rule, call({ ...bucket, sourceArn: "bucket", sourceAccount: undefined })),
          fault("sourceArn", '"bucket"', BOTH, say("s3")),
        );
        violates(await analyze(rule, call({ principal: "events.amazonaws.com.example.org", sourceArn: undefined })));
        violates(
          await analyze(rule, call({ principal: "events.amazonaws.com.cn", sourceArn: undefined })),
          fault("sourceArn", "absent", ONE, "Say for which source events.amazonaws.com.cn may call."),
        );
        violates(
          await analyze(rule, call({ principal: ["events.amazonaws.com"] })),
          fault("principal", '["events.amazonaws.com"]', "named", "Name the service, account or role."),
        );
        violates(
          await analyze(rule, call({ principal: undefined })),
          fault("principal", "absent", "named", "Name the service, account or role."),
        );
      });

      it("S3 without both", async () => {
        const judged = (changes: Record<string, unknown>) => analyze(rule, call({ ...bucket, ...changes }));
        violates(await judged({ sourceAccount: undefined }), fault("sourceAccount", "absent", BOTH, say("s3")));
        violates(await judged({ sourceArn: undefined }), fault("sourceArn", "absent", BOTH, say("s3")));
        violates(
          await judged({ sourceArn: undefined, sourceAccount: undefined }),
          fault("sourceArn", "absent", BOTH, say("s3")),
        );
      });

      it("everybody, and nobody who can be read", async () => {
        const named = "Name the service, account or role, or the organisation by principalOrgId.";
        violates(await analyze(rule, call({ principal: "*" })), fault("principal", '"*"', "named", named));
        violates(
          await analyze(rule, call({ principal: 7 })),
          fault("principal", "7", "named", "Name the service, account or role."),
        );
      });

      it("what is not known yet", async () => {
        const waits = (path: string, limit: string) =>
          `iam-trust-conditioned/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
        notes(await analyze(rule, call({ sourceArn: UNKNOWN })), waits("sourceArn", ONE));
        notes(await analyze(rule, call({ ...bucket, sourceAccount: UNKNOWN })), waits("sourceAccount", BOTH));
        notes(
          await analyze(rule, call({ principal: UNKNOWN })),
          waits("principal", "a service, account or role by name"),
        );
        notes(
          await analyze(rule, call({ principal: "*", principalOrgId: UNKNOWN })),
          waits("principalOrgId", "the organisation that may call"),
        );
        violates(await analyze(rule, call({ sourceArn: UNKNOWN, sourceAccount: ACCOUNT })));
      });
    });
  }
});
