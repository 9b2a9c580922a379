/** Safeguards: what holds when something else is wrong. The boundary of every role, the stage's key, and the budget. */
import * as budgets from "@pulumi/aws/budgets/index.js";
import * as iam from "@pulumi/aws-native/iam/index.js";
import * as kms from "@pulumi/aws-native/kms/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { arnOf } from "../contracts/iam.ts";
import { boundaryPolicy } from "./shared/boundary.ts";
import { FlowComponent } from "./shared/component.ts";
import { keyAlias, keyPolicy } from "./shared/encryption.ts";
import { physicalName, type Site, type StageKey } from "./shared/naming.ts";
import type { StageSettings } from "./shared/settings.ts";

export interface SafeguardsArgs {
  readonly site: Site;
  readonly encryption: StageSettings["encryption"];
  readonly budget: StageSettings["budget"];
  /** Who is mailed when the budget names nobody. */
  readonly approvers: readonly string[];
}

/** Mail addresses that one notice of a budget takes (AWS: Budgets quotas). */
const MOST_ADDRESSES = 10;
/** Days between the order to delete the key and its end; the longest that KMS knows (botocore kms, PendingWindowInDays). */
const KEY_GRACE_DAYS = 30;

export class Safeguards extends FlowComponent {
  /** The place, with what protects it; every other component is built on it. */
  readonly guarded: Site;

  constructor(name: string, args: SafeguardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("safeguards", name, args.site, opts);
    const boundary = this.boundary();
    const { key, parts } = args.encryption.key ? this.key() : { parts: [] };
    this.budget(args);
    this.guarded = { ...args.site, key, ready: [boundary, ...parts] };
    this.registerOutputs();
  }

  private boundary(): iam.ManagedPolicy {
    return new iam.ManagedPolicy(
      "boundary",
      {
        managedPolicyName: physicalName(this.site, "managedPolicy", "boundary"),
        description: `No role of stage ${this.site.stage} can do more than this, whatever it is granted`,
        policyDocument: boundaryPolicy(this.site),
      },
      this.part(),
    );
  }

  private key(): { readonly key: StageKey; readonly parts: readonly pulumi.Resource[] } {
    const aliasName = keyAlias(this.site);
    const key = new kms.Key(
      "key",
      {
        description: `What stage ${this.site.stage} keeps: buckets, notices, logs of decisions`,
        enableKeyRotation: true,
        pendingWindowInDays: KEY_GRACE_DAYS,
        keyPolicy: keyPolicy(this.site),
        tags: this.tags({ keep: "evidence" }),
      },
      this.keptPart(),
    );
    const alias = new kms.Alias("key-alias", { aliasName, targetKeyId: key.keyId }, this.part([key]));
    return { key: { aliasArn: arnOf(this.site, "kms", aliasName), arn: key.arn }, parts: [key, alias] };
  }

  /** Estimates err; a budget notices, though half a day late. It costs nothing as long as it only tells. */
  private budget({ budget, approvers }: SafeguardsArgs): void {
    const addresses = budget.emails.length > 0 ? budget.emails : approvers;
    const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notificationType,
      comparisonOperator: "GREATER_THAN",
      threshold,
      thresholdType: "PERCENTAGE",
      subscriberEmailAddresses: addresses.slice(0, MOST_ADDRESSES),
    });
    new budgets.Budget(
      "budget",
      {
        name: physicalName(this.site, "budget", "monthly"),
        budgetType: "COST",
        limitAmount: String(budget.limitUsdPerMonth),
        limitUnit: "USD",
        timeUnit: "MONTHLY",
        // A tag counts only once it is activated for cost allocation, so by default the whole account is watched.
        costFilters:
          budget.scope === "stage"
            ? [{ name: "TagKeyValue", values: [`user:frugal:stage$${this.site.stage}`] }]
            : undefined,
        notifications: [notify("ACTUAL", 80), notify("ACTUAL", 100), notify("FORECASTED", 100)],
        tags: this.tagMap(),
      },
      this.part(),
    );
  }
}
