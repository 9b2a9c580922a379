/** The SNSClient, constructed once per execution environment. */
import { SNSClient } from "@aws-sdk/client-sns";
import { clientOptions } from "./options.ts";

export const sns = new SNSClient(clientOptions(5_000));
