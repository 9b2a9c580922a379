/** `aws:budgets/budget:Budget`: what may be spent, and who is told; by the Budgets API (botocore budgets 2016-10-20). */
import { type Client, isNotFound } from "../emulator/client.ts";
import { nearest } from "../native/nearest.ts";
import type { Change } from "../server/handlers.ts";
import { isObject, type Props, UNKNOWN, type Value } from "../server/wire.ts";
import type { ResourceType } from "./type.ts";

const INPUTS = [
  "name",
  "accountId",
  "budgetType",
  "limitAmount",
  "limitUnit",
  "timeUnit",
  "costFilters",
  "notifications",
  "tags",
] as const;
const REQUIRED = ["budgetType", "timeUnit"] as const;
/** Another name or account is another budget. */
const REPLACES = new Set(["name", "accountId"]);

interface Notification {
  readonly NotificationType: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly ThresholdType?: string;
}
interface Subscriber {
  readonly SubscriptionType: string;
  readonly Address: string;
}

async function call(client: Client, action: string, input: object): Promise<Record<string, unknown>> {
  const body = { AccountId: client.place.accountId, ...input };
  return client.json("budgets", `AWSBudgetServiceGateway.${action}`, body);
}

const list = (value: unknown): Props[] => (Array.isArray(value) ? (value.filter(isObject) as Props[]) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function budgetOf(inputs: Props): object {
  return {
    BudgetName: inputs.name,
    BudgetType: inputs.budgetType,
    TimeUnit: inputs.timeUnit,
    BudgetLimit:
      inputs.limitAmount === undefined
        ? undefined
        : { Amount: String(inputs.limitAmount), Unit: inputs.limitUnit ?? "USD" },
    CostFilters: Object.fromEntries(list(inputs.costFilters).map(({ name, values }) => [String(name), texts(values)])),
  };
}

/** Each notification with those who are told, as the API takes them. */
function notices(inputs: Props): { Notification: Notification; Subscribers: Subscriber[] }[] {
  return list(inputs.notifications).map((one) => ({
    Notification: {
      NotificationType: String(one.notificationType),
      ComparisonOperator: String(one.comparisonOperator),
      Threshold: Number(one.threshold),
      ThresholdType: String(one.thresholdType),
    },
    Subscribers: [
      ...texts(one.subscriberEmailAddresses).map((Address) => ({ SubscriptionType: "EMAIL", Address })),
      ...texts(one.subscriberSnsTopicArns).map((Address) => ({ SubscriptionType: "SNS", Address })),
    ],
  }));
}

function outputs(client: Client, inputs: Props): Props {
  const { accountId } = client.place;
  return {
    ...inputs,
    accountId,
    arn: `arn:aws:budgets::${accountId}:budget/${String(inputs.name)}`,
    tagsAll: inputs.tags ?? {},
  };
}

const key = (one: Notification) =>
  [one.NotificationType, one.ComparisonOperator, one.Threshold, one.ThresholdType ?? "PERCENTAGE"].join(" ");

/** What the account has, as a program would say it, in the order in which the program said it. */
async function live(client: Client, name: string, recorded: Props): Promise<Props | undefined> {
  const { Budget } = await call(client, "DescribeBudget", { BudgetName: name });
  const found = Budget as Record<string, unknown>;
  const { Notifications = [] } = await call(client, "DescribeNotificationsForBudget", { BudgetName: name });
  const order = notices(recorded).map(({ Notification }) => key(Notification));
  const sorted = [...(Notifications as Notification[])].sort((a, b) => order.indexOf(key(a)) - order.indexOf(key(b)));
  const notifications = await Promise.all(
    sorted.map(async ({ NotificationType, ComparisonOperator, Threshold, ThresholdType }) => {
      const Notification = { NotificationType, ComparisonOperator, Threshold, ThresholdType };
      const { Subscribers = [] } = await call(client, "DescribeSubscribersForNotification", {
        BudgetName: name,
        Notification,
      });
      const of = (type: string) =>
        (Subscribers as Subscriber[]).filter((one) => one.SubscriptionType === type).map(({ Address }) => Address);
      const [emails, topics] = [of("EMAIL"), of("SNS")];
      return {
        notificationType: NotificationType,
        comparisonOperator: ComparisonOperator,
        threshold: Threshold,
        thresholdType: ThresholdType ?? "PERCENTAGE",
        ...(emails.length > 0 ? { subscriberEmailAddresses: emails } : {}),
        ...(topics.length > 0 ? { subscriberSnsTopicArns: topics } : {}),
      };
    }),
  );
  const { ResourceTags = [] } = await call(client, "ListTagsForResource", {
    ResourceARN: `arn:aws:budgets::${client.place.accountId}:budget/${name}`,
  });
  const limit = found.BudgetLimit as { Amount?: string; Unit?: string } | undefined;
  const filters = Object.entries((found.CostFilters ?? {}) as Record<string, string[]>);
  const tags = Object.fromEntries(
    (ResourceTags as { Key: string; Value: string }[]).map((tag) => [tag.Key, tag.Value]),
  );
  return {
    name,
    budgetType: String(found.BudgetType),
    timeUnit: String(found.TimeUnit),
    ...(limit ? { limitAmount: String(limit.Amount), limitUnit: String(limit.Unit) } : {}),
    ...(filters.length > 0 ? { costFilters: filters.map(([filter, values]) => ({ name: filter, values })) } : {}),
    ...(notifications.length > 0 ? { notifications: notifications as unknown as Value[] } : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
  };
}

export const budget: ResourceType = {
  check(inputs, name) {
    const failures = Object.keys(inputs)
      .filter((property) => !(INPUTS as readonly string[]).includes(property))
      .map((property) => {
        const close = nearest(property, INPUTS);
        const hint = close
          ? ` Did you mean ${close}?`
          : " If the estate needs it, add it in local/provider/aws/budget.ts.";
        return { property, reason: `Invalid or unknown key.${hint}` };
      });
    for (const property of REQUIRED) {
      if (inputs[property] !== undefined) continue;
      failures.push({ property, reason: `Missing required argument. The argument "${property}" is required.` });
    }
    return { inputs: { name, ...inputs }, failures };
  },

  diff(olds, news) {
    const changes: Change[] = [];
    for (const property of INPUTS) {
      const [a, b] = [olds[property], news[property]];
      if (b !== UNKNOWN && JSON.stringify(a) === JSON.stringify(b)) continue;
      const kind = a === undefined ? "add" : b === undefined ? "delete" : "update";
      changes.push({ path: property, kind, replace: REPLACES.has(property) });
    }
    return changes;
  },

  preview: (inputs, olds) => ({ ...olds, ...inputs, tagsAll: inputs.tags ?? {} }),

  async create(client, inputs) {
    await call(client, "CreateBudget", {
      Budget: budgetOf(inputs),
      NotificationsWithSubscribers: notices(inputs),
      ResourceTags: Object.entries((inputs.tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({
        Key,
        Value,
      })),
    });
    return { id: `${client.place.accountId}:${String(inputs.name)}`, outputs: outputs(client, inputs) };
  },

  async read(client, id, inputs) {
    const name = id.split(":").slice(1).join(":");
    if (name === "") throw new Error(`import a budget as account:name, not ${id}`);
    try {
      const found = await live(client, name, inputs ?? {});
      return found && { inputs: found, outputs: outputs(client, found) };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  },

  async update(client, id, news) {
    const BudgetName = String(news.name);
    const before = (await live(client, id.split(":").slice(1).join(":"), {})) ?? {};
    await call(client, "UpdateBudget", { NewBudget: budgetOf(news) });
    // Notifications have no update of their own that changes who is told: each is made anew.
    for (const { Notification } of notices(before))
      await call(client, "DeleteNotification", { BudgetName, Notification });
    for (const notice of notices(news)) await call(client, "CreateNotification", { BudgetName, ...notice });
    const ResourceARN = `arn:aws:budgets::${client.place.accountId}:budget/${BudgetName}`;
    const wanted = (news.tags ?? {}) as Record<string, string>;
    const gone = Object.keys((before.tags ?? {}) as object).filter((tag) => !(tag in wanted));
    if (gone.length > 0) await call(client, "UntagResource", { ResourceARN, ResourceTagKeys: gone });
    const ResourceTags = Object.entries(wanted).map(([Key, Value]) => ({ Key, Value }));
    if (ResourceTags.length > 0) await call(client, "TagResource", { ResourceARN, ResourceTags });
    return outputs(client, news);
  },

  async delete(client, id) {
    try {
      await call(client, "DeleteBudget", { BudgetName: id.split(":").slice(1).join(":") });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
};
