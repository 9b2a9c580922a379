import assert from "node:assert/strict";
import rule from "../../../policies/cost/budget-present.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const ADD =
  "Add a monthly cost budget with notices of actual and forecast spending, or name the one kept elsewhere in budgets.";
const MISSING = `budget-present/missing: the stage's budget is absent, must be there. ${ADD}`;
const TELL = "Let it tell somebody before the whole amount is gone.";
const AGAIN = "It is judged again when the update has made it known.";
const noticeLimit = (type: string) => `a list with a notice of type ${type}, at 100 % or less, that somebody gets`;
const notice = (type: string, path: string, shown: string) =>
  `budget-present/notice: ${path} is ${shown}, must be ${noticeLimit(type)}. ${TELL}`;

const DENIED = [
  "sagemaker:CreateTrainingJob",
  "sagemaker:CreateProcessingJob",
  "sagemaker:CreateTransformJob",
  "sagemaker:CreateHyperParameterTuningJob",
  "sagemaker:CreateEndpoint",
];
const WORDS = `${DENIED.slice(0, 4).join(", ")} and ${DENIED[4]}`;
const ACT = "Give the budget an action with such an IAM policy: a notice alone stops nothing.";

describe("budget-present", () => {
  for (const provider of PROVIDERS) {
    const bucket = compliant(provider, "bucket");
    const budget = compliant(provider, "budget");
    const judge = (resources: Resource[], config: Record<string, unknown> = {}) =>
      analyzeStack(rule, resources, { config });
    /** The budget with its first notice, that of what was spent, changed. */
    const actual = (path: string, value: unknown) => broken(budget, `notifications[0].${path}`, value);
    /** As messages show a list: keys in the wire's order, and cut. */
    const shown = (resource: Resource) => {
      const list = resource.props.notifications as object[];
      const sorted = list.map((one) => Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))));
      const text = JSON.stringify(sorted);
      return text.length > 160 ? `${text.slice(0, 160)}…` : text;
    };

    it(`${provider}: what spends is watched`, async () => {
      violates(await judge([bucket]), MISSING);
      violates(await judge([bucket, budget]));
      violates(await judge([compliant(provider, "role")]));
      violates(await judge([]));
      violates(await judge([bucket], { budgets: ["whole-account"] }));
      // Kept elsewhere, the ones that are here are nobody's business.
      violates(await judge([broken(budget, "timeUnit", "ANNUALLY")], { budgets: ["whole-account"] }));
    });

    it(`${provider}: cost, in dollars, by the month, within the limit`, async () => {
      for (const [path, value, check, text, limit, fix] of [
        ["budgetType", "USAGE", "type", '"USAGE"', "COST", "Watch cost in US dollars."],
        ["budgetType", undefined, "type", "absent", "COST", "Watch cost in US dollars."],
        ["limitUnit", "EUR", "type", '"EUR"', "USD", "Watch cost in US dollars."],
        ["timeUnit", "QUARTERLY", "period", '"QUARTERLY"', "MONTHLY", "Watch the month: that is how the bill comes."],
        ["timeUnit", undefined, "period", "absent", "MONTHLY", "Watch the month: that is how the bill comes."],
        ["limitAmount", "100.01", "amount", '"100.01"', "100 or less", "Lower it, or raise the stage's limit."],
        ["limitAmount", "0", "amount", '"0"', "100 or less", "Lower it, or raise the stage's limit."],
        ["limitAmount", "much", "amount", '"much"', "100 or less", "Lower it, or raise the stage's limit."],
        ["limitAmount", undefined, "amount", "absent", "100 or less", "Lower it, or raise the stage's limit."],
        ["limitAmount", [5], "amount", "[5]", "100 or less", "Lower it, or raise the stage's limit."],
        ...["1e1", "x5", "5x", "5.x"].map(
          (text) =>
            [
              "limitAmount",
              text,
              "amount",
              `"${text}"`,
              "100 or less",
              "Lower it, or raise the stage's limit.",
            ] as const,
        ),
      ] as const) {
        violates(
          await judge([bucket, broken(budget, path, value)]),
          `budget-present/${check}: ${path} is ${text}, must be ${limit}. ${fix}`,
        );
      }
      violates(await judge([broken(budget, "limitAmount", "100")]));
      violates(await judge([broken(budget, "limitAmount", 100)]));
      violates(await judge([broken(budget, "limitAmount", "99.25")]));
      violates(await judge([broken(budget, "limitUnit", undefined)]));
      violates(
        await judge([budget], { limitUsdPerMonth: 10 }),
        'budget-present/amount: limitAmount is "50", must be 10 or less. Lower it, or raise the stage\'s limit.',
      );
    });

    it(`${provider}: notices of both kinds, in time, to somebody`, async () => {
      for (const [path, value] of [
        ["notificationType", "FORECASTED"],
        ["comparisonOperator", "LESS_THAN"],
        ["comparisonOperator", undefined],
        ["threshold", 101],
        ["threshold", undefined],
        ["thresholdType", "RELATIVE"],
        ["subscriberEmailAddresses", []],
        ["subscriberEmailAddresses", [""]],
        ["subscriberEmailAddresses", [7]],
        ["subscriberEmailAddresses", "somebody"],
        ["subscriberEmailAddresses", undefined],
      ] as const) {
        const bad = actual(path, value);
        violates(await judge([bad]), notice("ACTUAL", "notifications", shown(bad)));
      }
      violates(await judge([actual("threshold", 100)]));
      const absolute = actual("thresholdType", "ABSOLUTE_VALUE");
      violates(await judge([broken(absolute, "notifications[0].threshold", 50)]));
      const late = broken(absolute, "notifications[0].threshold", 51);
      violates(await judge([late]), notice("ACTUAL", "notifications", shown(late)));
      for (const [value, text] of [
        [undefined, "absent"],
        [[], "[]"],
        ["all", '"all"'],
        [["all"], '["all"]'],
        [[null], "[null]"],
      ] as const) {
        violates(
          await judge([broken(budget, "notifications", value)]),
          notice("ACTUAL", "notifications", text),
          notice("FORECASTED", "notifications", text),
        );
      }
      const one = broken(budget, "notifications[1]", undefined);
      violates(await judge([one]), notice("FORECASTED", "notifications", shown(one)));
    });

    it(`${provider}: what of a notice is judged is declared, so that its spelling is looked up`, () => {
      const declared = rule.meta.reads.stack[budget.type] ?? [];
      const keys = ["notificationType", "comparisonOperator", "threshold", "thresholdType"];
      for (const key of [...keys, "subscriberEmailAddresses", "subscriberSnsTopicArns"])
        assert.ok(declared.includes(`notifications[].${key}`), key);
    });

    it(`${provider}: one right budget is enough`, async () => {
      const yearly = { ...broken(budget, "timeUnit", "ANNUALLY"), name: "yearly" };
      violates(await judge([yearly, budget]));
      const dear = { ...broken(budget, "limitAmount", "5000"), name: "dear" };
      // One that is right makes up for one that is not known yet, too.
      violates(await judge([{ ...broken(budget, "timeUnit", UNKNOWN), name: "hidden" }, budget]));
      violates(
        await judge([yearly, dear]),
        'budget-present/period: timeUnit is "ANNUALLY", must be MONTHLY. Watch the month: that is how the bill comes.',
        'budget-present/amount: limitAmount is "5000", must be 100 or less. Lower it, or raise the stage\'s limit.',
      );
    });

    it(`${provider}: what is not known yet`, async () => {
      const waits = (path: string, limit: string) =>
        `budget-present/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;
      for (const [path, limit] of [
        ["budgetType", "COST"],
        ["limitUnit", "USD"],
        ["timeUnit", "MONTHLY"],
        ["limitAmount", "100 or less"],
      ] as const) {
        notes(await judge([broken(budget, path, UNKNOWN)]), waits(path, limit));
      }
      notes(await judge([broken(budget, "notifications", UNKNOWN)]), waits("notifications", noticeLimit("ACTUAL")));
      for (const path of ["notificationType", "comparisonOperator", "threshold", "thresholdType"])
        notes(await judge([actual(path, UNKNOWN)]), waits("notifications[0]", noticeLimit("ACTUAL")));
      notes(
        await judge([broken(budget, "notifications[0]", UNKNOWN)]),
        waits("notifications[0]", noticeLimit("ACTUAL")),
      );
      // A topic that is made in the same program is somebody.
      violates(await judge([actual("subscriberEmailAddresses", [UNKNOWN])]));
      notes(
        await judge([actual("subscriberEmailAddresses", UNKNOWN)]),
        waits("notifications[0]", noticeLimit("ACTUAL")),
      );
      // One that may turn out right is waited for.
      const dear = { ...broken(budget, "limitAmount", "5000"), name: "dear" };
      notes(await judge([dear, broken(budget, "timeUnit", UNKNOWN)]), waits("timeUnit", "MONTHLY"));
      // One that cannot turn out right is not.
      const both = await judge([dear, { ...broken(dear, "timeUnit", UNKNOWN), name: "both" }]);
      assert.deepEqual(
        both.map(({ text, on }) => [on, text.split(":")[0]]),
        [
          ["dear", "budget-present/amount"],
          ["both", "budget-present/waits"],
          ["both", "budget-present/amount"],
        ],
      );
      const absolute = actual("thresholdType", "ABSOLUTE_VALUE");
      notes(await judge([broken(absolute, "limitAmount", UNKNOWN)]), waits("limitAmount", "100 or less"));
    });

    describe(`${provider}: a budget that acts`, () => {
      const native = provider === "native";
      const asked = { budgetAction: "demand" };
      const bare = (name: string, type: string, props: Record<string, unknown>): Resource => ({
        ...bucket,
        name,
        type,
        props,
      });
      const document = (...statements: unknown[]) => ({ Version: "2012-10-17", Statement: statements });
      const deny = { Effect: "Deny", Action: DENIED, Resource: "*" };
      const policy = (body: unknown) =>
        native
          ? bare("stop", "aws-native:iam:ManagedPolicy", { managedPolicyName: "frugal-stop", policyDocument: body })
          : bare("stop", "aws:iam/policy:Policy", { name: "frugal-stop", policy: JSON.stringify(body) });
      const action = bare(
        "action",
        native ? "aws-native:budgets:BudgetsAction" : "aws:budgets/budgetAction:BudgetAction",
        {
          budgetName: "frugal-prod",
          actionType: "APPLY_IAM_POLICY",
          definition: {
            iamActionDefinition: {
              policyArn: "arn:aws:iam::111122223333:policy/frugal-stop",
              roles: ["frugal-prod-training"],
            },
          },
        },
      );
      const fault = (path: string, value: string, limit: string) =>
        `budget-present/action: ${path} is ${value}, must be ${limit}. ${ACT}`;
      const iam = "definition.iamActionDefinition";

      it("is asked for by the stage", async () => {
        violates(
          await judge([budget], asked),
          fault("the budget's action", "absent", `an action of a budget that denies ${WORDS}`),
        );
        violates(await judge([budget, action, policy(document(deny))], asked));
        const everything = broken(action, `${iam}.policyArn`, "arn:aws:iam::aws:policy/AWSDenyAll");
        violates(await judge([budget, everything], asked));
      });

      it("is of this stage's budget, an IAM policy, and applies to somebody", async () => {
        const stop = policy(document(deny));
        for (const [path, value, shownAs, limit] of [
          ["budgetName", "other", '"other"', "the name of a budget of this stage"],
          ["actionType", "RUN_SSM_DOCUMENTS", '"RUN_SSM_DOCUMENTS"', "APPLY_IAM_POLICY"],
          [
            `${iam}.policyArn`,
            "arn:aws:iam::111122223333:policy/other",
            '"arn:aws:iam::111122223333:policy/other"',
            "the ARN of a policy of this program, or of AWSDenyAll",
          ],
        ] as const) {
          violates(await judge([budget, broken(action, path, value), stop], asked), fault(path, shownAs, limit));
        }
        violates(
          await judge([budget, broken(action, `${iam}.roles`, undefined), stop], asked),
          fault(`${iam}.roles`, "absent", "the roles that it applies to, or groups or users"),
        );
        violates(await judge([broken(action, "budgetName", "account"), stop], { ...asked, budgets: ["account"] }));
      });

      it("denies what runs on machines", async () => {
        const path = native ? "stop: policyDocument" : "stop: policy";
        const without = (...missing: string[]) =>
          fault(path, JSON.stringify(`without a Deny of ${missing.join(" and ")}`), `a policy that denies ${WORDS}`);
        const judged = (...statements: unknown[]) => judge([budget, action, policy(document(...statements))], asked);
        violates(await judged({ ...deny, Action: "sagemaker:Create*" }));
        violates(await judged({ ...deny, Action: DENIED.slice(0, 3) }), without(...DENIED.slice(3)));
        const machines = { Condition: { "ForAnyValue:StringLike": { "sagemaker:InstanceTypes": "ml.*" } } };
        violates(await judged({ ...deny, Action: DENIED.slice(0, 4) }, { ...deny, Action: DENIED[4], ...machines }));
        violates(
          await judged({ ...deny, Action: DENIED.slice(1) }, { ...deny, Action: DENIED[0], ...machines }),
          without(DENIED[0] ?? ""),
        );
        const some = { Resource: "arn:aws:sagemaker:us-east-1:111122223333:endpoint/x" };
        violates(
          await judged({ ...deny, Action: DENIED.slice(0, 4) }, { ...deny, Action: DENIED[4], ...some }),
          without(DENIED[4] ?? ""),
        );
      });

      it("waits for what is not known yet", async () => {
        const stop = policy(document(deny));
        const waits = (path: string, limit: string) =>
          `budget-present/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;
        notes(
          await judge([budget, broken(action, "actionType", UNKNOWN), stop], asked),
          waits("actionType", "APPLY_IAM_POLICY"),
        );
        const hidden = broken(action, `${iam}.policyArn`, UNKNOWN);
        notes(
          await judge([budget, hidden, stop], asked),
          waits(`${iam}.policyArn`, "the ARN of a policy of this program, or of AWSDenyAll"),
        );
        violates(await judge([budget, { ...hidden, propertyDependencies: { definition: ["stop"] } }, stop], asked));
        const name = broken(action, "budgetName", UNKNOWN);
        notes(await judge([budget, name, stop], asked), waits("budgetName", "the name of a budget of this stage"));
        violates(await judge([budget, { ...name, propertyDependencies: { budgetName: ["budget"] } }, stop], asked));
        const property = native ? "policyDocument" : "policy";
        notes(
          await judge([budget, action, broken(stop, property, UNKNOWN)], asked),
          waits(`stop: ${property}`, `a policy that denies ${WORDS}`),
        );
      });
    });
  }
});
