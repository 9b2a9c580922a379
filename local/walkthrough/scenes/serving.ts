/** Questions about what an endpoint serves. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { eventually, type Life, prove } from "../life.ts";

/** The model package that an endpoint serves while in service, undefined otherwise. */
export async function servedPackage(life: Life, endpointName: string): Promise<string | undefined> {
  const endpoint = await life.clients.sagemaker
    .send(new DescribeEndpointCommand({ EndpointName: endpointName }))
    .catch((error: Error) => {
      if (/Could not find endpoint/i.test(error.message)) return undefined;
      throw error;
    });
  if (endpoint?.EndpointStatus !== "InService") return undefined;
  const config = await life.clients.sagemaker.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
  );
  const model = await life.clients.sagemaker.send(
    new DescribeModelCommand({ ModelName: config.ProductionVariants?.[0]?.ModelName }),
  );
  return (model.PrimaryContainer ?? model.Containers?.[0])?.ModelPackageName;
}

/** Waits until an endpoint serves a package. */
export function untilServed(life: Life, endpointName: string, modelPackageArn: string): Promise<true> {
  return eventually(
    `${endpointName} serving ${modelPackageArn}`,
    async () => ((await servedPackage(life, endpointName)) === modelPackageArn ? true : undefined),
    { timeoutMs: 90_000 },
  );
}

/** Sends the first test records to an endpoint and returns them with the answered probabilities. */
export async function predict(
  life: Life,
  endpointName: string,
  records: number,
): Promise<{ probabilities: number[]; labels: number[] }> {
  const test = path.join(life.folder, "dataset", "test");
  const lines = (await readFile(path.join(test, "features.csv"), "utf8")).trim().split("\n").slice(0, records);
  const labels = (await readFile(path.join(test, "labels.csv"), "utf8"))
    .trim()
    .split("\n")
    .slice(0, records)
    .map(Number);
  const answer = await life.clients.runtime.send(
    new InvokeEndpointCommand({
      EndpointName: endpointName,
      ContentType: "text/csv",
      Accept: "text/csv",
      Body: Buffer.from(`${lines.join("\n")}\n`),
    }),
  );
  const probabilities = Buffer.from(answer.Body).toString("utf8").trim().split("\n").map(Number);
  prove(
    probabilities.length === records,
    `${records} records were sent, ${probabilities.length} predictions came back`,
  );
  prove(
    probabilities.every((value) => value >= 0 && value <= 1),
    `predictions are no probabilities: ${probabilities.join(", ")}`,
  );
  return { probabilities, labels };
}
