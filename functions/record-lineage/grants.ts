import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";

export interface RecordLineageRefs extends Scope {
  /** Groups whose packages are recorded. */
  modelPackageGroups: readonly string[];
  /** ENDPOINT_PREFIX in the environment. */
  endpointPrefix: string;
}

/**
 * What RecordLineage may do. Listing lineage entities has no resource type (AWS service authorization reference), and an
 * entity's ARN is a name or a hash of its source, so only the kind can be named.
 */
export function grants(refs: RecordLineageRefs): Statement[] {
  const arn = (resource: string) => arnOf(refs, "sagemaker", resource);
  const entities = { artifact: arn("artifact/*"), action: arn("action/frugal-*"), context: arn("context/frugal-*") };
  return [
    allow("ReadTrainingJob", ["sagemaker:DescribeTrainingJob", "sagemaker:ListTags"], arn("training-job/*")),
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
    allow("FindEntities", ["sagemaker:ListArtifacts", "sagemaker:ListActions", "sagemaker:ListContexts"], "*"),
    allow("MakeArtifact", "sagemaker:CreateArtifact", entities.artifact),
    allow("MakeAction", ["sagemaker:CreateAction", "sagemaker:UpdateAction"], entities.action),
    allow("MakeContext", "sagemaker:CreateContext", entities.context),
    allow("Associate", "sagemaker:AddAssociation", Object.values(entities)),
  ];
}
