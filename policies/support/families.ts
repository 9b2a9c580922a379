/**
 * Type tokens by family, for both providers (`@pulumi/aws-native` 1.79.0, `@pulumi/aws` 7.48.0). Rules match tokens, not SDK
 * classes, because importing a provider SDK costs seconds. A test finds each token in the pinned SDKs' declarations.
 */
export const MODEL = { native: "aws-native:sagemaker:Model", classic: "aws:sagemaker/model:Model" } as const;
export const ENDPOINT_CONFIG = {
  native: "aws-native:sagemaker:EndpointConfig",
  classic: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
} as const;
export const ENDPOINT = {
  native: "aws-native:sagemaker:Endpoint",
  classic: "aws:sagemaker/endpoint:Endpoint",
} as const;
export const INFERENCE_COMPONENT = { native: "aws-native:sagemaker:InferenceComponent" } as const;
/** Puts models behind an endpoint without a configuration of the program. */
export const INFERENCE_EXPERIMENT = { native: "aws-native:sagemaker:InferenceExperiment" } as const;
export const PACKAGE = { native: "aws-native:sagemaker:ModelPackage" } as const;
export const PACKAGE_GROUP = {
  native: "aws-native:sagemaker:ModelPackageGroup",
  classic: "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
} as const;
/** Classic only: aws-native has the policy in the group. */
export const PACKAGE_GROUP_POLICY = {
  classic: "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
} as const;
/** Jobs declared as resources. The classic provider alone has training and tuning; neither has transform jobs. */
export const JOB = {
  native: "aws-native:sagemaker:ProcessingJob",
  training: "aws:sagemaker/trainingJob:TrainingJob",
  tuning: "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",
} as const;
export const NOTEBOOK = {
  native: "aws-native:sagemaker:NotebookInstance",
  classic: "aws:sagemaker/notebookInstance:NotebookInstance",
} as const;
export const STUDIO = {
  domain: "aws-native:sagemaker:Domain",
  userProfile: "aws-native:sagemaker:UserProfile",
  space: "aws-native:sagemaker:Space",
  app: "aws-native:sagemaker:App",
  classicDomain: "aws:sagemaker/domain:Domain",
  classicUserProfile: "aws:sagemaker/userProfile:UserProfile",
  classicSpace: "aws:sagemaker/space:Space",
  classicApp: "aws:sagemaker/app:App",
} as const;
/** Scripts that run when a notebook starts. Those of notebook instances the classic provider alone has. */
export const LIFECYCLE = {
  classic: "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
  studio: "aws-native:sagemaker:StudioLifecycleConfig",
  classicStudio: "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
} as const;
export const PARAMETER = { native: "aws-native:ssm:Parameter", classic: "aws:ssm/parameter:Parameter" } as const;
export const LOG_GROUP = { native: "aws-native:logs:LogGroup", classic: "aws:cloudwatch/logGroup:LogGroup" } as const;
export const KEY = { native: "aws-native:kms:Key", classic: "aws:kms/key:Key" } as const;
/** Classic only: the policy as a resource of its own. */
export const KEY_POLICY = { classic: "aws:kms/keyPolicy:KeyPolicy" } as const;
export const HTTP_API = {
  api: "aws-native:apigatewayv2:Api",
  route: "aws-native:apigatewayv2:Route",
  stage: "aws-native:apigatewayv2:Stage",
  classicApi: "aws:apigatewayv2/api:Api",
  classicRoute: "aws:apigatewayv2/route:Route",
  classicStage: "aws:apigatewayv2/stage:Stage",
} as const;
export const FUNCTION_URL = { native: "aws-native:lambda:Url", classic: "aws:lambda/functionUrl:FunctionUrl" } as const;
export const MONITOR = {
  schedule: "aws-native:sagemaker:MonitoringSchedule",
  dataQuality: "aws-native:sagemaker:DataQualityJobDefinition",
  modelQuality: "aws-native:sagemaker:ModelQualityJobDefinition",
  bias: "aws-native:sagemaker:ModelBiasJobDefinition",
  explainability: "aws-native:sagemaker:ModelExplainabilityJobDefinition",
  classicSchedule: "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
  classicDataQuality: "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
} as const;
export const STATE_MACHINE = {
  native: "aws-native:stepfunctions:StateMachine",
  classic: "aws:sfn/stateMachine:StateMachine",
} as const;
/** SageMaker's own pipelines, whose steps register models. */
export const PIPELINE = {
  native: "aws-native:sagemaker:Pipeline",
  classic: "aws:sagemaker/pipeline:Pipeline",
} as const;
/** CloudFormation templates, which declare resources that the engine does not see. */
export const TEMPLATE = {
  native: "aws-native:cloudformation:Stack",
  stackSet: "aws-native:cloudformation:StackSet",
  changeSet: "aws-native:cloudformation:ChangeSet",
  classic: "aws:cloudformation/stack:Stack",
  classicStackSet: "aws:cloudformation/stackSet:StackSet",
} as const;
/** A stack made from a published application: the template is only named. */
export const PUBLISHED_STACK = {
  classic: "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
} as const;
/** A resource of whatever CloudFormation type, named by a property. */
export const ANY_RESOURCE = {
  native: "aws-native:index:ExtensionResource",
  classic: "aws:cloudcontrol/resource:Resource",
} as const;

/** The `…V2` twins are deprecated aliases of the same resources; they are judged alike. */
export const BUCKET = {
  native: "aws-native:s3:Bucket",
  classic: "aws:s3/bucket:Bucket",
  classicV2: "aws:s3/bucketV2:BucketV2",
} as const;
export const BUCKET_POLICY = {
  native: "aws-native:s3:BucketPolicy",
  classic: "aws:s3/bucketPolicy:BucketPolicy",
} as const;
export const BUCKET_ACL = {
  classic: "aws:s3/bucketAcl:BucketAcl",
  classicV2: "aws:s3/bucketAclV2:BucketAclV2",
} as const;
export const BUCKET_WEBSITE = {
  classic: "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
  classicV2: "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
} as const;
/** The classic provider keeps a bucket's settings in resources of their own. */
export const BUCKET_VERSIONING = {
  classic: "aws:s3/bucketVersioning:BucketVersioning",
  classicV2: "aws:s3/bucketVersioningV2:BucketVersioningV2",
} as const;
export const BUCKET_LIFECYCLE = {
  classic: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  classicV2: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
} as const;
export const BUCKET_LOCK = {
  classic: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  classicV2: "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
} as const;
export const BUCKET_ENCRYPTION = {
  classic: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  classicV2: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
} as const;
export const PUBLIC_ACCESS_BLOCK = { classic: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock" } as const;

export const ROLE = { native: "aws-native:iam:Role", classic: "aws:iam/role:Role" } as const;
/** People and machines with credentials that do not end by themselves. */
export const USER = {
  native: "aws-native:iam:User",
  classic: "aws:iam/user:User",
  accessKey: "aws:iam/accessKey:AccessKey",
  login: "aws:iam/userLoginProfile:UserLoginProfile",
} as const;

export const EVENT_RULE = { native: "aws-native:events:Rule", classic: "aws:cloudwatch/eventRule:EventRule" } as const;
/** Classic only: a rule's target is a resource of its own. */
export const EVENT_TARGET = { classic: "aws:cloudwatch/eventTarget:EventTarget" } as const;
export const FUNCTION = { native: "aws-native:lambda:Function", classic: "aws:lambda/function:Function" } as const;

export const ALARM = {
  native: "aws-native:cloudwatch:Alarm",
  classic: "aws:cloudwatch/metricAlarm:MetricAlarm",
} as const;
export const COMPOSITE_ALARM = {
  native: "aws-native:cloudwatch:CompositeAlarm",
  classic: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
} as const;
export const QUEUE = { native: "aws-native:sqs:Queue", classic: "aws:sqs/queue:Queue" } as const;
export const SUBSCRIPTION = {
  native: "aws-native:sns:Subscription",
  classic: "aws:sns/topicSubscription:TopicSubscription",
} as const;
export const SCHEDULE = {
  native: "aws-native:scheduler:Schedule",
  classic: "aws:scheduler/schedule:Schedule",
} as const;
export const INTEGRATION = {
  native: "aws-native:apigatewayv2:Integration",
  classic: "aws:apigatewayv2/integration:Integration",
} as const;
/** Automation documents call AWS by themselves. */
export const AUTOMATION = { native: "aws-native:ssm:Document", classic: "aws:ssm/document:Document" } as const;
export const FUNCTION_ALIAS = { native: "aws-native:lambda:Alias", classic: "aws:lambda/alias:Alias" } as const;
/** What becomes of an asynchronous invocation of a function that fails. */
export const INVOKE_CONFIG = {
  native: "aws-native:lambda:EventInvokeConfig",
  classic: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
} as const;
/** What a function reads from by itself: a queue or a stream. */
export const SOURCE_MAPPING = {
  native: "aws-native:lambda:EventSourceMapping",
  classic: "aws:lambda/eventSourceMapping:EventSourceMapping",
} as const;
export const SCALABLE_TARGET = {
  native: "aws-native:applicationautoscaling:ScalableTarget",
  classic: "aws:appautoscaling/target:Target",
} as const;
export const SCALING_POLICY = {
  native: "aws-native:applicationautoscaling:ScalingPolicy",
  classic: "aws:appautoscaling/policy:Policy",
} as const;
/** The classic provider alone has budgets. */
export const BUDGET = { classic: "aws:budgets/budget:Budget" } as const;
export const BUDGET_ACTION = {
  native: "aws-native:budgets:BudgetsAction",
  classic: "aws:budgets/budgetAction:BudgetAction",
} as const;
export const MANAGED_POLICY = {
  native: "aws-native:iam:ManagedPolicy",
  classic: "aws:iam/policy:Policy",
} as const;
export const TABLE = { native: "aws-native:dynamodb:Table", classic: "aws:dynamodb/table:Table" } as const;
/** aws-native alone: classic has the replicas in the table. */
export const GLOBAL_TABLE = { native: "aws-native:dynamodb:GlobalTable" } as const;

export const TOPIC = { native: "aws-native:sns:Topic", classic: "aws:sns/topic:Topic" } as const;
export const TOPIC_POLICY = {
  native: "aws-native:sns:TopicPolicy",
  inline: "aws-native:sns:TopicInlinePolicy",
  classic: "aws:sns/topicPolicy:TopicPolicy",
} as const;
export const QUEUE_POLICY = {
  inline: "aws-native:sqs:QueueInlinePolicy",
  classic: "aws:sqs/queuePolicy:QueuePolicy",
} as const;

/** Where an identity's permission documents stand, per type token. `[]` walks a list; the leaf is object or JSON text. */
export const PERMISSION_DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  "aws-native:iam:Role": ["policies[].policyDocument"],
  "aws-native:iam:User": ["policies[].policyDocument"],
  "aws-native:iam:Group": ["policies[].policyDocument"],
  "aws-native:iam:RolePolicy": ["policyDocument"],
  "aws-native:iam:UserPolicy": ["policyDocument"],
  "aws-native:iam:GroupPolicy": ["policyDocument"],
  "aws-native:iam:ManagedPolicy": ["policyDocument"],
  "aws:iam/role:Role": ["inlinePolicies[].policy"],
  "aws:iam/rolePolicy:RolePolicy": ["policy"],
  "aws:iam/userPolicy:UserPolicy": ["policy"],
  "aws:iam/groupPolicy:GroupPolicy": ["policy"],
  "aws:iam/policy:Policy": ["policy"],
};

/** Where it stands who may take a role. */
export const TRUST_DOCUMENT: Readonly<Record<string, string>> = {
  [ROLE.native]: "assumeRolePolicyDocument",
  [ROLE.classic]: "assumeRolePolicy",
};
/** Who may call a function. */
export const PERMISSION = {
  native: "aws-native:lambda:Permission",
  classic: "aws:lambda/permission:Permission",
} as const;

/** Where managed policies are attached to an identity, per type token. */
export const MANAGED_POLICIES: Readonly<Record<string, readonly string[]>> = {
  "aws-native:iam:Role": ["managedPolicyArns[]"],
  "aws-native:iam:User": ["managedPolicyArns[]"],
  "aws-native:iam:Group": ["managedPolicyArns[]"],
  "aws:iam/role:Role": ["managedPolicyArns[]"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn"],
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": ["policyArn"],
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ["policyArn"],
  "aws:iam/policyAttachment:PolicyAttachment": ["policyArn"],
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": ["policyArns[]"],
  "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": ["policyArns[]"],
  "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": ["policyArns[]"],
};

/** True for tokens of `@pulumi/aws-native`. */
export const isNative = (type: string): boolean => type.startsWith("aws-native:");

/** The property that holds the physical name, where a reference by name can land. */
export const NAME_PROPERTY: Readonly<Record<string, string>> = {
  [MODEL.native]: "modelName",
  [MODEL.classic]: "name",
  [ENDPOINT_CONFIG.native]: "endpointConfigName",
  [ENDPOINT_CONFIG.classic]: "name",
  [ENDPOINT.native]: "endpointName",
  [ENDPOINT.classic]: "name",
  [BUCKET.native]: "bucketName",
  [BUCKET.classic]: "bucket",
  [BUCKET.classicV2]: "bucket",
};

/** The same, for types that are only looked up: no rule demands anything of these names. */
export const LOOKED_UP_NAME: Readonly<Record<string, string>> = {
  [EVENT_RULE.native]: "name",
  [EVENT_RULE.classic]: "name",
  [FUNCTION.native]: "functionName",
  [FUNCTION.classic]: "name",
  [ROLE.native]: "roleName",
  [ROLE.classic]: "name",
  [ALARM.native]: "alarmName",
  [ALARM.classic]: "name",
  [COMPOSITE_ALARM.native]: "alarmName",
  [COMPOSITE_ALARM.classic]: "alarmName",
  [MONITOR.dataQuality]: "jobDefinitionName",
  [MONITOR.modelQuality]: "jobDefinitionName",
  [MONITOR.bias]: "jobDefinitionName",
  [MONITOR.explainability]: "jobDefinitionName",
  [MONITOR.classicDataQuality]: "name",
  [QUEUE.native]: "queueName",
  [QUEUE.classic]: "name",
  [LIFECYCLE.classic]: "name",
  "aws-native:iam:ManagedPolicy": "managedPolicyName",
  "aws:iam/policy:Policy": "name",
};

export const tokensOf = (...families: readonly Readonly<Record<string, string>>[]): string[] =>
  families.flatMap((family) => Object.values(family));

/** The property that holds the physical name of a type. */
export const nameAt = (type: string): string => NAME_PROPERTY[type] ?? LOOKED_UP_NAME[type] ?? "name";
