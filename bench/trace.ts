/**
 * Tracing in a graph of 10,000 artefacts against one of 100, against the SageMaker front: seconds and calls, as ratios.
 *
 *   node bench/trace.ts [artefacts]
 *
 * Each model has a job, an artefact and a package of its own; 20 share a dataset version; one in 100 has an endpoint. The
 * front is the rehearsal's, with authorisation answered at once, so that what is measured is the trace and the graph.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { traceSubject } from "../cli/trace/trace.ts";
import { desiredGraph, type PackageFacts } from "../contracts/lineage-graph.ts";
import { artifactKey, s3Uri } from "../contracts/paths.ts";
import { awsStore } from "../functions/record-lineage/store.ts";
import { bringAbout } from "../functions/record-lineage/write.ts";
import { ROSTER } from "../local/sagemaker/control/roster.ts";
import type { Front, Json } from "../local/sagemaker/server/front.ts";
import { readSettings } from "../local/sagemaker/server/settings.ts";
import { startFront } from "../local/sagemaker/server/start.ts";
import { ensureVenv } from "../local/setup/venv.ts";

const account = "111122223333";
const region = "us-east-1";
const arn = (rest: string): string => `arn:aws:sagemaker:${region}:${account}:${rest}`;
const hex = (n: number, length = 64): string => n.toString(16).padStart(length, "0");
const MODELS_PER_DATASET = 20;
const MODELS_PER_ENDPOINT = 100;
const buckets = { dataBucket: "data", artifactBucket: "artifacts" };

interface Measured {
  readonly subject: string;
  readonly nodes: number;
  readonly calls: number;
  readonly seconds: number;
}

/** Facts of one model of the bench's estate. */
function modelFacts(n: number): PackageFacts {
  const version = `bench@sha256:${hex(Math.floor(n / MODELS_PER_DATASET))}`;
  const digest = `sha256:${hex(n)}`;
  return {
    kind: "package",
    arn: arn(`model-package/bench/${n + 1}`),
    record: { datasetVersion: version, run: `run-${n % 50}`, trainingJob: `job-${n}`, artifactDigest: digest },
    artifactUri: s3Uri(buckets.artifactBucket, artifactKey(digest)),
    job: {
      kind: "job",
      arn: arn(`training-job/job-${n}`),
      status: "Completed",
      dataset: { version, bucket: buckets.dataBucket },
      run: `run-${n % 50}`,
    },
    decisions: [{ decision: "Approved", decidedBy: "ada", decidedAt: `2026-01-01T00:00:${n}`, comment: "-" }],
  };
}

/** Fills a front of its own with so many models, and traces from several places. */
export async function measure(models: number): Promise<Measured[]> {
  const { python } = await ensureVenv();
  const allow = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ allowed: true, principalArn: `arn:aws:iam::${account}:root` }));
  });
  await new Promise<void>((resolve) => allow.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(allow.address() as AddressInfo).port}`;
  const settings = readSettings({
    FRONT_PORT: "0",
    MINISTACK_URL: url,
    MOTO_URL: url,
    FRONT_WORKDIR: process.env.TMPDIR ?? "/tmp",
    FRONT_PYTHON: python,
    AWS_ACCOUNT_ID: account,
    AWS_REGION: region,
  });
  const running = await startFront(settings);
  try {
    const sagemaker = new SageMakerClient({
      endpoint: running.url,
      region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    await fill(running.front, models);
    let calls = 0;
    sagemaker.middlewareStack.add(
      (next) => (args) => {
        calls += 1;
        return next(args);
      },
      { step: "initialize" },
    );
    const middle = Math.floor(models / 2);
    const subjects = [
      arn(`model-package/bench/${middle + 1}`),
      `bench@sha256:${hex(Math.floor(middle / MODELS_PER_DATASET))}`,
      `sha256:${hex(middle)}`,
      arn(`training-job/job-${middle}`),
      arn("endpoint/bench-0"),
    ];
    const measured: Measured[] = [];
    for (const subject of subjects) {
      await traceSubject(sagemaker, subject, buckets);
      calls = 0;
      const start = performance.now();
      const { nodes } = await traceSubject(sagemaker, subject, buckets);
      measured.push({ subject, nodes: nodes.length, calls, seconds: (performance.now() - start) / 1000 });
    }
    sagemaker.destroy();
    return measured;
  } finally {
    await running.stop();
    allow.closeAllConnections();
    await new Promise<void>((resolve) => allow.close(() => resolve()));
  }
}

/** Entities and associations by the recorder's own writer, through the front's operations without HTTP: 100,000 of them. */
async function fill(front: Front, models: number): Promise<void> {
  const sagemaker = { send: (command: Sent) => operate(front, command) } as unknown as SageMakerClient;
  // The graph is known to be empty, so nothing is looked for.
  const blind = { ...awsStore(sagemaker), find: async () => [], associated: async () => false };
  const known = new Map<string, string>();
  const linked = new Set<string>();
  const packages = Array.from({ length: models }, (_, n) => modelFacts(n));
  for (const facts of packages) await bringAbout(blind, desiredGraph([facts]), { known, linked });
  for (let n = 0; n < models; n += MODELS_PER_ENDPOINT) {
    const served = packages[n] as PackageFacts;
    const name = arn(`endpoint/bench-${n / MODELS_PER_ENDPOINT}`);
    await bringAbout(blind, desiredGraph([{ kind: "endpoint", arn: name, packages: [served] }]), { known, linked });
  }
}

interface Sent {
  readonly input: Json;
  readonly constructor: { readonly name: string };
}

async function operate(front: Front, sent: Sent): Promise<unknown> {
  const operation = sent.constructor.name.replace(/Command$/, "");
  const raw = { method: "POST", path: "/", query: "", headers: {}, body: new Uint8Array() };
  return ROSTER[operation]?.(front, { operation, input: sent.input, raw, principalArn: "bench" });
}

if (import.meta.main) {
  const models = Number(process.argv[2] ?? 10_000);
  const small = await measure(100);
  const large = await measure(models);
  console.log(`trace in a graph of ${models} artefacts, and as a ratio to one of 100`);
  for (const [index, one] of large.entries()) {
    const base = small[index] as Measured;
    const ratio = (a: number, b: number): string => (a / b).toFixed(2);
    console.log(
      `${one.subject.replace(/0{20,}/, "0…")}: ${one.seconds.toFixed(3)} s (×${ratio(one.seconds, base.seconds)}), ${one.calls} calls (×${ratio(one.calls, base.calls)}), ${one.nodes} nodes`,
    );
  }
}
