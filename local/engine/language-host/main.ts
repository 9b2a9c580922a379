/**
 * A small language host for Node.js programs, for an engine that came without one: built from Go modules it does not
 * bring `pulumi-language-nodejs`, and no registry has it. Started by the engine, prints its port, serves until the engine
 * closes its standard input, is gone, or sends SIGINT.
 */
import { fstatSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { engineVersion } from "../../setup/facts.mjs";
import { type Host, languageRuntime } from "./service.ts";

/** Bytes in one message: configuration and output may be large, the default of 4 MB is not enough for all. */
const MAX_MESSAGE = 400 * 1024 * 1024;
/** Milliseconds that running programs get to end with us. */
const graceMs = 1_500;

const version = engineVersion();
if (process.argv.some((argument) => /^--?version$/.test(argument))) {
  console.log(version);
  process.exit(0);
}
const last = process.argv.slice(2).at(-1) ?? "";
// Flags of logging and tracing come before it; they are the official host's.
const host: Host = {
  version,
  engineAddress: last.startsWith("-") ? "" : last,
  ending: new AbortController(),
  running: 0,
};

const server = new grpc.Server({
  "grpc.max_receive_message_length": MAX_MESSAGE,
  "grpc.max_send_message_length": MAX_MESSAGE,
});
server.addService(
  (service as unknown as { LanguageRuntimeService: grpc.ServiceDefinition }).LanguageRuntimeService,
  languageRuntime(host),
);

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  host.ending.abort();
  // The engine waits for us to be gone, each time; of its connection, which it may keep open, nothing more is expected.
  const leave = (): void => {
    if (host.running === 0) process.exit(0);
  };
  leave();
  setInterval(leave, 10);
  setTimeout(() => process.exit(0), graceMs).unref();
}
process.on("SIGINT", end);
process.on("SIGTERM", end);
process.on("SIGHUP", end);
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  // The engine holds the other end. When it is killed, nobody else would tell us.
  process.stdin.resume().on("end", end).on("error", end);
}

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(`the language host cannot listen on 127.0.0.1: ${error.message}`);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
