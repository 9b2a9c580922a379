/** What the front refuses, and with which words: names, duplicates, states, unknown operations. */
import assert from "node:assert/strict";
import * as sm from "@aws-sdk/client-sagemaker";
import { InvokeEndpointAsyncCommand, InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import {
  ACCOUNT,
  BUCKET,
  type Estate,
  eventually,
  IMAGE,
  SERVING,
  settledEndpoint,
  startEstate,
} from "./control-support.ts";

const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:${ACCOUNT}:${resource}`;
const VARIANT = { VariantName: "all", ModelName: "m" };
const SERVERLESS = { ...VARIANT, ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 } };

describe("refusals of the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;
  // biome-ignore lint/suspicious/noExplicitAny: one helper for the commands of every operation
  const send = (command: any): Promise<any> => estate.sagemaker.send(command);
  const refused = (command: unknown, name: string, message: string | RegExp): Promise<void> =>
    assert.rejects(send(command), { name, message });

  before(async () => {
    estate = await startEstate();
    await estate.put("m.tar.gz", "no archive");
    await send(
      new sm.CreateModelCommand({
        ModelName: "m",
        ExecutionRoleArn: estate.roleArn,
        PrimaryContainer: { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/m.tar.gz`, Environment: SERVING },
      }),
    );
  });
  after(() => estate?.stop());

  const absent: [string, () => unknown, string, string | RegExp][] = [
    [
      "model",
      () => new sm.DescribeModelCommand({ ModelName: "x" }),
      "ValidationException",
      `Could not find model "${arn("model/x")}".`,
    ],
    [
      "deleted model",
      () => new sm.DeleteModelCommand({ ModelName: "x" }),
      "ValidationException",
      `Could not find model "${arn("model/x")}".`,
    ],
    [
      "endpoint",
      () => new sm.DeleteEndpointCommand({ EndpointName: "x" }),
      "ValidationException",
      `Could not find endpoint "${arn("endpoint/x")}".`,
    ],
    [
      "configuration",
      () => new sm.CreateEndpointCommand({ EndpointName: "e", EndpointConfigName: "x" }),
      "ValidationException",
      `Could not find endpoint configuration "${arn("endpoint-config/x")}".`,
    ],
    [
      "model of a configuration",
      () =>
        new sm.CreateEndpointConfigCommand({
          EndpointConfigName: "c",
          ProductionVariants: [{ ...SERVERLESS, ModelName: "x" }],
        }),
      "ValidationException",
      `Could not find model "${arn("model/x")}".`,
    ],
    [
      "training job",
      () => new sm.DescribeTrainingJobCommand({ TrainingJobName: "x" }),
      "ValidationException",
      "Requested resource not found.",
    ],
    [
      "processing job",
      () => new sm.DescribeProcessingJobCommand({ ProcessingJobName: "x" }),
      "ValidationException",
      "Could not find requested job with name: x",
    ],
    [
      "package",
      () => new sm.DescribeModelPackageCommand({ ModelPackageName: "g/1" }),
      "ValidationException",
      `ModelPackage ${arn("model-package/g/1")} does not exist.`,
    ],
    [
      "group",
      () => new sm.DescribeModelPackageGroupCommand({ ModelPackageGroupName: "x" }),
      "ValidationException",
      `ModelPackageGroup ${arn("model-package-group/x")} does not exist.`,
    ],
    [
      "schedule",
      () => new sm.DescribeMonitoringScheduleCommand({ MonitoringScheduleName: "x" }),
      "ResourceNotFound",
      /Could not find monitoring schedule/,
    ],
    [
      "tagged thing",
      () => new sm.ListTagsCommand({ ResourceArn: arn("model/x") }),
      "ValidationException",
      /does not exist/,
    ],
    [
      "notebook (moto's)",
      () => new sm.DescribeNotebookInstanceCommand({ NotebookInstanceName: "x" }),
      "ValidationException",
      /RecordNotFound/,
    ],
  ];
  for (const [what, command, name, message] of absent)
    it(`an unknown ${what}`, () => refused(command(), name, message));

  it("names that are taken", async () => {
    const model = { ModelName: "m", ExecutionRoleArn: estate.roleArn, PrimaryContainer: { Image: IMAGE } };
    await refused(
      new sm.CreateModelCommand(model),
      "ValidationException",
      `Cannot create already existing model "${arn("model/m")}".`,
    );
    const config = { EndpointConfigName: "taken", ProductionVariants: [SERVERLESS] };
    await send(new sm.CreateEndpointConfigCommand(config));
    await refused(
      new sm.CreateEndpointConfigCommand(config),
      "ValidationException",
      `Cannot create already existing endpoint configuration "${arn("endpoint-config/taken")}".`,
    );
  });

  it("faults of the request, all of them, before anything is looked up", () =>
    refused(
      new sm.CreateEndpointConfigCommand({
        EndpointConfigName: "a_b",
        ProductionVariants: [{ ...VARIANT, ServerlessConfig: { MemorySizeInMB: 512, MaxConcurrency: 201 } }],
      }),
      "ValidationException",
      "3 validation errors detected: Value 'a_b' at 'endpointConfigName' failed to satisfy constraint: Member must satisfy regular expression pattern: " +
        "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}; Value '512' at 'productionVariants.1.member.serverlessConfig.memorySizeInMB' failed to satisfy constraint: " +
        "Member must have value greater than or equal to 1024; Value '201' at 'productionVariants.1.member.serverlessConfig.maxConcurrency' failed to " +
        "satisfy constraint: Member must have value less than or equal to 200",
    ));

  it("serverless exclusions", () =>
    refused(
      new sm.CreateEndpointConfigCommand({
        EndpointConfigName: "two",
        ProductionVariants: [SERVERLESS, { ...SERVERLESS, VariantName: "b" }],
      }),
      "ValidationException",
      "Serverless endpoints do not support multiple production variants.",
    ));

  it("an endpoint whose model does not come up is Failed, and can only be deleted", async () => {
    await send(new sm.CreateEndpointConfigCommand({ EndpointConfigName: "broken", ProductionVariants: [SERVERLESS] }));
    await send(new sm.CreateEndpointCommand({ EndpointName: "broken", EndpointConfigName: "broken" }));
    await refused(
      new sm.DeleteEndpointCommand({ EndpointName: "broken" }),
      "ValidationException",
      `Cannot update in-progress endpoint "${arn("endpoint/broken")}".`,
    );
    const endpoint = await settledEndpoint(estate.sagemaker, "broken");
    assert.equal(endpoint.EndpointStatus, "Failed");
    assert.ok((endpoint.FailureReason ?? "").length > 10);
    await refused(
      new sm.UpdateEndpointCommand({ EndpointName: "broken", EndpointConfigName: "broken" }),
      "ValidationException",
      /Cannot update failed endpoint/,
    );
    await refused(
      new sm.CreateEndpointCommand({ EndpointName: "broken", EndpointConfigName: "broken" }),
      "ValidationException",
      `Cannot create already existing endpoint "${arn("endpoint/broken")}".`,
    );
    await assert.rejects(
      estate.runtime.send(new InvokeEndpointCommand({ EndpointName: "broken", Body: Buffer.from("x") })),
      { name: "ValidationError" },
    );
    await send(new sm.DeleteEndpointCommand({ EndpointName: "broken" }));
    await eventually(() =>
      refused(
        new sm.DescribeEndpointCommand({ EndpointName: "broken" }),
        "ValidationException",
        /Could not find endpoint/,
      ),
    );
  });

  it("an unapproved package version is not deployed", async () => {
    await send(new sm.CreateModelPackageGroupCommand({ ModelPackageGroupName: "g" }));
    const { ModelPackageArn } = await send(
      new sm.CreateModelPackageCommand({
        ModelPackageGroupName: "g",
        InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/m.tar.gz` }] },
      }),
    );
    await send(
      new sm.CreateModelCommand({
        ModelName: "from-package",
        ExecutionRoleArn: estate.roleArn,
        PrimaryContainer: { ModelPackageName: ModelPackageArn },
      }),
    );
    await send(
      new sm.CreateEndpointConfigCommand({
        EndpointConfigName: "pending",
        ProductionVariants: [{ ...SERVERLESS, ModelName: "from-package" }],
      }),
    );
    await refused(
      new sm.CreateEndpointCommand({ EndpointName: "pending", EndpointConfigName: "pending" }),
      "ValidationException",
      `ModelPackage ${ModelPackageArn} cannot be deployed: its ModelApprovalStatus is PendingManualApproval, it must be Approved.`,
    );
    await refused(
      new sm.DeleteModelPackageGroupCommand({ ModelPackageGroupName: "g" }),
      "ConflictException",
      /contains 1 model package version/,
    );
    await refused(
      new sm.CreateModelPackageCommand({ ModelPackageGroupName: "g", Tags: [{ Key: "a", Value: "b" }] }),
      "ValidationException",
      /Tags cannot be specified for a model package version/,
    );
  });

  it("operations nobody implements, never with an empty success", async () => {
    await refused(
      new sm.CreateHubCommand({ HubName: "h", HubDescription: "d" }),
      "UnknownOperationException",
      /does not implement CreateHub.*control\/roster\.ts/,
    );
    await assert.rejects(
      estate.runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: "e", InputLocation: "s3://b/k" })),
      /does not implement InvokeEndpointAsync/,
    );
    const headers = { "x-amz-target": "SageMaker.Nonsense" };
    const unknown = await fetch(estate.emulators.sagemaker, { method: "POST", headers, body: "{}" });
    assert.equal(unknown.status, 400);
    assert.equal(((await unknown.json()) as { __type: string }).__type, "UnknownOperationException");
    assert.ok(unknown.headers.get("x-amzn-requestid"));
  });

  it("bodies that are not what they should be", async () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0";
    const post = async (body: string) => {
      const headers = { "x-amz-target": "SageMaker.ListModels", authorization };
      return (await (await fetch(estate.emulators.sagemaker, { method: "POST", headers, body })).json()) as Record<
        string,
        string
      >;
    };
    assert.equal((await post("{")).__type, "SerializationException");
    assert.equal((await post("[]")).__type, "SerializationException");
    assert.deepEqual(await post('{"MaxResults":"5"}'), {
      __type: "SerializationException",
      message: "STRING_VALUE can not be converted to an Integer",
    });
    assert.equal((await post('{"Unknown":1,"MaxResults":1}')).Models?.length, 1);
  });
});
