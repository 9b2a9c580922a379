/**
 * What the emulator's CloudFormation leaves undone, done by the service's own API, so that the emulated account holds what the
 * program asked for: a bucket's lifecycle, a table's expiry. Each step is given the old and the new value and acts on a change.
 *
 * To have another property completed, add its step to the file of its service.
 */
import type { Client } from "../../emulator/client.ts";
import type { CfnProps } from "../convert.ts";
import { canonical } from "../equal.ts";
import { dynamodb } from "./dynamodb.ts";
import { flow } from "./flow.ts";
import { iam } from "./iam.ts";
import { lambda, settled } from "./lambda.ts";
import { s3 } from "./s3.ts";

/** Sets a property of the resource `id` to `wanted`; undefined takes it away. */
export type Step = (client: Client, id: string, wanted: unknown) => Promise<void>;

const STEPS: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  ...s3,
  ...dynamodb,
  ...lambda,
  ...iam,
  ...flow,
};

export async function complete(
  client: Client,
  cfnType: string,
  id: string,
  olds: CfnProps,
  news: CfnProps,
): Promise<void> {
  for (const [property, step] of Object.entries(STEPS[cfnType] ?? {})) {
    if (canonical(olds[property]) !== canonical(news[property])) await step(client, id, news[property]);
  }
  if (cfnType === "AWS::Lambda::Function") await settled(client, id);
}
