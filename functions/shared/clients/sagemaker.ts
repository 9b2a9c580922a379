/** The SageMakerClient, constructed once per execution environment. */
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { clientOptions } from "./options.ts";

export const sagemaker = new SageMakerClient(clientOptions());
