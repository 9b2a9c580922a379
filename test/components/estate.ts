/** The whole program under mocks: every resource that it registers, with the inputs that a provider would get. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeSettings from "@pulumi/pulumi/runtime/settings.js";
import type { Statement } from "../../contracts/iam.ts";

const yaml = createRequire(import.meta.url)("js-yaml") as { load(text: string): unknown };

export interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are as varied as AWS's types, and the tests read them deep
  readonly inputs: any;
  /** Names of what was declared to come before it. */
  readonly after: readonly string[];
  readonly protect: boolean;
}

export interface Estate {
  readonly resources: readonly Registered[];
  readonly outputs: Readonly<Record<string, unknown>>;
  of(type: string): Registered[];
  named(type: string, name: string): Registered;
}

export const account = "111122223333";
export const pinnedArn = `arn:aws:sagemaker:us-east-1:${account}:model-package/frugal-dev-breast-cancer/3`;

/** The least that a stage must say. */
export const leastConfig: Readonly<Record<string, unknown>> = {
  "aws:region": "us-east-1",
  "aws-native:region": "us-east-1",
  "frugal-mlops:owner": "ml-team",
  "frugal-mlops:approval": { approvers: ["a@example.com", "b@example.com"], sender: "ml@example.com" },
};

/** What the stage's own file says (Pulumi.<stage>.yaml). */
export function stageConfig(stage: string): Record<string, unknown> {
  const text = readFileSync(resolve(import.meta.dirname, "../..", `Pulumi.${stage}.yaml`), "utf8");
  return (yaml.load(text) as { config: Record<string, unknown> }).config;
}

let runs = 0;

/** Runs index.ts; `packages` are the model packages that the account knows, by ARN. */
export async function runProgram(
  stage: string,
  config: Readonly<Record<string, unknown>> = {},
  packages: Readonly<Record<string, Record<string, string>>> = {},
): Promise<Estate> {
  const resources: Registered[] = [];
  const requests = new Map<string, { after: string[]; protect: boolean }>();
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        resources.push({ type, name, inputs, ...(requests.get(`${type} ${name}`) ?? { after: [], protect: false }) });
        const made: Record<string, unknown> = { ...inputs };
        if (type === "aws-native:apigatewayv2:Api") {
          Object.assign(made, { apiId: "api1", apiEndpoint: "https://api1.execute-api.us-east-1.amazonaws.com" });
        }
        if (type === "aws-native:apigatewayv2:Integration") made.integrationId = "int1";
        if (type === "aws-native:sqs:Queue")
          made.queueUrl = `https://sqs.us-east-1.amazonaws.com/${account}/${inputs.queueName}`;
        if (type === "aws-native:kms:Key") {
          made.keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
          made.arn = `arn:aws:kms:us-east-1:${account}:key/${made.keyId}`;
        }
        return { id: `${name}-id`, state: made };
      },
      call({ token, inputs }) {
        if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: account };
        if (token === "aws-native:sagemaker:getModelPackage") {
          const metadata = packages[inputs.modelPackageArn as string];
          if (metadata === undefined) throw new Error(`there is no ${inputs.modelPackageArn}`);
          return { customerMetadataProperties: metadata };
        }
        throw new Error(`unexpected look-up ${token}`);
      },
    },
    "frugal-mlops",
    stage,
    false,
  );
  watchRequests(requests);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries({ ...leastConfig, ...config }).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );
  runs += 1;
  const outputs = await plain({ ...((await import(`../../index.ts?mocked=${runs}`)) as Record<string, unknown>) });
  await settled(resources);
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  return {
    resources,
    outputs,
    of,
    named(type, name) {
      const found = of(type).find((resource) => resource.name === name);
      if (!found) throw new Error(`no ${type} called ${name}; there are ${of(type).map((one) => one.name)}`);
      return found;
    },
  };
}

/** Mocks are not told of dependencies and protection; the request to the monitor is. */
function watchRequests(requests: Map<string, { after: string[]; protect: boolean }>): void {
  // biome-ignore lint/suspicious/noExplicitAny: the monitor is not part of the SDK's public types
  const monitor = (runtimeSettings as any).getMonitor();
  const register = monitor.registerResource.bind(monitor);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  monitor.registerResource = (request: any, callback: unknown) => {
    const after = (request.getDependenciesList() as string[]).map((urn) => urn.split("::").at(-1) ?? urn);
    requests.set(`${request.getType()} ${request.getName()}`, { after, protect: request.getProtect() === true });
    return register(request, callback);
  };
}

async function plain(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const known = await Promise.all(
    Object.entries(outputs).map(async ([name, value]) => [
      name,
      pulumi.Output.isInstance(value) ? await new Promise((resolve) => value.apply(resolve)) : value,
    ]),
  );
  return Object.fromEntries(known);
}

/** Registrations run on after the program; they are over when a while brings no more. */
async function settled(resources: readonly unknown[]): Promise<void> {
  for (let before = -1, quiet = 0; quiet < 5; ) {
    quiet = before === resources.length ? quiet + 1 : 0;
    before = resources.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Tags by key, whichever form the type takes. */
export function tagsOf({ inputs }: Registered): Record<string, string> {
  if (!Array.isArray(inputs.tags)) return inputs.tags ?? {};
  return Object.fromEntries(inputs.tags.map(({ key, value }: { key: string; value: string }) => [key, value]));
}

/** What a role is granted. */
export function grantsOf({ inputs }: Registered): Statement[] {
  return inputs.policies.flatMap(
    ({ policyDocument }: { policyDocument: { Statement: Statement[] } }) => policyDocument.Statement,
  );
}

/** One or many, as many. */
export const list = (value: string | string[]) => [value].flat();
