import { allow, arnOf, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";

export interface RecordLineageRefs extends Scope {
  /** Groups whose packages are recorded. */
  modelPackageGroups: readonly string[];
  /** ENDPOINT_PREFIX in the environment. */
  endpointPrefix: string;
  /** DATA_BUCKET in the environment. */
  dataBucket: string;
}

/**
 * What RecordLineage may do. Listing lineage entities has no resource type (AWS service authorization reference), and an
 * entity's ARN is a name or a hash of its source, so only the kind can be named. What is removed is only what the recorder
 * itself made, once SageMaker has made an entity of its own for the same source.
 */
export function grants(refs: RecordLineageRefs): Statement[] {
  const arn = (resource: string) => arnOf(refs, "sagemaker", resource);
  const jobs = ["training", "processing", "transform"].map((kind) => arn(`${kind}-job/*`));
  const artifacts = arn("artifact/*");
  const actions = arn("action/frugal-*");
  const contexts = arn("context/frugal-*");
  // Jobs are trial components, endpoints are contexts that SageMaker named; doubles are cut loose from either.
  const ends = [artifacts, arn("action/*"), arn("context/*"), arn("experiment-trial-component/*")];
  return [
    allow(
      "ReadJob",
      [
        "sagemaker:DescribeTrainingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:DescribeTransformJob",
        "sagemaker:ListTags",
      ],
      jobs,
    ),
    allow(
      "ReadPackage",
      "sagemaker:DescribeModelPackage",
      refs.modelPackageGroups.map((group) => arn(`model-package/${group}/*`)),
    ),
    allow("ReadEndpoint", "sagemaker:DescribeEndpoint", arn(`endpoint/${refs.endpointPrefix}*`)),
    allow(
      "ReadEndpointConfig",
      ["sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
      arn(`endpoint-config/${refs.endpointPrefix}*`),
    ),
    allow("ReadModel", ["sagemaker:DescribeModel", "sagemaker:ListTags"], arn(`model/${refs.endpointPrefix}*`)),
    // Which versions a dataset version was made from stands in its manifest.
    allow("ReadManifest", "s3:GetObject", objectsArn(refs.dataBucket, "datasets/*/manifest.json", refs.partition)),
    allow(
      "FindEntities",
      [
        "sagemaker:ListArtifacts",
        "sagemaker:ListActions",
        "sagemaker:ListContexts",
        "sagemaker:ListTrialComponents",
        "sagemaker:ListAssociations",
      ],
      "*",
    ),
    allow("MakeArtifact", "sagemaker:CreateArtifact", artifacts),
    allow("MakeAction", ["sagemaker:CreateAction", "sagemaker:UpdateAction", "sagemaker:DeleteAction"], actions),
    allow("MakeContext", ["sagemaker:CreateContext", "sagemaker:DeleteContext"], contexts),
    allow("Associate", ["sagemaker:AddAssociation", "sagemaker:DeleteAssociation"], ends),
  ];
}
