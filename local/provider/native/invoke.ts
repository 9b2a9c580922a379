/** Functions of `aws-native`: look-ups of any type (`get<Type>`) and the small ones of the index module. */
import type { Props } from "../server/wire.ts";
import { toCfn, toSdk } from "./convert.ts";
import type { World } from "./provider.ts";
import { type TypeSpec, typeSpec } from "./spec.ts";

const INDEX: Readonly<Record<string, (world: World) => Props>> = {
  "aws-native:index:getAccountId": ({ accountId }) => ({ accountId }),
  "aws-native:index:getRegion": ({ region }) => ({ region }),
  "aws-native:index:getPartition": () => ({ partition: "aws" }),
  "aws-native:index:getUrlSuffix": () => ({ urlSuffix: "amazonaws.com" }),
};

/** The id of a look-up's arguments: they are the primary identifier's values. */
function idOf(token: string, spec: TypeSpec, args: Props): string {
  const given = {
    ...toCfn(spec, args),
    ...Object.fromEntries(spec.attributes.all.map(({ cfn, sdk }) => [cfn, args[sdk]])),
  } as Record<string, unknown>;
  const parts = spec.primaryIdentifier.map((name) => given[name] ?? toCfn(spec, args)[name]);
  const missing = spec.primaryIdentifier.filter((_, at) => typeof parts[at] !== "string");
  if (missing.length > 0) throw new Error(`${token}: ${missing.join(", ")} must be given`);
  return parts.join("|");
}

/** Runs a function, or refuses it with the place where it would have to be added. */
export async function invoke(token: string, args: Props, world: World): Promise<Props> {
  const simple = INDEX[token];
  if (simple) return simple(world);
  const [, module = "", name = ""] = token.split(":");
  const spec = name.startsWith("get") ? typeSpec(`aws-native:${module}:${name.slice("get".length)}`) : undefined;
  if (!spec)
    throw new Error(
      `the function ${token} is not part of the local provider: add it to local/provider/native/invoke.ts`,
    );
  const id = idOf(token, spec, args);
  const live = await world.backendOf(spec).read({ spec, urn: "", outputs: {} }, id, {});
  if (!live) throw new Error(`${token}: ${spec.cfnType} ${id} does not exist`);
  // The real look-ups leave out what only a new resource can change.
  const told = toSdk(spec, live.model);
  return Object.fromEntries(
    Object.entries(told).filter(([sdk]) => !spec.properties.bySdk(sdk)?.replaces || spec.attributes.bySdk(sdk)),
  );
}
