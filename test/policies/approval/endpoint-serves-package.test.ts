import assert from "node:assert/strict";
import rule from "../../../policies/approval/endpoint-serves-package.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, UNKNOWNS, violates } from "../support/harness.ts";
import { against, answered, atUpdate, double, PACKAGE_ARN } from "../support/registry.ts";

const OTHER = PACKAGE_ARN.replace(/3$/, "4");
const DECLARE = "Declare it in this program, or correct the name.";
const FOLLOW = "Use the resource's own name property, or a literal name, so that what serves can be followed.";
const REGISTER = "Make the model from a registered package: modelPackageName and nothing besides.";
const NAME = "Name a model that is made from a package.";

/** Endpoint, configuration and model of one provider; each may be changed. */
function stack(
  provider: Provider,
  change: Partial<Record<"endpoint" | "endpointConfig" | "model", (resource: Resource) => Resource>> = {},
): Resource[] {
  return (["endpoint", "endpointConfig", "model"] as const).map((family) => {
    const resource = compliant(provider, family);
    return change[family]?.(resource) ?? resource;
  });
}
const on = (path: string, value: unknown) => (resource: Resource) => broken(resource, path, value);
const judge = (resources: readonly Resource[], registry = double({}), config = {}) =>
  against(registry, () => analyzeStack(rule, resources, { config }));

describe("endpoint-serves-package", () => {
  for (const provider of PROVIDERS) {
    const CONFIG = 'endpointConfigName > "endpointConfig" productionVariants[0].modelName';

    it(`${provider}: a road by literal names`, async () => {
      const registry = double({});
      violates(await judge(stack(provider), registry));
      assert.deepEqual(registry.asked, [], "nothing needs to be asked");
    });

    it(`${provider}: a road by references that are not known yet`, async () => {
      const resources = stack(provider, {
        endpoint: (one) => ({
          ...broken(one, "endpointConfigName", UNKNOWN),
          propertyDependencies: { endpointConfigName: ["endpointConfig"] },
        }),
        endpointConfig: (one) => ({
          ...broken(one, "productionVariants[0].modelName", UNKNOWN),
          propertyDependencies: { productionVariants: ["model"] },
        }),
      });
      violates(await judge(resources));
    });

    it(`${provider}: a reference computed from nothing of the kind cannot be followed`, async () => {
      const text = `endpoint-serves-package/untraceable: endpointConfigName is not known yet, and computed from no such resource, must be the name of an endpoint configuration. ${FOLLOW}`;
      violates(await judge(stack(provider, { endpoint: on("endpointConfigName", UNKNOWN) })), text);
      const fromModel = (one: Resource) => ({
        ...broken(one, "endpointConfigName", UNKNOWN),
        propertyDependencies: { endpointConfigName: ["model"] },
      });
      violates(await judge(stack(provider, { endpoint: fromModel })), text);
      violates(
        await judge(stack(provider, { endpointConfig: on("productionVariants[0].modelName", UNKNOWN) })),
        `endpoint-serves-package/untraceable: ${CONFIG} is not known yet, and computed from no such resource, must be the name of a model. ${FOLLOW}`,
      );
    });

    it(`${provider}: a reference computed from two configurations is judged by both`, async () => {
      const bad = {
        ...broken(compliant(provider, "endpointConfig"), "productionVariants[0].modelName", "stranger"),
        name: "second",
      };
      bad.props[provider === "native" ? "endpointConfigName" : "name"] = "second-cfg";
      const resources = stack(provider, {
        endpoint: (one) => ({
          ...broken(one, "endpointConfigName", UNKNOWN),
          propertyDependencies: { endpointConfigName: ["endpointConfig", "second"] },
        }),
      });
      const found = await judge([...resources, bad]);
      assert.deepEqual(
        found.map(({ text }) => text.split(" ")[0]),
        ["endpoint-serves-package/dangling:"],
      );
    });

    it(`${provider}: names that are found nowhere`, async () => {
      violates(
        await judge(stack(provider, { endpoint: on("endpointConfigName", "stranger") })),
        `endpoint-serves-package/dangling: endpointConfigName > "stranger" is endpoint configuration "stranger", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
      );
      violates(
        await judge(stack(provider, { endpointConfig: on("productionVariants[0].modelName", "stranger") })),
        `endpoint-serves-package/dangling: ${CONFIG} > "stranger" is model "stranger", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
      );
      violates(
        await judge(stack(provider, { endpoint: on("endpointConfigName", undefined) })),
        `endpoint-serves-package/untraceable: endpointConfigName is absent, must be the name of an endpoint configuration. ${FOLLOW}`,
      );
    });

    it(`${provider}: a model on the road that is made from an image`, async () => {
      const image = { image: "x", modelDataUrl: "s3://b/m.tar.gz" };
      violates(
        await judge(stack(provider, { model: on("primaryContainer", image) })),
        `endpoint-serves-package/no-package: ${CONFIG} > "model" primaryContainer.modelPackageName is absent, must be a model package version. ${REGISTER}`,
      );
      violates(
        await judge(stack(provider, { model: on("primaryContainer", undefined) })),
        `endpoint-serves-package/no-package: ${CONFIG} > "model" primaryContainer is absent, must be a model package version. ${REGISTER}`,
      );
      violates(
        await judge(stack(provider, { model: on("primaryContainer.modelPackageName", "churn/3") })),
        `endpoint-serves-package/no-package: ${CONFIG} > "model" primaryContainer.modelPackageName is "churn/3", must be a model package version. ${REGISTER}`,
      );
    });

    it(`${provider}: the shadow variant is a road too`, async () => {
      const shadow = [{ variantName: "shadow", modelName: "stranger", initialVariantWeight: 1 }];
      violates(
        await judge(stack(provider, { endpointConfig: on("shadowProductionVariants", shadow) })),
        `endpoint-serves-package/dangling: endpointConfigName > "endpointConfig" shadowProductionVariants[0].modelName > "stranger" is model "stranger", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
      );
    });

    it(`${provider}: a variant without a model, or no variant`, async () => {
      violates(
        await judge(stack(provider, { endpointConfig: on("productionVariants[0].modelName", undefined) })),
        `endpoint-serves-package/no-model: ${CONFIG} is absent, must be the name of a model made from a package. ${NAME}`,
      );
      violates(
        await judge(stack(provider, { endpointConfig: on("productionVariants", []) })),
        `endpoint-serves-package/no-model: endpointConfigName > "endpointConfig" productionVariants is empty, must be at least one variant. ${NAME}`,
      );
    });

    it(`${provider}: a package that is not known yet is followed to a declared one, or refused`, async () => {
      const declared = { ...compliant("native", "package"), name: "version" };
      const from = (names: string[]) => (one: Resource) => ({
        ...broken(one, "primaryContainer.modelPackageName", UNKNOWN),
        propertyDependencies: { primaryContainer: names },
      });
      violates(await judge([...stack(provider, { model: from(["version"]) }), declared]));
      violates(
        await judge([...stack(provider, { model: from([]) }), declared]),
        `endpoint-serves-package/untraceable: ${CONFIG} > "model" primaryContainer.modelPackageName is not known yet, and computed from no such resource, must be a model package version. ${FOLLOW}`,
      );
    });

    it(`${provider}: a lineage tag that names another package than the one that serves`, async () => {
      const at = provider === "native" ? "tags[4].value" : 'tags["frugal:model-package"]';
      const text = (name: string) =>
        `endpoint-serves-package/tags-differ: ${name} ${at} is "${OTHER}", must be ${PACKAGE_ARN}. Derive the tag from the package that the model is made from.`;
      violates(await judge(stack(provider, { endpoint: on(at, OTHER) })), text("endpoint"));
      violates(await judge(stack(provider, { endpointConfig: on(at, OTHER) })), text("endpointConfig"));
      const third = PACKAGE_ARN.replace(/3$/, "5");
      const two = (one: Resource) =>
        broken(broken(one, "primaryContainer", undefined), "containers", [
          { modelPackageName: PACKAGE_ARN },
          { modelPackageName: third },
        ]);
      violates(
        await judge(stack(provider, { endpoint: on(at, OTHER), model: two })),
        text("endpoint").replace(`must be ${PACKAGE_ARN}`, `must be ${PACKAGE_ARN} or ${third}`),
      );
    });

    it(`${provider}: a configuration outside the program is looked up in the endpoint's region and followed`, async () => {
      const endpoint = [broken(compliant(provider, "endpoint"), "endpointConfigName", "elsewhere")];
      const variant = (name: string | undefined) => ({ models: [{ path: "productionVariants[0].modelName", name }] });
      const container = (arn: string | undefined) => ({ containers: [{ path: "primaryContainer", package: arn }] });
      const good = double({
        configs: { elsewhere: answered(variant("m")) },
        models: { m: answered(container(PACKAGE_ARN)) },
      });
      violates(await judge(endpoint, good));
      assert.deepEqual(good.asked, ["us-east-1 elsewhere", "us-east-1 m"]);

      const bad = double({
        configs: { elsewhere: answered(variant("m")) },
        models: { m: answered(container(undefined)) },
      });
      violates(
        await judge(endpoint, bad),
        `endpoint-serves-package/no-package: endpointConfigName > "elsewhere" productionVariants[0].modelName > "m" primaryContainer.modelPackageName is absent, must be a model package version. ${REGISTER}`,
      );
      violates(
        await judge(endpoint, double({ configs: { elsewhere: answered(variant(undefined)) } })),
        `endpoint-serves-package/no-model: endpointConfigName > "elsewhere" productionVariants[0].modelName is absent, must be the name of a model made from a package. ${NAME}`,
      );
      violates(
        await judge(endpoint, double({ configs: { elsewhere: answered({ models: [] }) } })),
        `endpoint-serves-package/no-model: endpointConfigName > "elsewhere" is without variants, must be at least one variant. ${NAME}`,
      );
    });

    it(`${provider}: look-ups that give no answer`, async () => {
      const endpoint = [broken(compliant(provider, "endpoint"), "endpointConfigName", "elsewhere")];
      violates(
        await judge(
          endpoint,
          double({
            configs: { elsewhere: { state: "denied", action: "sagemaker:DescribeEndpointConfig", words: "no" } },
          }),
        ),
        'endpoint-serves-package/denied: endpointConfigName > "elsewhere" is endpoint configuration "elsewhere", which may not be looked up (no), must be one whose package is known. Allow sagemaker:DescribeEndpointConfig to whoever runs the preview.',
      );
      const offline = double({ configs: { elsewhere: { state: "offline", words: "no network" } } });
      const text =
        'endpoint-serves-package/offline: endpointConfigName > "elsewhere" is endpoint configuration "elsewhere", which is not verified (no network), must be one whose package is known. Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.';
      violates(await judge(endpoint, offline), text);
      notes(await judge(endpoint, offline, { offline: "warn" }), text);
    });

    it(`${provider}: at update the account's road counts, before the endpoint exists`, async () => {
      const endpoint = {
        ...compliant(provider, "endpoint"),
        provider: { type: "pulumi:providers:x", props: { region: "us-east-1" } },
      };
      const name = "churn-prod-3-cfg";
      const variants = answered({ models: [{ path: "productionVariants[0].modelName", name: "m" }] });
      const bad = double({
        configs: { [name]: variants },
        models: { m: answered({ containers: [{ path: "primaryContainer", package: undefined }] }) },
      });
      violates(
        await atUpdate(() => against(bad, () => analyze(rule, endpoint))),
        `endpoint-serves-package/no-package: endpointConfigName > "${name}" productionVariants[0].modelName > "m" primaryContainer.modelPackageName is absent, must be a model package version. ${REGISTER}`,
      );
      violates(
        await atUpdate(() => against(double({}), () => analyze(rule, endpoint))),
        `endpoint-serves-package/dangling: endpointConfigName > "${name}" is endpoint configuration "${name}", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
      );
      violates(await against(bad, () => analyze(rule, endpoint)));
    });

    it(`${provider}: two endpoints, one of them unknown: the other is still judged`, async () => {
      for (const sentinel of Object.values(UNKNOWNS)) {
        const blind = { ...broken(compliant(provider, "endpoint"), "endpointConfigName", sentinel), name: "blind" };
        const bad = { ...broken(compliant(provider, "endpoint"), "endpointConfigName", "stranger"), name: "bad" };
        const found = await judge([blind, bad]);
        assert.deepEqual(
          found.map(({ on: name }) => name),
          ["blind", "bad"],
        );
      }
    });
  }

  it("native: a model name override in an instance pool is a road too", async () => {
    const pools = [{ instanceType: "ml.m5.large", priority: 1, modelNameOverride: "stranger" }];
    violates(
      await judge(stack("native", { endpointConfig: on("productionVariants[0].instancePools", pools) })),
      `endpoint-serves-package/dangling: endpointConfigName > "endpointConfig" productionVariants[0].instancePools[0].modelNameOverride > "stranger" is model "stranger", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
    );
    violates(
      await judge(stack("native", { endpointConfig: on("productionVariants[0].instancePools", UNKNOWN) })),
      `endpoint-serves-package/untraceable: endpointConfigName > "endpointConfig" productionVariants[0].instancePools is not known yet, and computed from no such resource, must be the name of a model. ${FOLLOW}`,
    );
  });

  it("native: an inference component names its model itself", async () => {
    const component = compliant("native", "inferenceComponent");
    violates(
      await judge([broken(component, "specification.modelName", "stranger")], double({}), {}),
      `endpoint-serves-package/dangling: specification.modelName > "stranger" is model "stranger", found neither in this program nor in the account (Could not find it.), must be one that exists. ${DECLARE}`,
    );
    const inRegion = {
      ...broken(component, "specification.modelName", "stranger"),
      provider: { type: "pulumi:providers:aws-native", props: { region: "eu-west-1" } },
    };
    const registry = double({});
    assert.equal((await judge([inRegion], registry)).length, 1);
    assert.deepEqual(registry.asked, ["eu-west-1 stranger"]);

    // An endpoint whose variants name no model is right when a component of the program runs on it.
    const bare = stack("native", { endpointConfig: on("productionVariants[0].modelName", undefined) });
    violates(await judge([...bare, broken(component, "specification.modelName", "churn-prod-3")]));
  });

  it("a call that makes what serves, where it is not followed, is one too; all of them are in called.test.ts", async () => {
    const arn = "arn:aws:scheduler:::aws-sdk:sagemaker:createEndpoint";
    violates(
      await analyze(rule, broken(compliant("native", "schedule"), "target.arn", arn)),
      `endpoint-serves-package/called: target.arn is "${arn}", must be without a call that makes models, endpoints or model packages, or declares resources. Declare it as a resource of this program, or make the call in a state machine's own state.`,
    );
  });

  it("a template that declares what serves is a fault of its own; all its forms are in hidden.test.ts", async () => {
    const template = JSON.stringify({ Resources: { R: { Type: "AWS::SageMaker::Endpoint" } } });
    violates(
      await analyze(rule, broken(compliant("classic", "templateStack"), "templateBody", template)),
      "endpoint-serves-package/hidden: templateBody is a template with AWS::SageMaker::Endpoint, must be a template without what makes models, endpoints or model packages. Declare it as a resource of this program, where it can be judged.",
    );
  });
});
