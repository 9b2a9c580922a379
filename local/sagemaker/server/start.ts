/** Puts the front together and lets it listen. Used by main.ts, and by tests with a run half of their own. */
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Serving } from "../control/endpoints/serving.ts";
import { LineageGraph } from "../control/lineage/graph.ts";
import { objectChecker } from "../control/s3.ts";
import { Store } from "../control/store.ts";
import { EventBus } from "../events/bus.ts";
import { Rehearsal } from "../iam/rehearsal.ts";
import type { RunContext } from "../run/types.ts";
import { loadModel } from "../validate/model.ts";
import type { Front, RunHalf } from "./front.ts";
import { frontServer } from "./http.ts";
import { Moto } from "./moto.ts";
import type { Settings } from "./settings.ts";

/** The run half, each part loaded by its first job. */
const lazyRun: RunHalf = {
  training: async (...args) => (await import("../run/training.ts")).runTraining(...args),
  processing: async (...args) => (await import("../run/processing.ts")).runProcessing(...args),
  transform: async (...args) => (await import("../run/transform.ts")).runTransform(...args),
  server: async (...args) => (await import("../run/pipeline.ts")).startModel(...args),
};

export interface RunningFront {
  readonly front: Front;
  readonly port: number;
  readonly url: string;
  /** Ends jobs and model servers, then the server. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log?: (line: string) => void;
  readonly run?: RunHalf;
  readonly objectExists?: Front["objectExists"];
}

/** Milliseconds that jobs and model servers get to end when the front ends; what is left then ends with the process. */
const STOP_MS = 1_500;

export async function startFront(settings: Settings, options: StartOptions = {}): Promise<RunningFront> {
  const log = options.log ?? (() => {});
  const { ministackUrl, region, accountId, python, workdir } = settings;
  const context: RunContext & { sagemakerUrl: string } = {
    python,
    workdir,
    ministackUrl,
    region,
    accountId,
    sagemakerUrl: "",
    log,
  };
  const front: Front = {
    settings,
    model: loadModel(python, "sagemaker"),
    store: new Store(),
    graph: new LineageGraph(),
    serving: new Serving(),
    events: new EventBus({ ministackUrl, repeat: settings.repeatEvents, log }),
    rehearsal: new Rehearsal(ministackUrl),
    moto: new Moto(settings),
    run: options.run ?? lazyRun,
    context,
    objectExists: options.objectExists ?? objectChecker(ministackUrl, region, log),
    background: new Set(),
    log,
  };
  const server = frontServer(front);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  context.sagemakerUrl = url;
  return {
    front,
    port,
    url,
    stop: async () => {
      for (const controller of front.background) controller.abort();
      const deadline = Date.now() + STOP_MS;
      await Promise.race([front.serving.stopAll(), sleep(STOP_MS, undefined, { ref: false })]);
      while (front.background.size > 0 && Date.now() < deadline) await sleep(20);
      front.events.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
