import assert from "node:assert/strict";
import type { Statement } from "../../contracts/iam.ts";
import { account, type Estate, grantsOf, list, pinnedArn, runProgram, stageConfig, tagsOf } from "./estate.ts";

const hex = "a".repeat(64);
const record = {
  "frugal:dataset-version": `breast-cancer@sha256:${hex}`,
  "frugal:run": "baseline",
  "frugal:training-job": "baseline-1",
  "frugal:artifact-digest": `sha256:${hex}`,
  "frugal:artifact-uri": `s3://frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
};
const pattern = (text: string) =>
  new RegExp(`^${text.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i");
const covers = (statement: Statement, action: string) =>
  list(statement.Action).some((one) => pattern(one).test(action));

describe("the estate's safeguards", () => {
  let dev: Estate;
  let prod: Estate;
  before(async function () {
    this.timeout(60_000);
    dev = await runProgram("dev", stageConfig("dev"));
    const deployment = { flow: "commit", modelPackageArn: pinnedArn };
    const config = { ...stageConfig("prod"), "frugal-mlops:deployment": deployment };
    prod = await runProgram("prod", config, { [pinnedArn]: record });
  });

  describe("boundary", () => {
    const statements = (estate: Estate): Statement[] =>
      estate.named("aws-native:iam:ManagedPolicy", "boundary").inputs.policyDocument.Statement;

    it("is every role's, and stands before it", () => {
      for (const [stage, estate] of Object.entries({ dev, prod })) {
        const { inputs } = estate.named("aws-native:iam:ManagedPolicy", "boundary");
        assert.equal(inputs.managedPolicyName, `frugal-${stage}-boundary`);
        assert.ok(JSON.stringify(inputs.policyDocument).length <= 6144);
        const roles = estate.of("aws-native:iam:Role");
        assert.ok(roles.length > 10);
        for (const role of roles) {
          assert.equal(role.inputs.permissionsBoundary, `arn:aws:iam::${account}:policy/frugal-${stage}-boundary`);
          assert.ok(role.after.includes("boundary"), role.name);
        }
      }
    });

    it("leaves room for each grant of each role", () => {
      for (const estate of [dev, prod]) {
        const [allowed, denied] = ["Allow", "Deny"].map((effect) =>
          statements(estate).filter(({ Effect }) => Effect === effect),
        );
        for (const role of estate.of("aws-native:iam:Role")) {
          for (const action of grantsOf(role).flatMap(({ Action }) => list(Action))) {
            assert.ok(
              allowed?.some((one) => covers(one, action)),
              `${role.name}: the boundary does not allow ${action}: add it in components/shared/boundary.ts`,
            );
            assert.ok(
              !denied?.some((one) => !one.Condition && covers(one, action)),
              `${role.name}: ${action} is denied`,
            );
          }
        }
      }
    });

    it("denies what would make its holder more, or take the key away", () => {
      const [denied] = statements(dev).filter(({ Sid }) => Sid === "ChangeNobodysRights");
      const [keys] = statements(dev).filter(({ Sid }) => Sid === "KeepTheKey");
      assert.ok(denied && keys);
      const identity =
        "PutRolePermissionsBoundary DeleteRolePermissionsBoundary PutUserPermissionsBoundary DeleteUserPermissionsBoundary " +
        "CreatePolicyVersion SetDefaultPolicyVersion DeletePolicy CreateUser CreateAccessKey CreateLoginProfile AttachRolePolicy " +
        "PutRolePolicy UpdateAssumeRolePolicy";
      for (const action of identity.split(" ")) assert.ok(covers(denied, `iam:${action}`), action);
      assert.ok(covers(denied, "sts:AssumeRole"));
      for (const action of ["ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy", "UpdateAlias"])
        assert.ok(covers(keys, `kms:${action}`), action);
      const [approving] = statements(dev).filter(({ Sid }) => Sid === "ApproveByDecisionOnly");
      assert.deepEqual(approving?.Condition, {
        StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
        ArnNotEquals: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/frugal-dev-record-decision` },
      });
      const [carrying] = statements(dev).filter(({ Sid }) => Sid === "StayInTheAccount");
      assert.deepEqual(carrying?.Condition, { StringNotEqualsIfExists: { "aws:ResourceAccount": account } });
      assert.ok(carrying && covers(carrying, "s3:PutObject") && !covers(carrying, "s3:GetObject"));
    });
  });

  describe("key", () => {
    const keyArn = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    const keyGrants = (estate: Estate, role: string) =>
      grantsOf(estate.named("aws-native:iam:Role", `${role}-role`)).filter(({ Action }) =>
        list(Action).some((action) => action.startsWith("kms:")),
      );

    it("costs dev nothing: there is none", () => {
      assert.deepEqual(dev.of("aws-native:kms:Key"), []);
      assert.ok(!JSON.stringify(dev.of("aws-native:iam:Role").map(grantsOf)).includes("kms:"));
      assert.equal(dev.named("aws-native:sns:Topic", "notices-topic").inputs.kmsMasterKeyId, undefined);
    });

    it("rotates in prod, is kept, and has no holder but the account and two services", () => {
      const key = prod.named("aws-native:kms:Key", "key");
      assert.deepEqual([key.inputs.enableKeyRotation, key.inputs.pendingWindowInDays, key.protect], [true, 30, true]);
      const { Statement: policy } = key.inputs.keyPolicy;
      assert.deepEqual(
        policy.map(({ Principal }: { Principal: unknown }) => Principal),
        [
          { AWS: `arn:aws:iam::${account}:root` },
          { Service: "cloudwatch.amazonaws.com" },
          { Service: "logs.us-east-1.amazonaws.com" },
        ],
      );
      for (const { Condition } of policy.slice(1)) assert.ok(JSON.stringify(Condition).includes(account));
      assert.equal(prod.named("aws-native:kms:Alias", "key-alias").inputs.aliasName, "alias/frugal-prod-data");
    });

    it("encrypts buckets, notices and the logs of decisions", () => {
      for (const bucket of prod.of("aws-native:s3:Bucket")) {
        assert.deepEqual(bucket.inputs.bucketEncryption.serverSideEncryptionConfiguration, [
          {
            serverSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
          },
        ]);
      }
      assert.equal(prod.named("aws-native:sns:Topic", "notices-topic").inputs.kmsMasterKeyId, keyArn);
      const evidence = prod.of("aws-native:logs:LogGroup").filter((log) => tagsOf(log)["frugal:audit"] === "true");
      assert.ok(evidence.some(({ name }) => name === "decide-approval-log"));
      for (const { inputs, protect } of evidence) {
        assert.deepEqual(
          [inputs.kmsKeyId, inputs.deletionProtectionEnabled, inputs.retentionInDays >= 365, protect],
          [keyArn, true, true, true],
        );
      }
    });

    it("is named to SageMaker for what jobs write, by the alias that is known before it exists", () => {
      const alias = `arn:aws:kms:us-east-1:${account}:alias/frugal-prod-data`;
      for (const [machine, state, output] of [
        ["training-workflow", "Train", "OutputDataConfig"],
        ["submission-workflow", "BatchTest", "TransformOutput"],
      ] as const) {
        const written = (estate: Estate) =>
          JSON.parse(estate.named("aws-native:stepfunctions:StateMachine", machine).inputs.definitionString).States[
            state
          ].Arguments[output].KmsKeyId;
        assert.deepEqual([written(prod), written(dev)], [alias, undefined]);
      }
    });

    it("is granted through its services to who reads, writes or publishes, and to nobody else", () => {
      const through = (service: string, alias = "alias/frugal-prod-data") => ({
        StringEquals: { "kms:ViaService": `${service}.us-east-1.amazonaws.com` },
        "ForAnyValue:StringLike": { "kms:ResourceAliases": alias },
      });
      const [objects, ...rest] = keyGrants(prod, "stage-artifact");
      assert.deepEqual([objects?.Action, objects?.Condition], [["kms:Decrypt", "kms:GenerateDataKey"], through("s3")]);
      assert.deepEqual(rest, []);
      assert.deepEqual(
        keyGrants(prod, "training").map(({ Action }) => Action),
        [["kms:Decrypt", "kms:GenerateDataKey"], ["kms:Encrypt"]],
      );
      assert.deepEqual(
        keyGrants(prod, "submission-workflow").map(({ Condition }) => Condition),
        [through("sns")],
      );
      // The served artefact lies with the stage that made it.
      assert.deepEqual(
        keyGrants(prod, "serving").map(({ Action, Condition }) => [Action, Condition]),
        [
          [["kms:Decrypt"], through("s3")],
          [["kms:Decrypt"], through("s3", "alias/frugal-*-data")],
        ],
      );
      // The gate reads what was found of the champion, and keeps its verdict.
      assert.deepEqual(
        keyGrants(prod, "gate").map(({ Action }) => Action),
        [["kms:Decrypt", "kms:GenerateDataKey"]],
      );
      assert.deepEqual(keyGrants(prod, "record-decision"), []);
      const { policyDocument } = prod.named("aws-native:iam:ManagedPolicy", "scientist-policy").inputs;
      const people = policyDocument.Statement.find(({ Sid }: Statement) => Sid === "UseKeyForObjects");
      assert.deepEqual(people?.Condition, through("s3"));
    });
  });

  describe("budget", () => {
    it("tells, in both stages, what is spent and what will be", () => {
      for (const [estate, limit] of [
        [dev, "10"],
        [prod, "100"],
      ] as const) {
        const { inputs } = estate.named("aws:budgets/budget:Budget", "budget");
        assert.deepEqual([inputs.limitAmount, inputs.limitUnit, inputs.timeUnit], [limit, "USD", "MONTHLY"]);
        assert.deepEqual(
          inputs.notifications.map((one: Record<string, unknown>) => [one.notificationType, one.threshold]),
          [
            ["ACTUAL", 80],
            ["ACTUAL", 100],
            ["FORECASTED", 100],
          ],
        );
        assert.ok(inputs.notifications[0].subscriberEmailAddresses.includes("approver@example.com"));
        assert.equal(inputs.costFilters, undefined);
      }
    });

    it("watches only what is tagged with the stage where it is told to, and tells whom it is told", async () => {
      const config = { limitUsdPerMonth: 7, emails: ["cfo@example.com"], scope: "stage" };
      const { inputs } = (await runProgram("dev", { "frugal-mlops:budget": config })).named(
        "aws:budgets/budget:Budget",
        "budget",
      );
      assert.deepEqual(inputs.costFilters, [{ name: "TagKeyValue", values: ["user:frugal:stage$dev"] }]);
      assert.deepEqual(inputs.notifications[0].subscriberEmailAddresses, ["cfo@example.com"]);
      assert.equal(inputs.limitAmount, "7");
    });
  });

  it("lets prod protect what dev does not", () => {
    assert.deepEqual(
      dev.resources.filter(({ protect }) => protect),
      [],
    );
    const kept = (type: string) => prod.of(type).every(({ protect }) => protect);
    for (const type of ["s3:Bucket", "dynamodb:Table", "kms:Key", "sagemaker:ModelPackageGroup"])
      assert.ok(kept(`aws-native:${type}`), type);
  });

  it("keeps what the reconciler's schedule could not start", () => {
    const { target } = dev.named("aws-native:scheduler:Schedule", "lineage-reconciler-schedule").inputs;
    assert.equal(target.deadLetterConfig.arn, `arn:aws:sqs:us-east-1:${account}:frugal-dev-failed-events`);
    const role = dev.named("aws-native:iam:Role", "lineage-reconciler-role");
    assert.deepEqual(grantsOf(role).find(({ Sid }) => Sid === "KeepFailures")?.Resource, target.deadLetterConfig.arn);
  });
});
