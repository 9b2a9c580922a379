/** The SFNClient, constructed once per execution environment. */
import { SFNClient } from "@aws-sdk/client-sfn";
import { clientOptions } from "./options.ts";

export const sfn = new SFNClient(clientOptions());
