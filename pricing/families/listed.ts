/**
 * Types that the bill knows without metering: those that cost nothing of their own, and those that are paid by the hour and
 * have no price here. A type on neither list is unpriced by name, never free by silence.
 */

/** `aws-native:<module>:<Name>` and `aws:<module>/<file>:<Name>` as module and name. */
function partsOf(type: string): readonly [module: string, name: string] | undefined {
  const found = /^aws(?:-native)?:([a-z0-9]+)[:/](?:[A-Za-z0-9]+:)?([A-Za-z0-9]+)$/.exec(type);
  return found ? [found[1] ?? "", found[2] ?? ""] : undefined;
}

/** Module → names of types that cost nothing of their own; `*` is all that has no family. */
const FREE: Readonly<Record<string, readonly string[] | "*">> = {
  iam: "*",
  apigatewayv2: "*",
  resourcegroups: "*",
  apigateway: [
    ...["Account", "Authorizer", "BasePathMapping", "Deployment", "DocumentationPart", "DomainName", "GatewayResponse"],
    ...[
      "Integration",
      "IntegrationResponse",
      "Method",
      "MethodResponse",
      "MethodSettings",
      "Model",
      "RequestValidator",
    ],
    ...["Resource", "Response", "RestApiPolicy", "UsagePlan", "UsagePlanKey", "ApiKey", "VpcLink"],
  ],
  budgets: ["Budget"],
  cloudwatch: [
    ...["EventRule", "EventTarget", "EventPermission", "EventBusPolicy", "EventConnection", "LogStream"],
    ...["LogSubscriptionFilter", "LogResourcePolicy", "LogDestination", "LogDestinationPolicy", "QueryDefinition"],
  ],
  dynamodb: ["ResourcePolicy", "TableItem", "Tag"],
  ec2: [
    ...["Vpc", "Subnet", "SecurityGroup", "SecurityGroupRule", "SecurityGroupIngress", "SecurityGroupEgress"],
    ...["RouteTable", "RouteTableAssociation", "SubnetRouteTableAssociation", "Route", "InternetGateway"],
    ...["VpcGatewayAttachment", "InternetGatewayAttachment", "NetworkAcl", "NetworkAclRule", "NetworkAclEntry"],
    ...[
      "NetworkAclAssociation",
      "SubnetNetworkAclAssociation",
      "DhcpOptions",
      "VpcDhcpOptions",
      "MainRouteTableAssociation",
    ],
    ...[
      "VpcDhcpOptionsAssociation",
      "VpcEndpointRouteTableAssociation",
      "VpcEndpointSubnetAssociation",
      "DefaultSecurityGroup",
    ],
    ...["VpcEndpointPolicy", "VpcEndpointSecurityGroupAssociation", "DefaultRouteTable", "DefaultVpc", "DefaultSubnet"],
  ],
  ecr: [
    "LifecyclePolicy",
    "RepositoryPolicy",
    "RegistryPolicy",
    "ReplicationConfiguration",
    "RepositoryCreationTemplate",
  ],
  events: ["Rule", "EventBusPolicy", "Connection"],
  kms: ["Alias", "KeyPolicy", "Grant"],
  lambda: [
    ...["Permission", "EventInvokeConfig", "FunctionEventInvokeConfig", "Url", "FunctionUrl", "EventSourceMapping"],
    ...["LayerVersion", "LayerVersionPermission", "CodeSigningConfig", "Alias", "RuntimeManagementConfig"],
    "FunctionRecursionConfig",
  ],
  logs: ["LogStream", "SubscriptionFilter", "ResourcePolicy", "QueryDefinition", "Destination"],
  s3: [
    ...["AccessPoint", "BucketAccelerateConfiguration", "BucketAcl", "BucketCorsConfiguration", "BucketPolicy"],
    ...["BucketLifecycleConfiguration", "BucketLogging", "BucketNotification", "BucketObject", "BucketObjectv2"],
    ...["BucketObjectLockConfiguration", "BucketOwnershipControls", "BucketPublicAccessBlock", "BucketVersioning"],
    ...[
      "BucketServerSideEncryptionConfiguration",
      "BucketWebsiteConfiguration",
      "ObjectCopy",
      "AccountPublicAccessBlock",
    ],
    ...["BucketAclV2", "BucketLifecycleConfigurationV2", "BucketObjectLockConfigurationV2", "BucketVersioningV2"],
    ...["BucketServerSideEncryptionConfigurationV2", "BucketWebsiteConfigurationV2", "BucketCorsConfigurationV2"],
    ...["BucketLoggingV2", "BucketAccelerateConfigurationV2", "BucketObjectv2"],
  ],
  sagemaker: [
    ...["Action", "Algorithm", "AppImageConfig", "Artifact", "CodeRepository", "Context", "Device", "DeviceFleet"],
    ...["Experiment", "ExperimentTrialComponent", "Hub", "HubContentReference", "HumanTaskUI", "HumanTaskUi", "Image"],
    ...["ImageVersion", "Model", "ModelCard", "ModelPackage", "ModelPackageGroup", "ModelPackageGroupPolicy"],
    ...["NotebookInstanceLifecycleConfiguration", "Pipeline", "Project", "StudioLifecycleConfig", "TrialComponent"],
    ...["Workforce", "Workteam", "ServicecatalogPortfolioStatus", "ModelCardExportJob"],
  ],
  scheduler: ["ScheduleGroup"],
  secretsmanager: [
    "ResourcePolicy",
    "RotationSchedule",
    "SecretPolicy",
    "SecretRotation",
    "SecretTargetAttachment",
    "SecretVersion",
  ],
  ses: ["ConfigurationSet", "ConfigurationSetEventDestination", "Template", "DomainIdentity", "DomainDkim"],
  sesv2: ["ConfigurationSet", "ConfigurationSetEventDestination", "EmailIdentityPolicy"],
  sfn: ["Activity", "Alias"],
  sns: ["Subscription", "TopicInlinePolicy", "TopicPolicy", "TopicSubscription"],
  sqs: ["QueueInlinePolicy", "QueuePolicy", "RedriveAllowPolicy", "RedrivePolicy"],
  stepfunctions: ["Activity", "StateMachineAlias", "StateMachineVersion"],
  xray: ["Group", "SamplingRule", "ResourcePolicy"],
};

export function isFree(type: string): boolean {
  const [module, name] = partsOf(type) ?? ["", ""];
  const names = Object.hasOwn(FREE, module) ? FREE[module] : undefined;
  return names === "*" || (names?.includes(name) ?? false);
}

/** Services that are paid by the hour, for which there is no price here. */
const BY_TIME = new Set([
  ...[
    "acmpca",
    "appstream",
    "apprunner",
    "autoscaling",
    "batch",
    "cloudhsmv2",
    "dax",
    "directoryservice",
    "dms",
    "docdb",
  ],
  ...[
    "docdbelastic",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticsearch",
    "emr",
    "fsx",
    "gamelift",
    "globalaccelerator",
  ],
  ...[
    "kinesis",
    "kinesisanalytics",
    "kinesisanalyticsv2",
    "lightsail",
    "managedgrafana",
    "memorydb",
    "mq",
    "msk",
    "mwaa",
  ],
  ...[
    "neptune",
    "networkfirewall",
    "opensearch",
    "opensearchservice",
    "rds",
    "redshift",
    "route53resolver",
    "transfer",
  ],
  ...["workspaces", "ec2transitgateway", "ec2clientvpn", "vpclattice", "networkmanager", "grafana", "directconnect"],
]);
const BY_TIME_NAMES = new Set([
  ...["ec2 Instance", "ec2 SpotInstanceRequest", "ec2 SpotFleetRequest", "ec2 SpotFleet", "ec2 Fleet", "ec2 Ec2Fleet"],
  ...[
    "ec2 DedicatedHost",
    "ec2 Host",
    "ec2 Eip",
    "ec2 VpnConnection",
    "ec2 TransitGateway",
    "ec2 TransitGatewayAttachment",
  ],
  ...["ec2 CapacityReservation", "ec2 ClientVpnEndpoint", "ec2 VolumeAttachment", "ec2 NetworkInsightsPath"],
  ...["ecs Service", "ecs TaskSet", "sagemaker PartnerApp", "bedrock ProvisionedModelThroughput", "codebuild Fleet"],
]);

/** Why a type that the bill does not know is paid by the hour; undefined when nothing says so. */
export function standsForTime(type: string, props: unknown): string | undefined {
  const [module, name] = partsOf(type) ?? ["", ""];
  if (/^aws(?:-native)?:cloudformation[:/]/.test(type) || type === "aws-native:index:ExtensionResource") {
    return "what it makes is not seen here";
  }
  if (BY_TIME.has(module) || BY_TIME_NAMES.has(`${module} ${name}`))
    return "it is paid by the hour and has no price here";
  if (module === "sagemaker" && namesInstances(props, 0))
    return "the bill does not know this type, and it names instances";
  return undefined;
}

/** Deeper than any resource of either provider. */
const MAX_DEPTH = 30;

function namesInstances(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return false;
  return Object.entries(value).some(
    ([key, inner]) => (!Array.isArray(value) && /instance/i.test(key)) || namesInstances(inner, depth + 1),
  );
}
