import { sagemaker } from "../shared/clients/sagemaker.ts";
import { sfn } from "../shared/clients/sfn.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { awsPorts } from "./ports.ts";
import { Environment, makeHandler } from "./start.ts";

export const handler = makeHandler(awsPorts({ sagemaker, sfn }), readEnvironment(Environment), functionLog());
