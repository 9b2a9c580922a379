/** The reading side of a training request: what is refused, and the files that SageMaker writes for the container. Pure. */
import type { Channel, CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { JobFault } from "./faults.ts";
import { isPython, isScikitLearn, unsupportedImage } from "./images.ts";

/** The one instance's name in AWS. */
export const HOST = "algo-1";

/** What this stand-in cannot do is said at once, not half done. */
export function refuse(request: CreateTrainingJobRequest): void {
  const { TrainingImage: image, ContainerEntrypoint, AlgorithmName } = request.AlgorithmSpecification ?? {};
  if (!image) throw new JobFault(unsupportedImage(AlgorithmName ?? "(none)", "training"));
  if (!(ContainerEntrypoint ? isPython(ContainerEntrypoint[0]) : isScikitLearn(image))) {
    throw new JobFault(unsupportedImage(image, "training"));
  }
  const instances = request.ResourceConfig?.InstanceCount ?? 1;
  if (instances > 1)
    throw new JobFault(`ClientError: the local SageMaker trains on one instance, got InstanceCount ${instances}`);
  for (const channel of request.InputDataConfig ?? []) {
    const mode = channel.InputMode ?? request.AlgorithmSpecification?.TrainingInputMode;
    if (mode === "Pipe")
      throw new JobFault(
        `ClientError: channel ${channel.ChannelName}: the local SageMaker has no Pipe mode; use File or FastFile`,
      );
    if (channel.DataSource?.FileSystemDataSource) {
      throw new JobFault(
        `ClientError: channel ${channel.ChannelName}: the local SageMaker has no file systems; use S3DataSource`,
      );
    }
  }
}

/** The files of /opt/ml/input/config, by name without `.json` (AWS: "How Amazon SageMaker Provides Training Information"). */
export function configFiles(request: CreateTrainingJobRequest): Record<string, object> {
  const channels = request.InputDataConfig ?? [];
  const instanceType = request.ResourceConfig?.InstanceType ?? "local";
  return {
    hyperparameters: request.HyperParameters ?? {},
    inputdataconfig: Object.fromEntries(
      channels.map((channel) => [channel.ChannelName, channelConfig(channel, request)]),
    ),
    resourceconfig: {
      current_host: HOST,
      current_instance_type: instanceType,
      current_group_name: "homogeneousCluster",
      hosts: [HOST],
      instance_groups: [{ instance_group_name: "homogeneousCluster", instance_type: instanceType, hosts: [HOST] }],
      network_interface_name: "eth0",
    },
  };
}

function channelConfig(channel: Channel, request: CreateTrainingJobRequest): Record<string, string> {
  return {
    ...(channel.ContentType ? { ContentType: channel.ContentType } : {}),
    TrainingInputMode: channel.InputMode ?? request.AlgorithmSpecification?.TrainingInputMode ?? "File",
    S3DistributionType: channel.DataSource?.S3DataSource?.S3DataDistributionType ?? "FullyReplicated",
    RecordWrapperType: channel.RecordWrapperType ?? "None",
  };
}

/** The source archive's URI. The toolkit decodes each hyper-parameter as JSON and takes it as it is where it is none. */
export function submitDirectory(hyperParameters: Record<string, string>): string | undefined {
  const text = hyperParameters.sagemaker_submit_directory;
  if (text === undefined) return undefined;
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {}
  if (typeof value === "string" && value.startsWith("s3://")) return value;
  throw new JobFault(
    `ClientError: hyperparameter sagemaker_submit_directory must be the S3 URI of a tar.gz, got ${text}`,
  );
}
