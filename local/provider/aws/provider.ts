/** The `aws` provider: the few types and functions of the classic provider that the estate uses, a small file each. */
import type { Client } from "../emulator/client.ts";
import { checkProviderConfig } from "../native/config.ts";
import type { Handlers } from "../server/handlers.ts";
import { hasUnknown } from "../server/wire.ts";
import { bucketObjectv2 } from "./bucket-object.ts";
import { budget } from "./budget.ts";
import { getCallerIdentity } from "./caller-identity.ts";
import { getPartition } from "./partition.ts";
import { getRegion } from "./region.ts";
import type { FunctionType, ResourceType } from "./type.ts";

/** To add a type: its file in this folder, and its token here. */
const TYPES: Readonly<Record<string, ResourceType>> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": bucketObjectv2,
  "aws:budgets/budget:Budget": budget,
};

/** To add a function: its file in this folder, and its token here. */
const FUNCTIONS: Readonly<Record<string, FunctionType>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getRegion:getRegion": getRegion,
  "aws:index/getPartition:getPartition": getPartition,
};

/** `bucketObjectv2` to `bucket-objectv2`: the file a missing type would live in. */
function fileOf(token: string): string {
  const name = token.split(":")[2] ?? token;
  return name
    .replace(/^get(?=[A-Z])/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase();
}

function missing(kind: string, token: string): Error {
  return new Error(
    `${kind} ${token} is not part of the local provider: add local/provider/aws/${fileOf(token)}.ts and its token to local/provider/aws/provider.ts`,
  );
}

function typeOf(token: string): ResourceType {
  const type = TYPES[token];
  if (!type) throw missing("the type", token);
  return type;
}

export function classicProvider(client: Client, version: string): Handlers {
  return {
    name: "aws",
    version,
    checkConfig: (config) => checkProviderConfig(config, client.place),
    check: async ({ type, news, name }) => typeOf(type).check(news, name),
    // Physical names are unique here too, but these types are replaced by place (bucket, key), so the new one may come first.
    diff: async ({ type, oldInputs, news }) => ({
      changes: typeOf(type).diff(oldInputs, news),
      deleteBeforeReplace: false,
    }),
    async create({ type, inputs, preview }) {
      if (preview || hasUnknown(inputs)) return { id: "", outputs: typeOf(type).preview(inputs, undefined) };
      return typeOf(type).create(client, inputs);
    },
    async read({ type, id, state }) {
      const found = await typeOf(type).read(client, id, state?.inputs, state?.outputs ?? {});
      return found && { id, ...found };
    },
    async update({ type, id, oldOutputs, news, preview }) {
      if (preview) return { outputs: typeOf(type).preview(news, oldOutputs) };
      return { outputs: await typeOf(type).update(client, id, news) };
    },
    delete: ({ type, id, oldOutputs }) => typeOf(type).delete(client, id, oldOutputs),
    async invoke(token, args) {
      const run = FUNCTIONS[token];
      if (!run) throw missing("the function", token);
      return run(client, args);
    },
  };
}
