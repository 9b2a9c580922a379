/** The EventBridgeClient, constructed once per execution environment. */
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientOptions } from "./options.ts";

export const eventbridge = new EventBridgeClient(clientOptions(5_000));
