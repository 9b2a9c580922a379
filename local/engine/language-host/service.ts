/** The engine's LanguageRuntime service: the methods that preview, up, refresh, destroy and about call. */
import * as grpc from "@grpc/grpc-js";
import proto from "@pulumi/pulumi/proto/language_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { programInfo } from "./options.ts";
import { dependencies, requiredPlugins } from "./packages.ts";
import { runPlugin } from "./plugin.ts";
import { runProgram } from "./program.ts";

export interface Host {
  /** Version of the engine this stands beside. */
  readonly version: string;
  /** Address for programs to log to; the handshake may bring another one than the command line. */
  engineAddress: string;
  /** Aborted when everything that runs is to end. */
  readonly ending: AbortController;
  /** Programs and policy packs that run. */
  running: number;
}

type Unary<Q, A> = (call: grpc.ServerUnaryCall<Q, A>, callback: grpc.sendUnaryData<A>) => void;

/** An async function as a gRPC method; a thrown Error's message is what the user reads. */
function unary<Q, A>(work: (request: Q, signal: AbortSignal) => Promise<A> | A): Unary<Q, A> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort());
    Promise.resolve()
      .then(() => work(call.request, cancelled.signal))
      .then(
        (answer) => callback(null, answer),
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
  };
}

const refuse =
  (what: string) =>
  (call: unknown, callback?: grpc.sendUnaryData<never>): void => {
    const fault = {
      code: grpc.status.UNIMPLEMENTED,
      details: `${what}: not part of this stand-in for pulumi-language-nodejs; the official Pulumi does it`,
    };
    if (callback) callback(fault);
    else (call as { emit(event: "error", fault: object): void }).emit("error", fault);
  };

export function languageRuntime(host: Host): grpc.UntypedServiceImplementation {
  const counted = async <Result>(work: Promise<Result>): Promise<Result> => {
    host.running++;
    try {
      return await work;
    } finally {
      host.running--;
    }
  };
  const both = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, host.ending.signal]);
  return {
    handshake: unary((request: InstanceType<typeof proto.LanguageHandshakeRequest>) => {
      host.engineAddress = request.getEngineAddress();
      return new proto.LanguageHandshakeResponse();
    }),

    getPluginInfo: unary(() => {
      const answer = new pluginProto.PluginInfo();
      answer.setVersion(host.version);
      return answer;
    }),

    getRequiredPackages: unary((request: InstanceType<typeof proto.GetRequiredPackagesRequest>) => {
      const answer = new proto.GetRequiredPackagesResponse();
      answer.setPackagesList(
        requiredPlugins(programInfo(request.getInfo()).programDirectory).map(({ name, version, server }) => {
          const dependency = new pluginProto.PackageDependency();
          dependency.setName(name);
          dependency.setKind("resource");
          dependency.setVersion(version);
          dependency.setServer(server);
          return dependency;
        }),
      );
      return answer;
    }),

    getProgramDependencies: unary((request: InstanceType<typeof proto.GetProgramDependenciesRequest>) => {
      const answer = new proto.GetProgramDependenciesResponse();
      const { programDirectory } = programInfo(request.getInfo());
      answer.setDependenciesList(
        dependencies(programDirectory, request.getTransitivedependencies()).map(({ name, version }) => {
          const dependency = new proto.DependencyInfo();
          dependency.setName(name);
          dependency.setVersion(version);
          return dependency;
        }),
      );
      return answer;
    }),

    about: unary(() => {
      const answer = new proto.AboutResponse();
      answer.setExecutable(process.execPath);
      answer.setVersion(process.version);
      return answer;
    }),

    // Nothing is to be asked: package.json and the lock file decide how packages are installed.
    runtimeOptionsPrompts: unary(() => new proto.RuntimeOptionsResponse()),

    run: unary(async (request: InstanceType<typeof proto.RunRequest>, signal) => {
      const answer = new proto.RunResponse();
      const config = Object.fromEntries(request.getConfigMap().getEntryList() as [string, string][]);
      const program = runProgram(
        {
          info: programInfo(request.getInfo()),
          engineAddress: host.engineAddress,
          monitorAddress: request.getMonitorAddress(),
          organization: request.getOrganization(),
          project: request.getProject(),
          stack: request.getStack(),
          dryRun: request.getDryrun(),
          parallel: request.getParallel(),
          args: request.getArgsList(),
          config,
          configSecretKeys: request.getConfigsecretkeysList(),
        },
        both(signal),
      );
      const { error, bail } = await counted(program).catch((fault: Error) => ({ error: fault.message, bail: false }));
      answer.setError(error);
      answer.setBail(bail);
      return answer;
    }),

    runPlugin(
      call: grpc.ServerWritableStream<
        InstanceType<typeof proto.RunPluginRequest>,
        InstanceType<typeof proto.RunPluginResponse>
      >,
    ) {
      const cancelled = new AbortController();
      call.on("cancelled", () => cancelled.abort());
      const send = (fill: (answer: InstanceType<typeof proto.RunPluginResponse>) => void): void => {
        const answer = new proto.RunPluginResponse();
        fill(answer);
        if (!cancelled.signal.aborted) call.write(answer);
      };
      const { request } = call;
      Promise.resolve()
        .then(() =>
          counted(
            runPlugin(
              {
                info: programInfo(request.getInfo()),
                kind: request.getKind(),
                args: request.getArgsList(),
                env: request.getEnvList(),
              },
              {
                stdout: (chunk) => send((answer) => answer.setStdout(chunk)),
                stderr: (chunk) => send((answer) => answer.setStderr(chunk)),
              },
              both(cancelled.signal),
            ),
          ),
        )
        .then(
          (code) => {
            send((answer) => answer.setExitcode(code));
            call.end();
          },
          // A stream's error event is how its status is sent.
          (error: Error) => call.emit("error", { code: grpc.status.UNKNOWN, details: error.message }),
        );
    },

    cancel: unary(() => {
      host.ending.abort();
      return new emptyProto.Empty();
    }),

    // An engine of today asks for packages instead.
    getRequiredPlugins: refuse("GetRequiredPlugins"),
    installDependencies: refuse("installing dependencies (run `npm ci`)"),
    template: refuse("templates"),
    generateProgram: refuse("generating programs"),
    generateProject: refuse("generating projects"),
    generatePackage: refuse("generating SDKs"),
    pack: refuse("packing SDKs"),
    link: refuse("linking packages"),
  };
}
