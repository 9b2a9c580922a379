import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import {
  configFaults,
  deploymentFaults,
  serverlessModelFaults,
} from "../../../local/sagemaker/control/endpoints/checks.ts";
import { pickVariant, Serving, type ServingVariant } from "../../../local/sagemaker/control/endpoints/serving.ts";
import { alarmsOf, trafficSteps } from "../../../local/sagemaker/control/endpoints/traffic.ts";
import { Worker } from "../../../local/sagemaker/control/endpoints/worker.ts";
import type { ModelServer } from "../../../local/sagemaker/run/types.ts";

const SERVERLESS = { VariantName: "a", ModelName: "m", ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 2 } };
const INSTANCES = { VariantName: "a", ModelName: "m", InstanceType: "ml.m5.large", InitialInstanceCount: 1 };

describe("endpoint configurations that AWS refuses", () => {
  it("takes a plain one of each kind", () => {
    assert.deepEqual(configFaults({ ProductionVariants: [SERVERLESS] }), []);
    assert.deepEqual(configFaults({ ProductionVariants: [INSTANCES, { ...INSTANCES, VariantName: "b" }] }), []);
  });

  const cases: [string, object, RegExp][] = [
    [
      "two serverless variants",
      { ProductionVariants: [SERVERLESS, { ...SERVERLESS, VariantName: "b" }] },
      /do not support multiple production variants/,
    ],
    [
      "serverless with capture",
      { ProductionVariants: [SERVERLESS], DataCaptureConfig: { EnableCapture: true } },
      /data capture/,
    ],
    [
      "serverless with a shadow",
      { ProductionVariants: [SERVERLESS], ShadowProductionVariants: [{ ...INSTANCES, VariantName: "s" }] },
      /shadow production variants/,
    ],
    [
      "serverless and asynchronous",
      { ProductionVariants: [SERVERLESS], AsyncInferenceConfig: {} },
      /asynchronous inference/,
    ],
    ["serverless in a VPC", { ProductionVariants: [SERVERLESS], VpcConfig: {} }, /VPC/],
    ["serverless isolated", { ProductionVariants: [SERVERLESS], EnableNetworkIsolation: true }, /network isolation/],
    [
      "both kinds in one variant",
      { ProductionVariants: [{ ...SERVERLESS, ...INSTANCES }] },
      /cannot be specified together with ServerlessConfig/,
    ],
    [
      "neither kind",
      { ProductionVariants: [{ VariantName: "a", ModelName: "m" }] },
      /are required for a variant without ServerlessConfig/,
    ],
    [
      "memory between the steps",
      { ProductionVariants: [{ ...SERVERLESS, ServerlessConfig: { MemorySizeInMB: 1500, MaxConcurrency: 1 } }] },
      /MemorySizeInMB must be 1024, 2048/,
    ],
    [
      "more provisioned than concurrent",
      {
        ProductionVariants: [
          { ...SERVERLESS, ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1, ProvisionedConcurrency: 2 } },
        ],
      },
      /ProvisionedConcurrency must be less than or equal to MaxConcurrency \(1\)/,
    ],
    ["a name twice", { ProductionVariants: [INSTANCES, INSTANCES] }, /a is given twice/],
    [
      "managed scaling",
      { ProductionVariants: [{ ...INSTANCES, ManagedInstanceScaling: {} }] },
      /^ManagedInstanceScaling is only supported for inference component endpoints\.$/,
    ],
  ];
  for (const [name, input, fault] of cases)
    it(`refuses ${name}`, () => {
      const faults = configFaults(input as never);
      assert.equal(faults.length, 1, faults.join(" | "));
      assert.match(faults[0] ?? "", fault);
    });

  it("refuses models that cannot be serverless", () => {
    assert.deepEqual(serverlessModelFaults({ PrimaryContainer: {} }), []);
    const faults = serverlessModelFaults({ Containers: [{}, {}], VpcConfig: {}, EnableNetworkIsolation: true });
    assert.equal(faults.length, 3);
  });
});

describe("deployment guardrails", () => {
  const canary = (Value: number, wait = 60) => ({
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: "CANARY",
        WaitIntervalInSeconds: wait,
        CanarySize: { Type: "CAPACITY_PERCENT", Value },
      },
    },
  });
  const linear = (Value: number) => ({
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: "LINEAR",
        WaitIntervalInSeconds: 5,
        LinearStepSize: { Type: "CAPACITY_PERCENT", Value },
      },
    },
  });

  it("shifts a canary, then the rest", () => {
    assert.deepEqual(trafficSteps(canary(25), 4, false), [
      { share: 0.25, seconds: 60 },
      { share: 1, seconds: 60 },
    ]);
    assert.deepEqual(trafficSteps(canary(25), 4, true), [{ share: 1, seconds: 60 }]);
    assert.deepEqual(trafficSteps(undefined, 1, false), [{ share: 1, seconds: 0 }]);
  });

  it("rises with each step and ends at all traffic (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 50 }), fc.integer({ min: 1, max: 9 }), (percent, instances) => {
        for (const policy of [
          linear(percent),
          { RollingUpdatePolicy: { MaximumBatchSize: { Type: "INSTANCE_COUNT", Value: 1 } } },
        ]) {
          const shares = trafficSteps(policy, instances, false).map((step) => step.share);
          assert.equal(shares.at(-1), 1);
          for (const [index, share] of shares.entries())
            assert.ok(share > (shares[index - 1] ?? 0) && share <= 1, String(shares));
        }
      }),
    );
  });

  it("names what is wrong with a policy", () => {
    assert.deepEqual(deploymentFaults(undefined, []), []);
    assert.deepEqual(deploymentFaults(canary(50), [INSTANCES]), []);
    assert.match(deploymentFaults(canary(51), [INSTANCES])[0] ?? "", /CanarySize must be .* 50%.*got 51%/);
    assert.match(deploymentFaults(linear(9), [INSTANCES])[0] ?? "", /LinearStepSize must be 10% to 50%.*got 9%/);
    assert.match(deploymentFaults({ RollingUpdatePolicy: {} }, [SERVERLESS])[0] ?? "", /not supported for serverless/);
    assert.match(deploymentFaults({ ...canary(5), RollingUpdatePolicy: {} }, [INSTANCES])[0] ?? "", /Only one of/);
  });

  it("finds the alarms", () => {
    assert.deepEqual(alarmsOf({ AutoRollbackConfiguration: { Alarms: [{ AlarmName: "a" }, { AlarmName: "b" }] } }), [
      "a",
      "b",
    ]);
    assert.deepEqual(alarmsOf({}), []);
  });
});

describe("traffic", () => {
  const variant = (name: string, weight: number): ServingVariant =>
    ({ name, weight, definition: INSTANCES, worker: {} as Worker }) as ServingVariant;

  it("goes to variants by weight, never to one of weight zero (property)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (weights, random) => {
          const fleet = { configName: "c", variants: weights.map((weight, index) => variant(`v${index}`, weight)) };
          const picked = pickVariant(fleet, undefined, random);
          if (weights.every((weight) => weight === 0)) assert.equal(picked, undefined);
          else assert.ok((picked?.weight ?? 0) > 0);
        },
      ),
    );
  });

  it("takes the variant that is asked for", () => {
    const fleet = { configName: "c", variants: [variant("a", 1), variant("b", 0)] };
    assert.equal(pickVariant(fleet, "b", 0)?.name, "b");
    assert.equal(pickVariant(fleet, "c", 0), undefined);
  });

  it("shares calls between the fleet and the next one while a deployment bakes", () => {
    const serving = new Serving();
    const [old, next] = ["old", "new"].map((configName) => ({ configName, variants: [] }));
    assert.ok(old && next);
    serving.put("e", old);
    serving.shift("e", next, 0.25);
    assert.equal(serving.route("e", 0.2)?.configName, "new");
    assert.equal(serving.route("e", 0.3)?.configName, "old");
    serving.unshift("e");
    assert.equal(serving.route("e", 0)?.configName, "old");
    assert.equal(serving.put("e", next), old);
    assert.equal(serving.route("none", 0), undefined);
  });
});

describe("a variant's worker", () => {
  interface Fake extends ModelServer {
    stopped: boolean;
    status: number;
  }
  const servers: Fake[] = [];
  const start = async (): Promise<ModelServer> => {
    const server: Fake = {
      pid: servers.length,
      stopped: false,
      status: 200,
      invoke: async () => ({ status: server.status, body: Buffer.from(String(server.pid)) }),
      stop: async () => {
        server.stopped = true;
      },
    };
    servers.push(server);
    return server;
  };
  const call = async (worker: Worker): Promise<string> =>
    Buffer.from((await worker.invoke({ body: Buffer.from("") })).body).toString();
  beforeEach(() => void servers.splice(0));

  it("starts once for calls at the same time", async () => {
    const worker = new Worker(start);
    assert.deepEqual(await Promise.all([call(worker), call(worker)]), ["0", "0"]);
    await worker.stop();
    assert.equal(servers[0]?.stopped, true);
    await assert.rejects(call(worker), /has been ended/);
  });

  it("ends when idle and starts again with the next call", async () => {
    const worker = new Worker(start, 20);
    await call(worker);
    await sleep(60);
    assert.equal(servers[0]?.stopped, true);
    assert.equal(await call(worker), "1");
    await worker.stop();
  });

  it("replaces a server that has died", async () => {
    const worker = new Worker(start);
    await worker.ready();
    const [dead] = servers;
    assert.ok(dead);
    dead.status = 503;
    assert.equal(await call(worker), "1");
    await worker.stop();
  });

  it("tries again after a failed start", async () => {
    let fail = true;
    const worker = new Worker(async () => {
      if (fail) throw new Error("no model");
      return start();
    });
    await assert.rejects(worker.ready(), /no model/);
    fail = false;
    assert.equal(await call(worker), "0");
    await worker.stop();
  });
});
