import { s3 } from "../shared/clients/s3.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler } from "./plan.ts";
import { awsPorts } from "./ports.ts";

const environment = readEnvironment(Environment);
export const handler = makeHandler(
  awsPorts({ s3, sagemaker }, environment.ARTIFACT_BUCKET),
  environment,
  functionLog(),
);
