/** The `aws-native` provider: check, diff and outputs by the spec; the rest by the backend of the type. */
import type { Handlers, ResourceRequest } from "../server/handlers.ts";
import { hasUnknown, isObject, type Props, UNKNOWN, type Value } from "../server/wire.ts";
import { autoname } from "./autoname.ts";
import type { Backend, Live } from "./backend.ts";
import { checkInputs } from "./check.ts";
import { checkProviderConfig, defaultTags } from "./config.ts";
import { toCfn, toSdk } from "./convert.ts";
import { diffInputs } from "./diff.ts";
import { invoke } from "./invoke.ts";
import { liveInputs, previewOutputs } from "./outputs.ts";
import { fieldByCfn, type TypeSpec, typeSpec } from "./spec.ts";

/** Where things are: account and region of the emulated AWS, and what holds its resources. */
export interface World {
  readonly accountId: string;
  readonly region: string;
  readonly version: string;
  backendOf(spec: TypeSpec): Backend;
}

function specOf({ type }: Pick<ResourceRequest, "type">): TypeSpec {
  const spec = typeSpec(type);
  if (!spec) {
    throw new Error(
      `${type} is not a type of CloudFormation's service spec (@aws-cdk/aws-service-spec). ` +
        "Types of pulumi-aws-native's own would have to be added in local/provider/native/provider.ts.",
    );
  }
  return spec;
}

/** Inputs and outputs of a live resource, given what was asked for (undefined on import). */
function stateOf(spec: TypeSpec, live: Live, asked: Props | undefined): { inputs: Props; outputs: Props } {
  const model = toSdk(spec, live.model);
  const covered = new Set(live.covers.flatMap((name) => spec.properties.byCfn(name)?.sdk ?? []));
  const inputs = asked ? liveInputs(spec, asked, model, (sdk) => covered.has(sdk)) : importable(spec, model);
  // Properties nobody set may change through other resources (a role's attached policies), so they are told only where the
  // backend knows better; attributes and the identifier always are.
  const identifier = spec.primaryIdentifier.map((name) => fieldByCfn(spec, name)?.sdk);
  const told = Object.entries(model).filter(
    ([name]) => live.tellsAll || spec.attributes.bySdk(name) !== undefined || identifier.includes(name),
  );
  return { inputs, outputs: { ...Object.fromEntries(told), ...inputs, ...live.notes } };
}

/** What a program would have to say to have this resource: its settable properties. */
function importable(spec: TypeSpec, model: Props): Props {
  return Object.fromEntries(Object.entries(model).filter(([name]) => spec.properties.bySdk(name) !== undefined));
}

function withDefaultTags(spec: TypeSpec, inputs: Props, config: Props): Props {
  const extra = Object.entries(defaultTags(config));
  if (!spec.tags || extra.length === 0) return inputs;
  const { field, style } = spec.tags;
  const own = inputs[field.sdk];
  if (own === UNKNOWN) return inputs;
  if (style === "map")
    return { ...inputs, [field.sdk]: { ...Object.fromEntries(extra), ...(own as Props | undefined) } };
  if (own !== undefined && !Array.isArray(own)) return inputs;
  const list: Value[] = [...(own ?? [])];
  const has = (key: string) => list.some((tag) => isObject(tag) && tag.key === key);
  for (const [key, value] of extra.sort(([a], [b]) => (a < b ? -1 : 1))) if (!has(key)) list.push({ key, value });
  return { ...inputs, [field.sdk]: list };
}

export function nativeProvider(world: World): Handlers {
  const target = (spec: TypeSpec, urn: string, outputs: Props) => ({ spec, urn, outputs });
  return {
    name: "aws-native",
    version: world.version,
    checkConfig: (config) => checkProviderConfig(config, world),

    async check(request) {
      const spec = specOf(request);
      let inputs = request.news;
      const name = autoname(spec, request);
      if (name) inputs = { ...inputs, [name.field]: name.name };
      inputs = withDefaultTags(spec, inputs, request.config);
      return { inputs, failures: checkInputs(spec, inputs) };
    },

    async diff(request) {
      return diffInputs(specOf(request), request.oldInputs, request.news);
    },

    async create(request) {
      const spec = specOf(request);
      if (request.preview || hasUnknown(request.inputs))
        return { id: "", outputs: previewOutputs(spec, request.inputs) };
      const live = await world.backendOf(spec).create(target(spec, request.urn, {}), toCfn(spec, request.inputs));
      return { id: live.id, outputs: stateOf(spec, live, request.inputs).outputs };
    },

    async read(request) {
      const spec = specOf(request);
      const { inputs, outputs } = request.state ?? { inputs: {}, outputs: {} };
      const live = await world
        .backendOf(spec)
        .read(target(spec, request.urn, outputs), request.id, toCfn(spec, inputs));
      if (!live) return undefined;
      return { id: live.id, ...stateOf(spec, live, request.state && inputs) };
    },

    async update(request) {
      const spec = specOf(request);
      if (request.preview) return { outputs: previewOutputs(spec, request.news, request.oldOutputs) };
      const [recorded, wanted] = [toCfn(spec, request.oldInputs), toCfn(spec, request.news)];
      const live = await world
        .backendOf(spec)
        .update(target(spec, request.urn, request.oldOutputs), request.id, recorded, wanted);
      return { outputs: stateOf(spec, live, request.news).outputs };
    },

    async delete(request) {
      const spec = specOf(request);
      await world
        .backendOf(spec)
        .delete(target(spec, request.urn, request.oldOutputs), request.id, toCfn(spec, request.oldInputs));
    },

    invoke: (token, args) => invoke(token, args, world),
  };
}
