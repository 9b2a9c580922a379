/** What the roles of SageMaker's jobs and models need besides their data: the image, the log, the metrics. Pure. */
import { allow, arnOf, bucketArn, objectsArn, type Statement } from "../../contracts/iam.ts";
import type { Site } from "./naming.ts";

/** Namespaces that SageMaker's jobs and endpoints write to (AWS: Monitor Amazon SageMaker AI with CloudWatch). */
const METRIC_NAMESPACES = [
  "/aws/sagemaker/TrainingJobs",
  "/aws/sagemaker/TransformJobs",
  "/aws/sagemaker/ProcessingJobs",
  "/aws/sagemaker/Endpoints",
];

/** Every job and endpoint pulls its image, writes its log and puts its metrics by its own role. */
export function runGrants(site: Site): Statement[] {
  const partition = site.partition;
  return [
    // Neither of these two actions takes a resource (AWS: service authorization reference, ECR and CloudWatch).
    allow("LogInToRegistries", "ecr:GetAuthorizationToken", "*"),
    allow("PutJobMetrics", "cloudwatch:PutMetricData", "*", {
      StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACES },
    }),
    // Framework images lie in registries of AWS, whose accounts differ by region.
    allow(
      "PullImages",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      `arn:${partition}:ecr:${site.region}:*:repository/*`,
    ),
    allow(
      "WriteJobLogs",
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      arnOf(site, "logs", "log-group:/aws/sagemaker/*"),
    ),
  ];
}

/** Reading objects of a bucket below some keys, and finding them. */
export function readObjects(site: Site, sid: string, bucket: string, keys: readonly string[]): Statement[] {
  const partition = site.partition;
  return [
    allow(
      `Read${sid}`,
      "s3:GetObject",
      keys.map((key) => objectsArn(bucket, key, partition)),
    ),
    allow(`Find${sid}`, "s3:ListBucket", bucketArn(bucket, partition), {
      StringLike: { "s3:prefix": [...keys] },
    }),
  ];
}

/** Writing objects of a bucket below some keys. */
export function writeObjects(site: Site, sid: string, bucket: string, keys: readonly string[]): Statement[] {
  return [
    allow(
      `Write${sid}`,
      ["s3:PutObject", "s3:AbortMultipartUpload"],
      keys.map((key) => objectsArn(bucket, key, site.partition)),
    ),
  ];
}
