import { sagemaker } from "../shared/clients/sagemaker.ts";
import { functionLog } from "../shared/log.ts";
import { awsPorts } from "./ports.ts";
import { makeHandler } from "./record.ts";

export const handler = makeHandler(awsPorts({ sagemaker }), functionLog());
