/** The DynamoDB document client, constructed once per execution environment. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { clientOptions } from "./options.ts";

export const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(clientOptions(5_000)), {
  marshallOptions: { removeUndefinedValues: true },
});
