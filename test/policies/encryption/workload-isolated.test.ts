import assert from "node:assert/strict";
import rule from "../../../policies/encryption/workload-isolated.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const AGAIN = "It is judged again when the update has made it known.";
const FIX = "Set it; SageMaker itself fetches the data and writes the results.";
const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";

const jobs: readonly (readonly [Provider, string, network: string, count: string])[] = [
  ["native", "job", "networkConfig.", "processingResources.clusterConfig.instanceCount"],
  ["classic", "job", "", "resourceConfig.instanceCount"],
  ["classic", "tuning", "trainingJobDefinition.", "trainingJobDefinition.resourceConfig.instanceCount"],
  ["classic", "tuningSeveral", "trainingJobDefinitions[0].", "trainingJobDefinitions[0].resourceConfig.instanceCount"],
  ...(["native", "classic"] as const).flatMap((provider) => [
    [
      provider,
      "monitoringSchedule",
      `${SCHEDULED}.networkConfig.`,
      `${SCHEDULED}.monitoringResources.clusterConfig.instanceCount`,
    ] as const,
    [provider, "dataQualityJobDefinition", "networkConfig.", "jobResources.clusterConfig.instanceCount"] as const,
  ]),
  ...["modelQuality", "modelBias", "modelExplainability"].map(
    (kind) => ["native", `${kind}JobDefinition`, "networkConfig.", "jobResources.clusterConfig.instanceCount"] as const,
  ),
];

describe("workload-isolated", () => {
  for (const [provider, family, network, count] of jobs) {
    const good = compliant(provider, family);
    const isolation = `${network}enableNetworkIsolation`;
    const traffic = `${network}enableInterContainerTrafficEncryption`;

    it(`${provider} ${family}: isolated`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
        ["true", '"true"'],
      ] as const) {
        violates(
          await analyze(rule, broken(good, isolation, value)),
          `workload-isolated/job: ${isolation} is ${shown}, must be true. ${FIX}`,
        );
      }
      notes(
        await analyze(rule, broken(good, isolation, UNKNOWN)),
        `workload-isolated/waits: ${isolation} is not known yet, must be true. ${LATER}`,
      );
    });

    it(`${provider} ${family}: several instances encrypt what they say`, async () => {
      const clear = broken(good, traffic, undefined);
      violates(await analyze(rule, clear));
      violates(await analyze(rule, broken(clear, count, undefined)));
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
      ] as const) {
        violates(
          await analyze(rule, broken(broken(good, traffic, value), count, 2)),
          `workload-isolated/traffic: ${traffic} is ${shown}, must be true, as there are 2 instances. Set it; what the instances exchange is data and gradients of it.`,
        );
      }
      violates(await analyze(rule, broken(broken(good, traffic, true), count, 2)));
      const [found] = await analyze(rule, broken(clear, count, "many"));
      assert.match(found?.text ?? "", /^workload-isolated\/traffic: /);
      notes(
        await analyze(rule, broken(clear, count, UNKNOWN)),
        `workload-isolated/waits: ${count} is not known yet, must be 1, or ${traffic} true. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(broken(good, traffic, UNKNOWN), count, 2)),
        `workload-isolated/waits: ${traffic} is not known yet, must be true, as there are 2 instances. ${LATER}`,
      );
    });
  }

  it("classic: groups of instances are added up", async () => {
    const job = broken(compliant("classic", "job"), "resourceConfig.instanceCount", undefined);
    const groups = (...counts: number[]) =>
      broken(
        job,
        "resourceConfig.instanceGroups",
        counts.map((instanceCount) => ({ instanceCount })),
      );
    violates(await analyze(rule, groups(1)));
    const [found] = await analyze(rule, groups(1, 1));
    assert.match(found?.text ?? "", /^workload-isolated\/traffic: .*as there are 2 instances/);
  });

  it("classic: a count that cannot be one, and a block that hides both", async () => {
    const job = broken(compliant("classic", "job"), "enableInterContainerTrafficEncryption", undefined);
    const traffic = (instances: string) =>
      `workload-isolated/traffic: enableInterContainerTrafficEncryption is absent, must be true, as there are ${instances} instances. Set it; what the instances exchange is data and gradients of it.`;
    violates(await analyze(rule, broken(job, "resourceConfig.instanceCount", "2")), traffic("2"));
    violates(await analyze(rule, broken(job, "resourceConfig.instanceCount", [])), traffic("several"));
    violates(await analyze(rule, broken(job, "resourceConfig", "x")), traffic("several"));
    const clear = broken(job, "enableInterContainerTrafficEncryption", "true");
    violates(
      await analyze(rule, broken(clear, "resourceConfig.instanceCount", 2)),
      traffic("2").replace("absent", '"true"'),
    );
    // One note for what hides everything.
    const tuning = compliant("classic", "tuning");
    notes(
      await analyze(rule, broken(tuning, "trainingJobDefinition", UNKNOWN)),
      `workload-isolated/waits: trainingJobDefinition is not known yet, must be true. ${LATER}`,
    );
    const several = compliant("classic", "tuningSeveral");
    notes(
      await analyze(rule, broken(several, "trainingJobDefinitions", UNKNOWN)),
      `workload-isolated/waits: trainingJobDefinitions is not known yet, must be a training job that is isolated. ${LATER}`,
    );
  });

  it("what is not declared here is judged where it is", async () => {
    for (const provider of PROVIDERS) {
      violates(await analyze(rule, broken(compliant(provider, "monitoringSchedule"), SCHEDULED, undefined)));
    }
    violates(await analyze(rule, broken(compliant("classic", "tuning"), "trainingJobDefinition", undefined)));
    const several = compliant("classic", "tuningSeveral");
    violates(
      await analyze(rule, broken(several, "trainingJobDefinitions", "x")),
      `workload-isolated/job: trainingJobDefinitions is "x", must be a training job that is isolated. ${FIX}`,
    );
  });

  for (const provider of PROVIDERS) {
    const open = broken(compliant(provider, "isolatedModel"), "enableNetworkIsolation", undefined);
    const machines = compliant(provider, "instanceConfig");
    const serverless = compliant(provider, "endpointConfig");
    const property = provider === "native" ? "modelName" : "name";
    const [name] = [open.props[property]];
    const text = (shown = "absent") =>
      `workload-isolated/model: enableNetworkIsolation is ${shown}, must be true, or the model behind serverless variants only. ${FIX}`;
    const serving = (config: Resource, model: unknown) =>
      broken(
        broken(config, "shadowProductionVariants", undefined),
        "productionVariants",
        (config.props.productionVariants as Record<string, unknown>[]).map((one) => ({ ...one, modelName: model })),
      );

    it(`${provider}: a model is isolated`, async () => {
      violates(await analyzeStack(rule, [open]), text());
      violates(await analyzeStack(rule, [broken(open, "enableNetworkIsolation", false)]), text("false"));
      violates(await analyzeStack(rule, [broken(open, "enableNetworkIsolation", true)]));
      violates(await analyzeStack(rule, [broken(open, "vpcConfig", { subnets: ["s"] }), machines]), text());
      notes(
        await analyzeStack(rule, [broken(open, "enableNetworkIsolation", UNKNOWN)]),
        `workload-isolated/waits: enableNetworkIsolation is not known yet, must be true, or the model behind serverless variants only. ${AGAIN}`,
      );
    });

    it(`${provider}: serverless variants alone excuse it`, async () => {
      violates(await analyzeStack(rule, [open, serving(serverless, name)]));
      violates(await analyzeStack(rule, [open, serving(serverless, "another")]), text());
      violates(await analyzeStack(rule, [open, serving(machines, name)]), text());
      violates(await analyzeStack(rule, [open, serving(serverless, name), serving(machines, name)]), text());
      // A shadow on machines counts.
      const shadowed = broken(serving(serverless, name), "shadowProductionVariants", [
        { variantName: "shadow", modelName: name, instanceType: "ml.m5.large" },
      ]);
      violates(await analyzeStack(rule, [open, shadowed]), text());
      // So does a component, which runs on instances.
      const component = compliant("native", "inferenceComponent");
      for (const props of [
        { specification: { modelName: name } },
        { specifications: [{ modelName: "another" }, { modelName: name }] },
      ]) {
        const serves = { ...component, props: { inferenceComponentName: "part", ...props } };
        violates(await analyzeStack(rule, [open, serving(serverless, name), serves]), text());
      }
      const other = { ...component, props: { specification: { modelName: "another" } } };
      violates(await analyzeStack(rule, [open, serving(serverless, name), other]));
      const hidden = broken(serving(serverless, name), "productionVariants[0].serverlessConfig", UNKNOWN);
      violates(await analyzeStack(rule, [open, hidden]), text());
    });

    it(`${provider}: by reference where the name is not known yet`, async () => {
      const nameless = broken(open, property, UNKNOWN);
      const to = (config: Resource) => ({
        ...serving(config, UNKNOWN),
        propertyDependencies: { productionVariants: [open.name] },
      });
      violates(await analyzeStack(rule, [nameless, to(serverless)]));
      violates(await analyzeStack(rule, [nameless, to(machines)]), text());
      violates(await analyzeStack(rule, [nameless, serving(serverless, UNKNOWN)]), text());
    });
  }
});
