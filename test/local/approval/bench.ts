/**
 * The approval on the emulators: the real functions with their own roles and grants, the real states that ask, record and
 * fail, the page behind an HTTP API, and a registry with packages that wait.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateModelPackageCommand, CreateModelPackageGroupCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { CreateEmailIdentityCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { bundleFunctions } from "../../../components/shared/bundle.ts";
import { inlinePolicy, trustPolicy } from "../../../components/shared/grants.ts";
import { allow, arnOf, type Statement } from "../../../contracts/iam.ts";
import { lineageMetadata, packageKeys } from "../../../contracts/lineage.ts";
import type { ApprovalPacket } from "../../../contracts/submission.ts";
import { grants as decideGrants } from "../../../functions/decide-approval/grants.ts";
import { grants as recordGrants } from "../../../functions/record-decision/grants.ts";
import { grants as requestGrants } from "../../../functions/request-approval/grants.ts";
import { type Emulators, startEmulators } from "../../../local/emulators/start.ts";
import { type Mail, readInbox } from "../../../local/walkthrough/inbox.ts";
import { submissionSample } from "../../../workflow/samples.ts";
import { expression as e, grantsOf, machine, plain, type Steps } from "../../../workflow/states.ts";
import { approvalSteps } from "../../../workflow/submission/approval.ts";
import { failureSteps } from "../../../workflow/submission/failure.ts";
import { container, group, packet as samplePacket } from "../../functions/support/samples.ts";
import { approvalApi } from "./api.ts";
import { type Asked, follow } from "./asked.ts";
import { listen, type Told } from "./listen.ts";
import type { Credentials } from "./sign.ts";

const site = {
  stage: "dev",
  project: "frugal-mlops",
  owner: "ml",
  account: "111122223333",
  region: "us-east-1",
  partition: "aws",
  protect: false,
};
export const TABLE = "frugal-dev-approvals";
const tableArn = arnOf(site, "dynamodb", `table/${TABLE}`);
const sender = "models@example.com";
const names = ["request-approval", "decide-approval", "record-decision"] as const;
export const approvers = ["ada@example.com", "joan@example.com", "mary@example.com", "grace@example.com"];

/** Limits of the wait in seconds, and how many must approve. */
export interface Terms {
  readonly seconds?: number;
  readonly remindSeconds?: number;
}

export class ApprovalBench {
  readonly emulators: Emulators;
  readonly workdir: string;
  /** Where the page is. */
  url = "";
  /** What the event bus and the topic were told since the last call. */
  told: () => Promise<Told[]> = async () => [];
  #serial = 0;
  readonly #machines = new Map<string, string>();

  private constructor(emulators: Emulators, workdir: string) {
    this.emulators = emulators;
    this.workdir = workdir;
  }

  static async open(required = 1): Promise<ApprovalBench> {
    const workdir = await mkdtemp(join(tmpdir(), "approval-"));
    const bench = new ApprovalBench(await startEmulators({ workdir, sfnWaitScale: 0 }), workdir);
    try {
      await bench.#build(required);
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.emulators.stop();
    await rm(this.workdir, { recursive: true, force: true });
  }

  config(credentials: Credentials = { accessKeyId: "test", secretAccessKey: "test" }) {
    return { endpoint: this.emulators.ministack, region: site.region, credentials };
  }

  /** SageMaker as the holder of these credentials. */
  sagemaker(credentials: Credentials = { accessKeyId: "test", secretAccessKey: "test" }): SageMakerClient {
    return new SageMakerClient({ ...this.config(credentials), endpoint: this.emulators.sagemaker });
  }

  async #build(required: number): Promise<void> {
    const [bundles, topicArn] = await Promise.all([
      bundleFunctions(names),
      new SNSClient(this.config())
        .send(new CreateTopicCommand({ Name: "frugal-dev-notices" }))
        .then(({ TopicArn }) => TopicArn ?? ""),
      new SESv2Client(this.config()).send(new CreateEmailIdentityCommand({ EmailIdentity: sender })),
      new DynamoDBClient(this.config()).send(
        new CreateTableCommand({
          TableName: TABLE,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        }),
      ),
      this.sagemaker().send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: group })),
    ]);
    this.told = await listen(this.config(), topicArn);
    const code = async (name: string) => readFile(bundles.get(name)?.path ?? "");
    const refs = { ...site, approvalsTableArn: tableArn };
    const common = { APPROVALS_TABLE: TABLE, DATA_BUCKET: "frugal-dev-data", SUBMITTER_MAY_APPROVE: "false" };
    await this.#function("decide-approval", await code("decide-approval"), decideGrants(refs), common);
    this.url = await approvalApi(this.config(), site, "frugal-dev-decide-approval");
    await Promise.all([
      this.#function("request-approval", await code("request-approval"), requestGrants({ ...refs, topicArn, sender }), {
        ...common,
        APPROVAL_URL: this.url,
        APPROVERS: JSON.stringify(approvers),
        APPROVALS_REQUIRED: String(required),
        SENDER: sender,
        TOPIC_ARN: topicArn,
      }),
      this.#function(
        "record-decision",
        await code("record-decision"),
        recordGrants({ ...refs, modelPackageGroup: group }),
        {
          APPROVALS_TABLE: TABLE,
        },
      ),
    ]);
  }

  async #function(name: string, zip: Buffer, grants: readonly Statement[], variables: Record<string, string>) {
    const logs = allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], arnOf(site, "logs", "*"));
    await new LambdaClient(this.config()).send(
      new CreateFunctionCommand({
        FunctionName: `frugal-dev-${name}`,
        Role: await this.role(name, "lambda", [...grants, logs]),
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Timeout: 25,
        Code: { ZipFile: zip },
        Environment: {
          Variables: { STAGE: "dev", POWERTOOLS_SERVICE_NAME: name, POWERTOOLS_LOG_LEVEL: "INFO", ...variables },
        },
      }),
    );
  }

  async role(name: string, service: "lambda" | "states", grants: readonly Statement[]): Promise<string> {
    const iam = new IAMClient(this.config());
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: `frugal-dev-${name}`,
        AssumeRolePolicyDocument: JSON.stringify(trustPolicy(site, service)),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: `frugal-dev-${name}`,
        PolicyName: "grants",
        PolicyDocument: JSON.stringify(inlinePolicy(grants)),
      }),
    );
    return Role?.Arn ?? "";
  }

  /** A session of a role, under a name of one's choice. */
  async session(roleArn: string, sessionName: string): Promise<Credentials> {
    const answer = await fetch(`${this.emulators.ministack}/_rehearsal/assume`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ roleArn, service: "lambda.amazonaws.com", sessionName, sourceAccount: site.account }),
    });
    const made = (await answer.json()) as Credentials & { error?: { message: string } };
    if (!made.accessKeyId) throw new Error(`no session of ${roleArn}: ${JSON.stringify(made)}`);
    return made;
  }

  /** A machine of the approval's own states, one for each pair of limits. */
  async #machine({ seconds = 3600, remindSeconds = 0 }: Terms): Promise<string> {
    const key = `${seconds}-${remindSeconds}`;
    const known = this.#machines.get(key);
    if (known) return known;
    const refs = { ...submissionSample, expiryHours: seconds / 3600, remindHours: remindSeconds / 3600 };
    const steps: Steps = {
      Begin: plain({
        Type: "Pass",
        Assign: {
          packet: e("$states.input.packet"),
          modelPackageArn: e("$states.input.packet.modelPackageArn"),
          staged: {
            submissionId: e("$states.input.packet.submissionId"),
            submittedBy: e("$states.input.packet.submittedBy"),
          },
          expiresAt: e(`$fromMillis($millis() + ${seconds * 1000})`),
          execution: e("$states.context.Execution.Name"),
          pending: true,
          batchTest: "frugal-dev-test-none",
          testModel: "frugal-dev-test-none",
        },
        Next: "RequestApproval",
      }),
      ...approvalSteps(refs),
      ...failureSteps(refs),
    };
    const roleArn = await this.role(`machine-${key}`, "states", grantsOf(steps));
    const { stateMachineArn } = await new SFNClient(this.config()).send(
      new CreateStateMachineCommand({
        name: `frugal-dev-approval-${key}`,
        definition: JSON.stringify(machine("Approval alone", 7200, steps)),
        roleArn,
      }),
    );
    this.#machines.set(key, stateMachineArn ?? "");
    return stateMachineArn ?? "";
  }

  /** Registers a package that waits, and asks about it. */
  async ask(terms: Terms = {}, change: Partial<ApprovalPacket> = {}): Promise<Asked> {
    const serial = ++this.#serial;
    const submissionId = change.submissionId ?? `sub-${String(serial).padStart(20, "0")}`;
    const sagemaker = this.sagemaker();
    const draft = samplePacket({ submissionId, ...change });
    const { ModelPackageArn: packageArn = "" } = await sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: group,
        ModelApprovalStatus: "PendingManualApproval",
        InferenceSpecification: {
          Containers: [{ Image: container.image, ModelDataUrl: container.artifactUri }],
          SupportedContentTypes: ["text/csv"],
          SupportedResponseMIMETypes: ["text/csv"],
        },
        CustomerMetadataProperties: { ...lineageMetadata(draft.lineage), [packageKeys.submission]: submissionId },
      }),
    );
    const packet: ApprovalPacket = { ...draft, modelPackageArn: packageArn };
    const sfn = new SFNClient(this.config());
    const { executionArn = "" } = await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: await this.#machine(terms),
        name: `${submissionId}-${serial}`,
        input: JSON.stringify({ packet }),
      }),
    );
    return follow(this, packet, executionArn);
  }

  /** Mails about a submission, oldest first. */
  async mails(submissionId: string): Promise<Mail[]> {
    const all = await readInbox(this.emulators.ministack, site.account);
    return all.filter((mail) => mail.text.includes(submissionId));
  }

  /** Everything in the table, as one text. */
  async tableText(): Promise<string> {
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(this.config()));
    return JSON.stringify((await documents.send(new ScanCommand({ TableName: TABLE }))).Items);
  }
}
