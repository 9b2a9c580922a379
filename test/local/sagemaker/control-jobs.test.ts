/** Jobs as records: states, names in use, stopping, and how they are found. */
import assert from "node:assert/strict";
import * as sm from "@aws-sdk/client-sagemaker";
import { ACCOUNT, BUCKET, type Estate, eventually, finishedTraining, IMAGE, startEstate } from "./control-support.ts";

const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:${ACCOUNT}:${resource}`;

describe("jobs of the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;
  // biome-ignore lint/suspicious/noExplicitAny: one helper for the commands of every operation
  const send = (command: any): Promise<any> => estate.sagemaker.send(command);
  const refused = (command: unknown, name: string, message: string | RegExp): Promise<void> =>
    assert.rejects(send(command), { name, message });

  before(async () => {
    estate = await startEstate();
  });
  after(() => estate?.stop());

  it("job states: a name in use, a stop that comes too late", async () => {
    const job = {
      TrainingJobName: "t",
      RoleArn: estate.roleArn,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" as const },
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
      ResourceConfig: { InstanceType: "ml.m5.large" as const, InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    };
    await send(new sm.CreateTrainingJobCommand(job));
    await refused(
      new sm.CreateTrainingJobCommand(job),
      "ResourceInUse",
      `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn("training-job/t")})`,
    );
    await finishedTraining(estate.sagemaker, "t");
    await refused(
      new sm.StopTrainingJobCommand({ TrainingJobName: "t" }),
      "ValidationException",
      "The request was rejected because the training job is in status Failed.",
    );
  });

  it("a processing job runs its script; Search and List find it by tag and status", async () => {
    const script = await estate.put(
      "code/process.py",
      "import sys\nopen(sys.argv[1] + '/done.txt', 'w').write('yes')\n",
    );
    const job: sm.CreateProcessingJobCommandInput = {
      ProcessingJobName: "process",
      RoleArn: estate.roleArn,
      AppSpecification: {
        ImageUri: IMAGE,
        ContainerEntrypoint: ["python3", "/opt/ml/processing/code/process.py"],
        ContainerArguments: ["/opt/ml/processing/output"],
      },
      ProcessingInputs: [
        {
          InputName: "code",
          S3Input: { S3Uri: script, LocalPath: "/opt/ml/processing/code", S3DataType: "S3Prefix", S3InputMode: "File" },
        },
      ],
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: "out",
            S3Output: {
              S3Uri: `s3://${BUCKET}/processed`,
              LocalPath: "/opt/ml/processing/output",
              S3UploadMode: "EndOfJob",
            },
          },
        ],
      },
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    };
    await send(new sm.CreateProcessingJobCommand(job));
    const done = await eventually(async () => {
      const found = await send(new sm.DescribeProcessingJobCommand({ ProcessingJobName: "process" }));
      assert.notEqual(found.ProcessingJobStatus, "InProgress");
      return found;
    });
    assert.equal(done.ProcessingJobStatus, "Completed", done.FailureReason);
    const { ProcessingJobSummaries } = await send(new sm.ListProcessingJobsCommand({ StatusEquals: "Completed" }));
    assert.equal(ProcessingJobSummaries[0].ProcessingJobName, "process");
    await estate.events((event) => event.detail.ProcessingJobStatus === "Completed");
    const slow = await estate.put("code/slow.py", "import time\ntime.sleep(60)\n");
    const entry = ["python3", "/opt/ml/processing/code/slow.py"];
    await send(
      new sm.CreateProcessingJobCommand({
        ...job,
        ProcessingJobName: "slow",
        AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: entry },
        ProcessingInputs: [
          {
            InputName: "code",
            S3Input: { S3Uri: slow, LocalPath: "/opt/ml/processing/code", S3DataType: "S3Prefix", S3InputMode: "File" },
          },
        ],
      }),
    );
    await send(new sm.StopProcessingJobCommand({ ProcessingJobName: "slow" }));
    await eventually(async () => {
      const found = await send(new sm.DescribeProcessingJobCommand({ ProcessingJobName: "slow" }));
      assert.equal(found.ProcessingJobStatus, "Stopped");
    });
    const components = await send(
      new sm.SearchCommand({
        Resource: "ExperimentTrialComponent",
        SearchExpression: {
          Filters: [{ Name: "Source.SourceArn", Operator: "Equals", Value: arn("processing-job/process") }],
        },
      }),
    );
    assert.equal(components.Results[0].TrialComponent.TrialComponentName, "process-aws-processing-job");
    assert.equal(components.Results[0].TrialComponent.Status.PrimaryStatus, "Completed");
  });
});
