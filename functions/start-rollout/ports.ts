/** What starting a rollout needs of the world, and how AWS provides it. */
import { DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { errorName } from "../shared/aws-errors.ts";
import type { PackageFacts } from "./decide.ts";

export interface Ports {
  describe(arn: string): Promise<PackageFacts>;
  /** Answers false when an execution of this name exists already. */
  start(stateMachineArn: string, name: string, input: string): Promise<boolean>;
}

export function awsPorts({ sagemaker, sfn }: { sagemaker: SageMakerClient; sfn: SFNClient }): Ports {
  return {
    describe: (arn) => sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })),
    async start(stateMachineArn, name, input) {
      try {
        await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
        return true;
      } catch (error) {
        if (errorName(error) === "ExecutionAlreadyExists") return false;
        throw error;
      }
    },
  };
}
