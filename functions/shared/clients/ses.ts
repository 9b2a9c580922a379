/** The SESv2Client, constructed once per execution environment. */
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { clientOptions } from "./options.ts";

export const ses = new SESv2Client(clientOptions());
