import { s3 } from "../shared/clients/s3.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler } from "./gate.ts";
import { awsPorts } from "./ports.ts";

export const handler = makeHandler(awsPorts({ sagemaker, s3 }), readEnvironment(Environment), functionLog());
