/** Approval: a person is asked by mail, sees what was found, and decides once. */
import * as dynamodb from "@pulumi/aws-native/dynamodb/index.js";
import * as ses from "@pulumi/aws-native/ses/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { approvalsTable } from "../contracts/approvals.ts";
import { arnOf } from "../contracts/iam.ts";
import { grants as decideGrants } from "../functions/decide-approval/grants.ts";
import { grants as recordGrants } from "../functions/record-decision/grants.ts";
import { grants as requestGrants } from "../functions/request-approval/grants.ts";
import { ApprovalPage } from "./approval-page.ts";
import type { Dataset } from "./dataset.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import { physicalName, type Site } from "./shared/naming.ts";
import type { StageSettings } from "./shared/settings.ts";

export interface ApprovalArgs {
  readonly site: Site;
  readonly code: CodeSource;
  readonly notices: Notices;
  readonly dataset: Dataset;
  readonly registry: Registry;
  readonly approval: StageSettings["approval"];
  readonly logRetentionDays: number;
}

export class Approval extends FlowComponent {
  /** Asks the approvers; called by the submission, which then waits. */
  readonly request: FrugalFunction;
  /** Writes the decision into the package; called by the submission. */
  readonly record: FrugalFunction;
  /** Where the links in the messages lead. */
  readonly url: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];

  readonly #tableName: string;
  readonly #tableArn: string;

  constructor(name: string, args: ApprovalArgs, opts?: pulumi.ComponentResourceOptions) {
    super("approval", name, args.site, opts);
    this.#tableName = physicalName(args.site, "table", "approvals");
    this.#tableArn = arnOf(args.site, "dynamodb", `table/${this.#tableName}`);

    const table = this.table();
    const page = new ApprovalPage(this, { decide: this.decide(args, table), logRetentionDays: args.logRetentionDays });
    const sender = this.sender(args);
    this.url = page.url;
    this.request = this.requester(args, page, [table, sender]);
    this.record = this.recorder(args, table);
    this.ready = [this.request.resource, this.record.resource, ...page.ready];
    this.registerOutputs({ url: this.url });
  }

  /** Packets and links; a link's item holds the hash of its token, so the table gives nobody a vote. */
  private table(): dynamodb.Table {
    return new dynamodb.Table(
      "approvals",
      {
        tableName: this.#tableName,
        billingMode: "PAY_PER_REQUEST",
        attributeDefinitions: [{ attributeName: approvalsTable.partitionKey, attributeType: "S" }],
        keySchema: [{ attributeName: approvalsTable.partitionKey, keyType: "HASH" }],
        timeToLiveSpecification: { attributeName: approvalsTable.ttlAttribute, enabled: true },
        // Who decided what must survive a mistake; the table is a few kilobytes.
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtectionEnabled: this.site.protect,
        tags: this.tags({ keep: "evidence" }),
      },
      this.keptPart(),
    );
  }

  /** SES asks the address' owner to confirm it; until then, requests for approval fail and say so. */
  private sender({ approval }: ApprovalArgs): ses.EmailIdentity {
    return new ses.EmailIdentity("sender", { emailIdentity: approval.sender, tags: this.tags() }, this.part());
  }

  private decide(args: ApprovalArgs, table: pulumi.Resource): FrugalFunction {
    return new FrugalFunction(this, {
      code: args.code,
      name: "decide-approval",
      environment: {
        APPROVALS_TABLE: this.#tableName,
        DATA_BUCKET: args.dataset.bucketName,
        SUBMITTER_MAY_APPROVE: String(args.approval.submitterMayApprove),
      },
      grants: decideGrants({ ...args.site, approvalsTableArn: this.#tableArn }),
      reservedConcurrency: args.approval.pageConcurrency === 0 ? undefined : args.approval.pageConcurrency,
      logRetentionDays: args.logRetentionDays,
      dependsOn: [table],
    });
  }

  private requester(args: ApprovalArgs, page: ApprovalPage, dependsOn: pulumi.Resource[]): FrugalFunction {
    const { approvers, required, sender, submitterMayApprove } = args.approval;
    const { topicArn, ready } = args.notices;
    return new FrugalFunction(this, {
      code: args.code,
      name: "request-approval",
      environment: {
        APPROVALS_TABLE: this.#tableName,
        APPROVAL_URL: page.url,
        APPROVERS: JSON.stringify(approvers),
        APPROVALS_REQUIRED: String(required),
        SENDER: sender,
        SUBMITTER_MAY_APPROVE: String(submitterMayApprove),
        DATA_BUCKET: args.dataset.bucketName,
        TOPIC_ARN: topicArn,
      },
      grants: requestGrants({ ...args.site, approvalsTableArn: this.#tableArn, topicArn, sender }),
      logRetentionDays: args.logRetentionDays,
      dependsOn: [...dependsOn, ...ready],
    });
  }

  private recorder(args: ApprovalArgs, table: pulumi.Resource): FrugalFunction {
    return new FrugalFunction(this, {
      code: args.code,
      name: "record-decision",
      environment: { APPROVALS_TABLE: this.#tableName },
      grants: recordGrants({
        ...args.site,
        modelPackageGroup: args.registry.groupName,
        approvalsTableArn: this.#tableArn,
      }),
      logRetentionDays: args.logRetentionDays,
      dependsOn: [table],
    });
  }
}
