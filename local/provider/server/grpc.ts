/**
 * Pulumi's ResourceProvider service over {@link Handlers}.
 *
 * `@pulumi/pulumi/provider` has such a server too, but it hides what this provider needs: the preview flag of create and
 * update (so that a preview knows which outputs survive), detailed diffs, the old inputs, configuration, and the seed for
 * names. So the same protocol buffers are served here directly.
 */
import * as grpc from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import type { Autonaming, Change, Handlers, ResourceRequest } from "./handlers.ts";
import { unary, unimplemented } from "./unary.ts";
import { decode, encode, type Props } from "./wire.ts";

const { DiffResponse, PropertyDiff, CheckRequest } = proto;

/** Bytes in one message: state machines and inline code are large, the default of 4 MB is not enough for all. */
const MAX_MESSAGE = 400 * 1024 * 1024;

interface About {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

/** Type and name are fields since engine 3.130; an older engine leaves them empty and the URN has both. */
function about(request: About, config: Props): ResourceRequest {
  const urn = request.getUrn();
  const parts = urn.split("::");
  const type = request.getType() || (parts[2] ?? "").split("$").at(-1) || "";
  return { urn, type, name: request.getName() || parts.slice(3).join("::"), config };
}

function changeKind(change: Change): 0 | 1 | 2 | 3 | 4 | 5 {
  const { Kind } = PropertyDiff;
  if (change.kind === "add") return change.replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (change.kind === "delete") return change.replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return change.replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

function autonaming(options: InstanceType<typeof CheckRequest.AutonamingOptions> | undefined): Autonaming | undefined {
  if (!options) return undefined;
  const modes = ["propose", "enforce", "disable"] as const;
  return { mode: modes[options.getMode()] ?? "propose", proposedName: options.getProposedName() };
}

function checkResponse(inputs: Props, failures: readonly { property: string; reason: string }[]) {
  const response = new proto.CheckResponse();
  if (failures.length === 0) response.setInputs(encode(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

/** `aws-native:config` values arrive as JSON text where they are not strings; provider resources send them typed. */
function parseConfig(config: Props): Props {
  const out: Props = {};
  for (const [name, value] of Object.entries(config)) {
    out[name] = value;
    if (typeof value !== "string" || !/^[[{]/.test(value)) continue;
    try {
      out[name] = JSON.parse(value);
    } catch {
      // Text that merely begins with a bracket stays text.
    }
  }
  return out;
}

function service(handlers: Handlers): grpc.UntypedServiceImplementation {
  // One process serves every provider instance of a run (default and explicit ones); each is its own connection.
  const configs = new Map<string, Props>();
  let latest: Props = {};
  const of = (peer: string) => configs.get(peer) ?? latest;
  const empty = () => new emptyProto.Empty();

  return {
    handshake: unimplemented,
    parameterize: unimplemented,
    construct: unimplemented,
    call: unimplemented,
    getMapping: unimplemented,
    getMappings: unimplemented,
    attach: unary(empty),
    cancel: unary(empty),
    getPluginInfo: unary(() => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(handlers.version);
      return info;
    }),
    getSchema: unary(() => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: handlers.name, version: handlers.version }));
      return response;
    }),
    checkConfig: unary((request) => {
      const news = decode(request.getNews());
      return checkResponse(news, handlers.checkConfig(parseConfig(news)));
    }),
    // Another region or account is another place: everything in it would have to be made anew.
    diffConfig: unary((request) => {
      const [olds, news] = [decode(request.getOldInputs() ?? request.getOlds()), decode(request.getNews())];
      const changed = Object.keys({ ...olds, ...news }).filter(
        (key) => key !== "version" && JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
      );
      const response = new DiffResponse();
      response.setChanges(changed.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
      response.setReplacesList(changed.filter((key) => key === "region"));
      return response;
    }),
    configure: unary((request, peer) => {
      latest = parseConfig(decode(request.getArgs()));
      configs.set(peer, latest);
      const response = new proto.ConfigureResponse();
      // Secrets stay with the engine: it unwraps what it sends and marks the same properties in what comes back.
      response.setAcceptsecrets(false);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    check: unary(async (request, peer) => {
      const { inputs, failures } = await handlers.check({
        ...about(request, of(peer)),
        olds: decode(request.getOlds()),
        news: decode(request.getNews()),
        randomSeed: request.getRandomseed_asU8(),
        autonaming: autonaming(request.getAutonaming()),
      });
      return checkResponse(inputs, failures);
    }),
    diff: unary(async (request, peer) => {
      const { changes, deleteBeforeReplace } = await handlers.diff({
        ...about(request, of(peer)),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()),
        oldOutputs: decode(request.getOlds()),
        news: decode(request.getNews()),
      });
      const response = new DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
      response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
      const top = (list: readonly Change[]) => [...new Set(list.map(({ path }) => path.split(/[.[]/)[0] ?? path))];
      response.setDiffsList(top(changes));
      response.setReplacesList(top(changes.filter(({ replace }) => replace)));
      response.setHasdetaileddiff(true);
      for (const change of changes) {
        const detail = new PropertyDiff();
        detail.setKind(changeKind(change));
        detail.setInputdiff(true);
        response.getDetaileddiffMap().set(change.path, detail);
      }
      response.setDeletebeforereplace(deleteBeforeReplace);
      return response;
    }),
    create: unary(async (request, peer) => {
      const inputs = decode(request.getProperties());
      const made = await handlers.create({ ...about(request, of(peer)), inputs, preview: request.getPreview() });
      const response = new proto.CreateResponse();
      response.setId(made.id);
      response.setProperties(encode(made.outputs));
      return response;
    }),
    read: unary(async (request, peer) => {
      const [outputs, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
      const known = Object.keys(outputs).length > 0 || Object.keys(inputs).length > 0;
      const state = known ? { inputs, outputs } : undefined;
      const found = await handlers.read({ ...about(request, of(peer)), id: request.getId(), state });
      const response = new proto.ReadResponse();
      if (!found) return response; // an empty id tells the engine that the resource is gone
      response.setId(found.id);
      response.setInputs(encode(found.inputs));
      response.setProperties(encode(found.outputs));
      return response;
    }),
    update: unary(async (request, peer) => {
      const { outputs } = await handlers.update({
        ...about(request, of(peer)),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()),
        oldOutputs: decode(request.getOlds()),
        news: decode(request.getNews()),
        preview: request.getPreview(),
      });
      const response = new proto.UpdateResponse();
      response.setProperties(encode(outputs));
      return response;
    }),
    delete: unary(async (request, peer) => {
      await handlers.delete({
        ...about(request, of(peer)),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()),
        oldOutputs: decode(request.getProperties()),
      });
      return empty();
    }),
    invoke: unary(async (request, peer) => {
      const response = new proto.InvokeResponse();
      response.setReturn(encode(await handlers.invoke(request.getTok(), decode(request.getArgs()), of(peer))));
      return response;
    }),
  };
}

/** Serves one provider on a free port of 127.0.0.1 and returns that port. */
export async function serve(handlers: Handlers): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.max_send_message_length": MAX_MESSAGE,
  });
  const definition = (providerService as unknown as { ResourceProviderService: grpc.ServiceDefinition })
    .ResourceProviderService;
  server.addService(definition, service(handlers));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}
