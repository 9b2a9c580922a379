/** The sandbox role on the emulated IAM: what it lets people start, and what it refuses, asked through the SageMaker front. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddTagsCommand,
  AssociateTrialComponentCommand,
  CreateAutoMLJobCommand,
  CreateAutoMLJobV2Command,
  CreateExperimentCommand,
  CreateModelCommand,
  CreateProcessingJobCommand,
  type CreateProcessingJobCommandInput,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  CreateTrialCommand,
  CreateTrialComponentCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  StopTrainingJobCommand,
  type Tag,
} from "@aws-sdk/client-sagemaker";
import { inlinePolicy, trustPeople } from "../../../components/shared/grants.ts";
import type { Site } from "../../../components/shared/naming.ts";
import { type SandboxRefs, sandboxGrants } from "../../../components/shared/sandbox-grants.ts";
import { ACCOUNT, BUCKET, type Estate, finishedTraining, IMAGE, startEstate } from "../sagemaker/control-support.ts";

const site: Site = {
  stage: "dev",
  project: "frugal-mlops",
  owner: "ml",
  account: ACCOUNT,
  region: "us-east-1",
  partition: "aws",
  protect: false,
};
const tags: Tag[] = [
  { Key: "frugal:dataset-version", Value: `breast-cancer@sha256:${"a".repeat(64)}` },
  { Key: "frugal:run", Value: "idea-7" },
];
const without = (key: string) => tags.filter((tag) => tag.Key !== key);
const refused = { name: "AccessDeniedException" };

describe("the sandbox role", function () {
  this.timeout(90_000);
  let estate: Estate;
  let sandbox: SageMakerClient;
  /** Of a stage that allows AutoML. */
  let generous: SageMakerClient;
  let otherRole: string;

  before(async () => {
    estate = await startEstate();
    otherRole = await estate.role("admin-like", [{ Action: "s3:*", Resource: "*" }]);
    sandbox = await take("frugal-dev-sandbox", false);
    generous = await take("frugal-lab-sandbox", true);
  });
  after(() => estate?.stop());

  /** Makes the role as the component does, and takes it as a person does. */
  async function take(roleName: string, autoMl: boolean): Promise<SageMakerClient> {
    const limits: SandboxRefs["limits"] = {
      instanceTypes: ["ml.t3.medium", "ml.m5.large"],
      maxRuntimeMinutes: 10,
      autoMl,
    };
    const grants = sandboxGrants(site, {
      dataBucket: BUCKET,
      artifactBucket: BUCKET,
      trainingRoleArn: estate.roleArn,
      limits,
    });
    await estate.iam.send(
      new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: JSON.stringify(trustPeople(site, [])) }),
    );
    await estate.iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName,
        PolicyName: "grants",
        PolicyDocument: JSON.stringify(inlinePolicy(grants)),
      }),
    );
    const script = `
import boto3, json
found = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::${ACCOUNT}:role/${roleName}", RoleSessionName="ada")
print(json.dumps({key: found["Credentials"][key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")}))`;
    const env = { ...process.env, ...estate.emulators.env };
    const taken = JSON.parse(execFileSync(estate.python, ["-c", script], { env, encoding: "utf8" }));
    return new SageMakerClient({
      endpoint: estate.emulators.sagemaker,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: {
        accessKeyId: taken.AccessKeyId,
        secretAccessKey: taken.SecretAccessKey,
        sessionToken: taken.SessionToken,
      },
    });
  }

  let jobs = 0;
  const training = (more: Partial<CreateTrainingJobCommandInput> = {}) =>
    new CreateTrainingJobCommand({
      TrainingJobName: `idea-${++jobs}`,
      RoleArn: estate.roleArn,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/runs` },
      ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
      Tags: tags,
      ...more,
    });
  const processing = (more: Partial<CreateProcessingJobCommandInput> = {}) =>
    new CreateProcessingJobCommand({
      ProcessingJobName: `look-${++jobs}`,
      RoleArn: estate.roleArn,
      AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["true"] },
      ProcessingResources: {
        ClusterConfig: { InstanceType: "ml.t3.medium", InstanceCount: 1, VolumeSizeInGB: 1 },
      },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
      Tags: tags,
      ...more,
    });
  const machine = (InstanceType: string) => ({ InstanceType, InstanceCount: 1, VolumeSizeInGB: 1 }) as const;

  it("starts a training job that is tagged and within the limits, and shows it", async () => {
    const { TrainingJobArn } = await sandbox.send(training());
    assert.match(TrainingJobArn ?? "", /training-job\/idea-/);
    const name = (TrainingJobArn ?? "").split("/")[1] ?? "";
    await finishedTraining(estate.sagemaker, name);
    await sandbox.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  });

  const bad: [string, Partial<CreateTrainingJobCommandInput>][] = [
    ["no tags", { Tags: undefined }],
    ["no dataset version", { Tags: without("frugal:dataset-version") }],
    ["no run", { Tags: without("frugal:run") }],
    ["an empty run", { Tags: [...without("frugal:run"), { Key: "frugal:run", Value: "" }] }],
    [
      "a dataset version that is none",
      { Tags: [...without("frugal:dataset-version"), { Key: "frugal:dataset-version", Value: "latest" }] },
    ],
    ["the training machine's mark", { Tags: [...tags, { Key: "frugal:training-key", Value: "sha256:x" }] }],
    ["a larger machine", { ResourceConfig: { InstanceType: "ml.p4d.24xlarge", InstanceCount: 1, VolumeSizeInGB: 1 } }],
    ["no machine in sight", { ResourceConfig: { VolumeSizeInGB: 1, InstanceCount: 1 } as never }],
    ["a longer run", { StoppingCondition: { MaxRuntimeInSeconds: 601 } }],
    ["no time limit", { StoppingCondition: {} }],
  ];
  for (const [what, more] of bad) {
    it(`refuses a training job with ${what}`, () => assert.rejects(sandbox.send(training(more)), refused));
  }

  it("leaves the training machine's names alone", async () => {
    await assert.rejects(sandbox.send(training({ TrainingJobName: "frugal-dev-iris-0123456789abcdef" })), {
      ...refused,
      message: /explicit deny/,
    });
    await assert.rejects(sandbox.send(new StopTrainingJobCommand({ TrainingJobName: "frugal-dev-iris-1" })), refused);
  });

  it("hands no role over but the training role", () =>
    assert.rejects(sandbox.send(training({ RoleArn: otherRole })), { ...refused, message: /iam:PassRole/ }));

  it("bounds a processing job likewise", async () => {
    assert.match((await sandbox.send(processing())).ProcessingJobArn ?? "", /processing-job\/look-/);
    const cluster = (type: string) => ({ ProcessingResources: { ClusterConfig: machine(type) } }) as never;
    for (const more of [
      { Tags: undefined },
      { Tags: without("frugal:dataset-version") },
      { Tags: without("frugal:run") },
      cluster("ml.m5.24xlarge"),
      { StoppingCondition: { MaxRuntimeInSeconds: 3600 } },
      { StoppingCondition: undefined },
    ]) {
      await assert.rejects(sandbox.send(processing(more)), refused, JSON.stringify(more));
    }
  });

  const auto = (Tags: Tag[] | undefined) =>
    new CreateAutoMLJobCommand({
      AutoMLJobName: `auto-${++jobs}`,
      RoleArn: estate.roleArn,
      InputDataConfig: [
        {
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/datasets/` } },
          TargetAttributeName: "target",
        },
      ],
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/runs` },
      Tags,
    });

  it("refuses AutoML, tagged or not, unless the stage allows it", async () => {
    await assert.rejects(sandbox.send(auto(tags)), refused);
    const { AutoMLJobName, RoleArn, OutputDataConfig } = auto(tags).input;
    await assert.rejects(
      sandbox.send(
        new CreateAutoMLJobV2Command({
          AutoMLJobName,
          RoleArn,
          OutputDataConfig,
          AutoMLJobInputDataConfig: [
            { DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/datasets/` } } },
          ],
          AutoMLProblemTypeConfig: { TabularJobConfig: { TargetAttributeName: "target" } },
          Tags: tags,
        }),
      ),
      refused,
    );
    await assert.rejects(generous.send(auto(undefined)), refused);
    await assert.rejects(generous.send(auto(without("frugal:run"))), refused);
    // The emulator may know no AutoML: whatever it says, it is not a refusal.
    const answer = await generous.send(auto(tags)).then(
      () => "made",
      (error: Error) => error.name,
    );
    assert.notEqual(answer, "AccessDeniedException");
  });

  it("keeps tags as they were given", async () => {
    const { TrainingJobArn } = await sandbox.send(training());
    await assert.rejects(
      sandbox.send(new AddTagsCommand({ ResourceArn: TrainingJobArn, Tags: [{ Key: "frugal:run", Value: "other" }] })),
      refused,
    );
  });

  it("records experiments and runs, tagged", async () => {
    const run = without("frugal:dataset-version");
    await assert.rejects(sandbox.send(new CreateExperimentCommand({ ExperimentName: "untold" })), refused);
    await sandbox.send(new CreateExperimentCommand({ ExperimentName: "ideas", Tags: run }));
    const trial = (Tags: Tag[]) => new CreateTrialCommand({ ExperimentName: "ideas", TrialName: "idea-7", Tags });
    await assert.rejects(sandbox.send(trial(run)), refused);
    await sandbox.send(trial(tags));
    const component = (Tags?: Tag[]) => new CreateTrialComponentCommand({ TrialComponentName: "idea-7-notes", Tags });
    await assert.rejects(sandbox.send(component()), refused);
    await sandbox.send(component(tags));
    await sandbox.send(new AssociateTrialComponentCommand({ TrialName: "idea-7", TrialComponentName: "idea-7-notes" }));
  });

  it("makes nothing that serves", () =>
    assert.rejects(
      sandbox.send(
        new CreateModelCommand({
          ModelName: "mine",
          ExecutionRoleArn: estate.roleArn,
          PrimaryContainer: { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/x/model.tar.gz` },
        }),
      ),
      refused,
    ));
});
