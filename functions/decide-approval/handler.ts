import { dynamodb } from "../shared/clients/dynamodb.ts";
import { eventbridge } from "../shared/clients/eventbridge.ts";
import { sfn } from "../shared/clients/sfn.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { Environment, makeHandler } from "./approve.ts";
import { awsPorts } from "./ports.ts";

const environment = readEnvironment(Environment);

export const handler = makeHandler(
  awsPorts({ dynamodb, sfn, events: eventbridge, table: environment.APPROVALS_TABLE }),
  environment,
  functionLog(),
);
