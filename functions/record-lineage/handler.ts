import { s3 } from "../shared/clients/s3.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler, scopeOf } from "./record.ts";
import { awsStore } from "./store.ts";
import { awsTruth } from "./truth.ts";

const scope = scopeOf(readEnvironment(Environment));
export const handler = makeHandler(awsTruth(sagemaker, s3), awsStore(sagemaker), scope, functionLog());
