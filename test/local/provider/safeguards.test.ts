import assert from "node:assert/strict";
import { Budget } from "@pulumi/aws/budgets/budget.js";
import * as iam from "@pulumi/aws-native/iam/index.js";
import * as kms from "@pulumi/aws-native/kms/index.js";
import * as logs from "@pulumi/aws-native/logs/index.js";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { textAt } from "../../../local/provider/emulator/xml.ts";
import { changed, openWorld, quiet, type World } from "./support/world.ts";

const account = "111122223333";
const knobs = { limit: "20", emails: ["a@example.com", "b@example.com"], protect: true };
const document = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });

/** What guards a stage, each kind once. */
async function program(): Promise<Record<string, unknown>> {
  const notification = (notificationType: string, threshold: number) => ({
    notificationType,
    comparisonOperator: "GREATER_THAN",
    threshold,
    thresholdType: "PERCENTAGE",
    subscriberEmailAddresses: knobs.emails,
  });
  new Budget("budget", {
    name: "mine",
    budgetType: "COST",
    limitAmount: knobs.limit,
    limitUnit: "USD",
    timeUnit: "MONTHLY",
    costFilters: [{ name: "TagKeyValue", values: ["user:frugal:stage$dev"] }],
    notifications: [notification("FORECASTED", 100), notification("ACTUAL", 80)],
    tags: { a: "b" },
  });
  const key = new kms.Key("key", {
    enableKeyRotation: true,
    keyPolicy: document(
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" },
      {
        Effect: "Allow",
        Principal: { Service: "logs.us-east-1.amazonaws.com" },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
      },
    ),
    tags: [{ key: "a", value: "b" }],
  });
  new kms.Alias("alias", { aliasName: "alias/mine", targetKeyId: key.keyId });
  new logs.LogGroup("log", {
    logGroupName: "/mine",
    retentionInDays: 365,
    kmsKeyId: key.arn,
    deletionProtectionEnabled: knobs.protect,
  });
  const boundary = new iam.ManagedPolicy("boundary", {
    managedPolicyName: "boundary",
    policyDocument: document({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }),
  });
  new iam.Role("role", {
    roleName: "guarded",
    permissionsBoundary: boundary.policyArn,
    assumeRolePolicyDocument: document({
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
  });
  return { key: key.arn };
}

describe("what guards a stage, on the real engine", function () {
  this.timeout(120_000);
  let world: World;
  let stack: Stack;
  const budgets = (action: string, input: object = {}) =>
    world.hand.json("budgets", `AWSBudgetServiceGateway.${action}`, {
      AccountId: account,
      BudgetName: "mine",
      ...input,
    });
  const unchanged = async () => {
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
    const refreshed = await stack.refresh(quiet);
    assert.deepEqual(changed(refreshed.summary.resourceChanges), {}, refreshed.stdout);
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
  };
  const told = async () => {
    const { Notifications } = await budgets("DescribeNotificationsForBudget");
    const list = Notifications as Record<string, unknown>[];
    return Promise.all(
      list.map(async ({ NotificationType, ComparisonOperator, Threshold, ThresholdType }) => {
        const Notification = { NotificationType, ComparisonOperator, Threshold, ThresholdType };
        const { Subscribers } = await budgets("DescribeSubscribersForNotification", { Notification });
        const addresses = (Subscribers as { Address: string }[]).map(({ Address }) => Address).sort();
        return `${NotificationType} ${Threshold}: ${addresses.join(" ")}`;
      }),
    );
  };

  before(async () => {
    world = await openWorld();
    stack = await world.stack("dev", program);
  });
  after(() => world?.end());

  it("comes up, and is the same when looked at again", async () => {
    const { outputs } = await stack.up(quiet);
    const { Budget: made } = await budgets("DescribeBudget");
    const { BudgetLimit, TimeUnit, CostFilters } = made as Record<string, object>;
    assert.equal(Number((BudgetLimit as { Amount: string }).Amount), 20);
    assert.deepEqual([TimeUnit, CostFilters], ["MONTHLY", { TagKeyValue: ["user:frugal:stage$dev"] }]);
    const both = "a@example.com b@example.com";
    assert.deepEqual((await told()).sort(), [`ACTUAL 80: ${both}`, `FORECASTED 100: ${both}`]);
    const role = await world.hand.query("iam", "GetRole", "2010-05-08", { RoleName: "guarded" });
    assert.match(textAt(role, "Role", "PermissionsBoundary", "PermissionsBoundaryArn") ?? "", /policy\/boundary$/);
    const { logGroups } = await world.hand.json("logs", "Logs_20140328.DescribeLogGroups", {});
    const [group] = logGroups as Record<string, unknown>[];
    assert.deepEqual([group?.kmsKeyId, group?.deletionProtectionEnabled], [outputs.key?.value, true]);
    await unchanged();
  });

  it("changes the budget's limit and who is told, in place", async () => {
    Object.assign(knobs, { limit: "30", emails: ["c@example.com"] });
    const up = await stack.up(quiet);
    assert.deepEqual(changed(up.summary.resourceChanges), { update: 1 });
    assert.deepEqual((await told()).sort(), ["ACTUAL 80: c@example.com", "FORECASTED 100: c@example.com"]);
    await unchanged();
  });

  it("sees and puts right what was changed by hand", async () => {
    const { Budget: made } = await budgets("DescribeBudget");
    const { BudgetName, BudgetType, TimeUnit } = made as Record<string, string>;
    const NewBudget = { BudgetName, BudgetType, TimeUnit, BudgetLimit: { Amount: "9999", Unit: "USD" } };
    await budgets("UpdateBudget", { NewBudget });
    await world.hand.query("iam", "DeleteRolePermissionsBoundary", "2010-05-08", { RoleName: "guarded" });
    await world.hand.json("kms", "TrentService.DisableKeyRotation", { KeyId: "alias/mine" });
    const refreshed = await stack.refresh(quiet);
    assert.deepEqual(changed(refreshed.summary.resourceChanges), { update: 3 }, refreshed.stdout);
    await stack.up(quiet);
    const { Budget: again } = await budgets("DescribeBudget");
    assert.equal(Number((again as { BudgetLimit: { Amount: string } }).BudgetLimit.Amount), 30);
    await unchanged();
    await budgets("DeleteBudget");
    assert.equal((await stack.refresh(quiet)).summary.resourceChanges?.delete, 1);
    assert.equal((await stack.up(quiet)).summary.resourceChanges?.create, 1);
    await unchanged();
  });

  it("does not delete a protected log group, nor leave anything else behind", async () => {
    await assert.rejects(stack.destroy(quiet), /deletion protection is enabled/);
    knobs.protect = false;
    await stack.up(quiet);
    await stack.destroy(quiet);
    assert.deepEqual(await world.stacks(), []);
    await assert.rejects(budgets("DescribeBudget"), { code: "NotFoundException" });
  });

  it("refuses what nothing here would honour", async () => {
    const wrong = await world.stack("wrong", async () => {
      new Budget("budget", { budgetType: "COST", timeUnit: "MONTHLY", billingViewArn: "arn:aws:billing::x" });
      return {};
    });
    await assert.rejects(wrong.preview(quiet), /billingViewArn.*add it in local\/provider\/aws\/budget\.ts/s);
  });
});
