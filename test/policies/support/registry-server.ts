/** The account as live rules find it over HTTP: SageMaker's registry, and S3's word on artefact and dataset. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DIGEST, JOB, MODEL_URI, RECORDED } from "./registry.ts";

export interface RegistryServer {
  /** Approval status of the package, to be changed at will. */
  status: string;
  /** Lets the AWS clients of a process find it. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/** Knows one approved package, and a configuration and a model under whatever name is asked for. */
export async function startRegistry(): Promise<RegistryServer> {
  const answers = (): Record<string, unknown> => ({
    "SageMaker.DescribeModelPackage": {
      ModelApprovalStatus: found.status,
      ModelPackageStatus: "Completed",
      CustomerMetadataProperties: RECORDED.metadata,
      ApprovalDescription: RECORDED.approvalDescription,
      ModelMetrics: {
        ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: "s3://b/evaluation.json" } },
      },
      LastModifiedBy: { IamIdentity: { Arn: RECORDED.lastModifiedBy } },
      InferenceSpecification: { Containers: [{ ModelDataUrl: MODEL_URI }] },
    },
    "SageMaker.DescribeEndpointConfig": { ProductionVariants: [{ ModelName: "m" }] },
    "SageMaker.DescribeModel": { PrimaryContainer: { Image: "a-stranger's" } },
    "SageMaker.DescribeTrainingJob": {
      TrainingJobArn: JOB.arn,
      InputDataConfig: JOB.channels.map((S3Uri) => ({
        ChannelName: "train",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri } },
      })),
    },
  });
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === "HEAD") {
      // S3, asked for the model's artefact or its dataset's manifest.
      const sha256 = Buffer.from(DIGEST.slice("sha256:".length), "hex").toString("base64");
      response.writeHead(200, { "x-amz-checksum-sha256": sha256, "x-amz-checksum-type": "FULL_OBJECT" }).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answers()[String(request.headers["x-amz-target"])] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found: RegistryServer = {
    status: "Approved",
    env: {
      AWS_ENDPOINT_URL_SAGEMAKER: url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return found;
}
