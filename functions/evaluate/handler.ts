import { s3 } from "../shared/clients/s3.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler } from "./evaluate.ts";
import { awsPorts } from "./ports.ts";

export const handler = makeHandler(awsPorts({ s3 }), readEnvironment(Environment), functionLog());
