import { allow, arnOf } from "../../contracts/iam.ts";
import { lineageKeys } from "../../contracts/lineage.ts";
import { outputKey, passRole, retryCall, syncGrants } from "../calls.ts";
import { catchAll, expression as e, plain, type Steps, task } from "../states.ts";
import { deleteTestModel } from "./failure.ts";
import { onFailure, predictions, type SubmissionRefs, testPrefix } from "./refs.ts";

/** JSONata for what a model is made of; a pipeline has a list, and a list of one is none. */
export const testContainers =
  "($made := [$states.result.Payload.containers.{'Image': image, 'ModelDataUrl': artifactUri, 'Environment': environment}]; " +
  "$count($made) = 1 ? {'PrimaryContainer': $made[0]} : {'Containers': $made})";

/** The candidate predicts the labels of the test part. */
export function testSteps(refs: SubmissionRefs): Steps {
  const models = arnOf(refs, "sagemaker", `model/${testPrefix(refs.stage)}*`);
  const jobs = arnOf(refs, "sagemaker", `transform-job/${testPrefix(refs.stage)}*`);
  return {
    CreateTestModel: task({
      integration: "sagemaker:createModel",
      partition: refs.partition,
      comment: "Model code comes from outside: it gets the data it is given, and neither the network nor a role.",
      arguments: e(
        `$merge([{"ModelName": $testModel, "ExecutionRoleArn": "${refs.testRoleArn}", "EnableNetworkIsolation": true, ` +
          `"Tags": $append($tags, ${lineageTagList})}, $testContainers])`,
      ),
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll("TestModelThere")],
      next: "BatchTest",
      grants: [
        allow("TestModel", ["sagemaker:CreateModel", "sagemaker:AddTags", "sagemaker:ListTags"], models),
        passRole("PassTestRole", refs.testRoleArn),
      ],
    }),
    TestModelThere: plain({
      Type: "Choice",
      Comment: "The name is this execution's own: a model that is there was made by a call whose answer was lost.",
      Choices: [{ Condition: e("$contains($lowercase($failure.Cause), 'already exist')"), Next: "BatchTest" }],
      Default: onFailure,
    }),
    BatchTest: task({
      integration: "sagemaker:createTransformJob.sync",
      partition: refs.partition,
      arguments: {
        TransformJobName: e("$batchTest"),
        ModelName: e("$testModel"),
        BatchStrategy: "MultiRecord",
        TransformInput: {
          ContentType: "text/csv",
          SplitType: "Line",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: e("$staged.featuresUri") } },
        },
        TransformOutput: {
          S3OutputPath: e(predictions(refs)),
          Accept: "text/csv",
          AssembleWith: "Line",
          ...outputKey(refs),
        },
        TransformResources: { InstanceType: refs.instanceType, InstanceCount: 1 },
        Tags: e(`$append($tags, ${lineageTagList})`),
      },
      // A transform job has no limit of its own (AWS: CreateTransformJob); this one and the clean-up are it.
      timeoutSeconds: refs.batchTestTimeoutMinutes * 60,
      retry: retryCall(10),
      catch: [catchAll(onFailure)],
      next: "DeleteTestModel",
      grants: [
        allow(
          "BatchTest",
          [
            "sagemaker:CreateTransformJob",
            "sagemaker:DescribeTransformJob",
            "sagemaker:StopTransformJob",
            "sagemaker:AddTags",
            "sagemaker:ListTags",
          ],
          jobs,
        ),
        ...syncGrants(refs, "TransformJobs"),
      ],
    }),
    DeleteTestModel: deleteTestModel(refs, { next: "Evaluate", onFailure }),
  };
}

const lineageTagList = `[${Object.entries({
  [lineageKeys.datasetVersion]: "$staged.lineage.datasetVersion",
  [lineageKeys.run]: "$staged.lineage.run",
  [lineageKeys.trainingJob]: "$staged.lineage.trainingJob",
  [lineageKeys.artifactDigest]: "$staged.lineage.artifactDigest",
})
  .map(([key, value]) => `{"Key": "${key}", "Value": ${value}}`)
  .join(", ")}]`;
