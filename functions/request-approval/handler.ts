import { dynamodb } from "../shared/clients/dynamodb.ts";
import { eventbridge } from "../shared/clients/eventbridge.ts";
import { ses } from "../shared/clients/ses.ts";
import { sfn } from "../shared/clients/sfn.ts";
import { sns } from "../shared/clients/sns.ts";
import { readEnvironment } from "../shared/environment.ts";
import { functionLog } from "../shared/log.ts";
import { awsPorts } from "./ports.ts";
import { Environment, makeHandler } from "./request.ts";

export const handler = makeHandler(
  awsPorts({ dynamodb, ses, sfn, sns, events: eventbridge }),
  readEnvironment(Environment),
  functionLog(),
);
