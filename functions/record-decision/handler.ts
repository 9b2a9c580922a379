import { dynamodb } from "../shared/clients/dynamodb.ts";
import { eventbridge } from "../shared/clients/eventbridge.ts";
import { sagemaker } from "../shared/clients/sagemaker.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { awsPorts } from "./ports.ts";
import { Environment, makeHandler } from "./record.ts";

const environment = readEnvironment(Environment);

export const handler = makeHandler(
  awsPorts({ sagemaker, dynamodb, events: eventbridge, table: environment.APPROVALS_TABLE }),
  environment,
  functionLog(),
);
