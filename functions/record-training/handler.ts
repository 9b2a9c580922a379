import { s3 } from "../shared/clients/s3.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { awsPorts } from "./ports.ts";
import { Environment, makeHandler } from "./record.ts";

export const handler = makeHandler(awsPorts({ s3, sagemaker }), readEnvironment(Environment), functionLog());
