/** Live state of functions, their permissions and asynchronous invocation settings. */
import { isObject } from "../../server/wire.ts";
import { document, type Reader, tagList } from "./reader.ts";

const API = "/2015-03-31/functions";

const lambdaFunction: Reader = {
  covers: [
    "Runtime",
    "Handler",
    "Role",
    "Timeout",
    "MemorySize",
    "Description",
    "Environment",
    "Layers",
    "ReservedConcurrentExecutions",
    "Tags",
  ],
  async read(client, [name = ""]) {
    const found = await client.rest("lambda", { path: `${API}/${encodeURIComponent(name)}` });
    const config = found.Configuration as Record<string, unknown>;
    const concurrency = found.Concurrency as { ReservedConcurrentExecutions?: number } | undefined;
    const { VpcConfig, Layers, ...rest } = config;
    return {
      ...rest,
      FunctionName: name,
      Arn: config.FunctionArn,
      // Empty where the function is in no VPC; CloudFormation's shape has no VpcId either.
      VpcConfig: isObject(VpcConfig) && VpcConfig.VpcId ? VpcConfig : undefined,
      Layers: Array.isArray(Layers) ? Layers.map((layer) => layer.Arn) : undefined,
      ReservedConcurrentExecutions: concurrency?.ReservedConcurrentExecutions,
      Tags: tagList(found.Tags),
    };
  },
};

interface Statement {
  Sid?: string;
  Action?: string;
  Principal?: string | Record<string, string>;
  Condition?: Record<string, Record<string, string>>;
}

/** The value of a condition key whatever its operator; keys are spelt `AWS:SourceArn` or `aws:SourceArn`. */
function condition(statement: Statement, key: string): string | undefined {
  for (const test of Object.values(statement.Condition ?? {})) {
    for (const [name, value] of Object.entries(test)) if (name.toLowerCase() === key.toLowerCase()) return value;
  }
  return undefined;
}

const permission: Reader = {
  covers: ["Action", "Principal", "SourceArn", "SourceAccount"],
  async read(client, [name = "", id = ""]) {
    const { Policy } = await client.rest("lambda", { path: `${API}/${encodeURIComponent(name)}/policy` });
    const { Statement = [] } = document(Policy) as { Statement?: Statement[] };
    const found = Statement.find(({ Sid }) => Sid === id);
    if (!found) return undefined;
    const principal = typeof found.Principal === "string" ? found.Principal : Object.values(found.Principal ?? {})[0];
    return {
      Id: id,
      FunctionName: name,
      Action: found.Action,
      Principal: principal,
      SourceArn: condition(found, "aws:SourceArn"),
      SourceAccount: condition(found, "aws:SourceAccount"),
    };
  },
};

const eventInvokeConfig: Reader = {
  covers: ["MaximumRetryAttempts", "MaximumEventAgeInSeconds"],
  async read(client, [name = "", qualifier = "$LATEST"]) {
    const path = `/2019-09-25/functions/${encodeURIComponent(name)}/event-invoke-config`;
    const found = await client.rest("lambda", { path, query: { Qualifier: qualifier } });
    return { ...found, FunctionName: name, Qualifier: qualifier };
  },
};

export const lambda: Readonly<Record<string, Reader>> = {
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::Permission": permission,
  "AWS::Lambda::EventInvokeConfig": eventInvokeConfig,
};
