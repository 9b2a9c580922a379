/** model-from-package/state: a state machine that makes endpoints makes its models from packages. */
import rule from "../../policies/approval/model-from-package.ts";
import decided from "../../policies/approval/package-not-approved-in-code.ts";
import { broken, compliant, PROVIDERS, type Provider } from "./support/fixtures.ts";
import { analyze as analyzeAs, notes, type Resource, UNKNOWN, violates } from "./support/harness.ts";
import { PACKAGE_ARN } from "./support/registry.ts";

const LATER = "It is judged at update, before the resource is touched.";
const FORM = "the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION)";
const CONTAINER =
  "must be a container that names a model package. Write the container out; only the package's ARN may be computed.";
const REMOVE = "must be absent beside a model package. Remove it: what serves is what the package holds.";
/** As in a stage that lets ARNs be computed. */
const analyze = (one: typeof rule, resource: Resource) =>
  analyzeAs(one, resource, { config: { unknownPackage: "follow" } });
/** CloudFormation's own spelling of a place. */
const place = (name: string) => `\${${name}}`;
const MAKE = "arn:aws:states:::sagemaker:createModel";

type Json = Record<string, unknown>;

const task = (Resource: unknown, input: unknown, key = "Arguments") => ({
  Type: "Task",
  Resource,
  [key]: input,
  End: true,
});
const serve = task("arn:aws:states:::sagemaker:createEndpointConfig", { EndpointConfigName: "x" });
const imaged = { PrimaryContainer: { Image: "x" } };

/** A machine of these states, in the provider's own form. */
function machine(provider: Provider, states: Json): Resource {
  const definition = { StartAt: Object.keys(states)[0], States: states };
  return broken(
    compliant(provider, "stateMachine"),
    "definition",
    provider === "native" ? definition : JSON.stringify(definition),
  );
}
const making = (provider: Provider, input: unknown, key?: string, resource: unknown = MAKE) =>
  machine(provider, { Make: task(resource, input, key), Serve: serve });
const said = (place: string, rest: string) => `model-from-package/state: definition.States.Make.${place} ${rest}`;

describe("models that a state machine serves", () => {
  for (const provider of PROVIDERS) {
    it(`${provider}: a package, written or computed, and nothing besides`, async () => {
      for (const [input, key] of [
        [{ PrimaryContainer: { ModelPackageName: "{% $arn %}" } }],
        [{ PrimaryContainer: { ModelPackageName: PACKAGE_ARN, Mode: "SingleModel", Environment: { LOG: "1" } } }],
        [{ PrimaryContainer: { "ModelPackageName.$": "$.arn", ContainerHostname: "a" } }, "Parameters"],
        [{ Containers: [{ ModelPackageName: "{% $a %}" }, { ModelPackageName: PACKAGE_ARN }] }],
      ] as const)
        violates(await analyze(rule, making(provider, input, key)));
    });

    it(`${provider}: every container from an image or a path, whatever the call is called`, async () => {
      for (const resource of [
        MAKE,
        "arn:aws-cn:states:::sagemaker:createModel",
        "arn:aws:states:::aws-sdk:sagemaker:createModel",
        "arn:aws:states:eu-west-1::aws-sdk:SageMaker:CREATEMODEL",
      ])
        violates(
          await analyze(rule, making(provider, imaged, "Arguments", resource)),
          said(
            "Arguments.PrimaryContainer.ModelPackageName",
            `is absent, must be ${FORM}. Name the registered version, or compute its ARN.`,
          ),
          said("Arguments.PrimaryContainer.Image", `is "x", ${REMOVE}`),
        );
      const second = { Containers: [{ ModelPackageName: "{% $a %}" }, { ModelPackageName: "churn/3" }] };
      violates(
        await analyze(rule, making(provider, second)),
        said(
          "Arguments.Containers[1].ModelPackageName",
          `is "churn/3", must be ${FORM}. Name the registered version, or compute its ARN.`,
        ),
      );
    });

    for (const [key, value, shown] of [
      ["Image", "x", '"x"'],
      ["image", "x", '"x"'],
      ["ModelDataUrl.$", "$.u", '"$.u", which cannot be seen,'],
      ["ModelDataUrl", "{% $u %}", '"{% $u %}", which cannot be seen,'],
      ["ModelDataSource", {}, "{}"],
      ["AdditionalModelDataSources", [], "[]"],
      ["MultiModelConfig", {}, "{}"],
    ] as const)
      it(`${provider}: ${key} besides the package`, async () => {
        const path = key.includes("$") ? `["${key}"]` : `.${key}`;
        violates(
          await analyze(rule, making(provider, { PrimaryContainer: { ModelPackageName: "{% $a %}", [key]: value } })),
          said(`Arguments.PrimaryContainer${path}`, `is ${shown.replace(/,$/, "")}, ${REMOVE}`),
        );
      });

    it(`${provider}: models loaded at request time, and variables that load other code`, async () => {
      const besides = (more: Json) => making(provider, { PrimaryContainer: { ModelPackageName: "{% $a %}", ...more } });
      for (const [value, shown] of [
        ["MultiModel", '"MultiModel"'],
        ["{% $m %}", '"{% $m %}", which cannot be seen'],
      ])
        violates(
          await analyze(rule, besides({ Mode: value })),
          said(
            "Arguments.PrimaryContainer.Mode",
            `is ${shown}, must be absent or "SingleModel". Remove Mode, and serve one package per container.`,
          ),
        );
      const fix =
        "Put it into the package's own inference specification, where it is tested and approved with the model.";
      for (const name of ["SAGEMAKER_SUBMIT_DIRECTORY", "SAGEMAKER_PROGRAM", "HF_MODEL_ID"])
        violates(
          await analyze(rule, besides({ Environment: { [name]: "s3://evil" } })),
          said(
            `Arguments.PrimaryContainer.Environment.${name}`,
            `is set, must be absent beside a model package. ${fix}`,
          ),
        );
      violates(
        await analyze(rule, besides({ Environment: "{% $e %}" })),
        said(
          "Arguments.PrimaryContainer.Environment",
          `is "{% $e %}", which cannot be seen, must be an object without SAGEMAKER_SUBMIT_DIRECTORY, SAGEMAKER_PROGRAM, HF_MODEL_ID, OPTION_MODEL_ID and SERVING_LOAD_MODELS. ${fix}`,
        ),
      );
    });

    it(`${provider}: an expression for the container or for the whole call`, async () => {
      for (const [input, key, path, shown] of [
        [
          { PrimaryContainer: "{% $c %}" },
          "Arguments",
          "Arguments.PrimaryContainer",
          '"{% $c %}", which cannot be seen',
        ],
        [
          { "PrimaryContainer.$": "$.c" },
          "Parameters",
          'Parameters["PrimaryContainer.$"]',
          '"$.c", which cannot be seen',
        ],
        [{ Containers: "{% $c %}" }, "Arguments", "Arguments.Containers", '"{% $c %}", which cannot be seen'],
        [{ Containers: ["{% $c %}"] }, "Arguments", "Arguments.Containers[0]", '"{% $c %}", which cannot be seen'],
        ["{% $all %}", "Arguments", "Arguments", '"{% $all %}", which cannot be seen'],
        [undefined, "Arguments", "Arguments", "absent, which cannot be seen"],
        [{ ModelName: "m" }, "Arguments", "Arguments.PrimaryContainer", "absent"],
      ] as const)
        violates(await analyze(rule, making(provider, input, key)), said(path, `is ${shown}, ${CONTAINER}`));
    });

    it(`${provider}: beside whatever serves, also inside Map and Parallel; not without`, async () => {
      const image = said("Arguments.PrimaryContainer.Image", `is "x", ${REMOVE}`);
      const input = { PrimaryContainer: { ModelPackageName: "{% $a %}", Image: "x" } };
      for (const call of [
        "sagemaker:createEndpoint",
        "sagemaker:updateEndpoint",
        "aws-sdk:sagemaker:createEndpointConfig",
        "aws-sdk:sagemaker:updateEndpointWeightsAndCapacities",
        "aws-sdk:sagemaker:startInferenceExperiment",
        "aws-sdk:SAGEMAKER:CreateInferenceExperiment",
        "aws-sdk:sagemaker:updateInferenceComponentRuntimeConfig",
      ]) {
        const one = task(`arn:aws:states:::${call}`, {});
        const inner = { StartAt: "In", States: { In: one } };
        for (const outer of [
          one,
          { Type: "Map", ItemProcessor: inner, End: true },
          { Type: "Parallel", Branches: [inner], End: true },
        ])
          violates(await analyze(rule, machine(provider, { Make: task(MAKE, input), Outer: outer })), image);
      }
      for (const call of [
        "sagemaker:createTransformJob.sync",
        "aws-sdk:sagemaker:deleteEndpoint",
        "aws-sdk:sagemaker:describeEndpoint",
      ])
        violates(
          await analyze(
            rule,
            machine(provider, { Make: task(MAKE, input), After: task(`arn:aws:states:::${call}`, {}) }),
          ),
        );
      const nested = { Type: "Map", Iterator: { StartAt: "In", States: { In: task(MAKE, input) } }, End: true };
      violates(
        await analyze(rule, machine(provider, { Make: nested, Serve: serve })),
        said("Iterator.States.In.Arguments.PrimaryContainer.Image", `is "x", ${REMOVE}`),
      );
    });

    it(`${provider}: an inference component that brings its own container`, async () => {
      const NAME = "Make a model from a package and set ModelName to its name.";
      for (const call of ["createInferenceComponent", "updateInferenceComponent"]) {
        const component = (input: unknown) =>
          machine(provider, { Make: task(`arn:aws:states:::aws-sdk:sagemaker:${call}`, input) });
        for (const [input, path, shown] of [
          [{ Specification: { Container: { Image: "x" } } }, "Arguments.Specification.Container", '{"Image":"x"}'],
          [{ Specifications: [{ Container: {} }] }, "Arguments.Specifications[0].Container", "{}"],
          [{ Specification: "{% $s %}" }, "Arguments.Specification", '"{% $s %}", which cannot be seen'],
          [{ Specifications: "{% $s %}" }, "Arguments.Specifications", '"{% $s %}", which cannot be seen'],
          ["{% $all %}", "Arguments", '"{% $all %}", which cannot be seen'],
        ] as const)
          violates(
            await analyze(rule, component(input)),
            said(path, `is ${shown}, must be the name of a model. ${NAME}`),
          );
        for (const input of [{ Specifications: [{ ModelName: "m" }] }, {}])
          violates(await analyze(rule, component(input)));
      }
    });

    it(`${provider}: a computed package where it must be literal`, async () => {
      const input = { PrimaryContainer: { ModelPackageName: "{% $arn %}" } };
      violates(
        await analyzeAs(rule, making(provider, input)),
        said(
          "Arguments.PrimaryContainer.ModelPackageName",
          `is "{% $arn %}", which cannot be seen, must be literally ${FORM}. Pin the version, so that the reviewer sees which model will serve.`,
        ),
      );
      violates(await analyzeAs(rule, making(provider, { PrimaryContainer: { ModelPackageName: PACKAGE_ARN } })));
    });

    it(`${provider}: names that this machine does not give itself`, async () => {
      const fix = "Give the call that makes it the very same name, or write a literal one.";
      const model = { ModelName: "{% $plan.name %}", PrimaryContainer: { ModelPackageName: PACKAGE_ARN } };
      const config = (name: unknown) => ({ EndpointConfigName: "{% $c %}", ProductionVariants: [{ ModelName: name }] });
      const serving = (call: string, input: unknown, key?: string) =>
        machine(provider, {
          Make: task(MAKE, model),
          Config: task("arn:aws:states:::sagemaker:createEndpointConfig", config("{% $plan.name %}")),
          Other: task(`arn:aws:states:::${call}`, input, key),
        });
      const other = (path: string, shown: string, what: string) =>
        `model-from-package/state: definition.States.Other.${path} is ${shown}, which cannot be seen, must be the name of ${what} that this machine makes, or a literal one. ${fix}`;
      const create = "sagemaker:createEndpointConfig";
      for (const [call, input, key, path, shown, what] of [
        [
          create,
          config("{% $evil %}"),
          "Arguments",
          "Arguments.ProductionVariants[0].ModelName",
          '"{% $evil %}"',
          "a model",
        ],
        [
          create,
          { ShadowProductionVariants: [{ "ModelName.$": "$.evil" }] },
          "Parameters",
          'Parameters.ShadowProductionVariants[0]["ModelName.$"]',
          '"$.evil"',
          "a model",
        ],
        [
          create,
          { ProductionVariants: [{ InstancePools: [{ ModelNameOverride: "{% $evil %}" }] }] },
          "Arguments",
          "Arguments.ProductionVariants[0].InstancePools[0].ModelNameOverride",
          '"{% $evil %}"',
          "a model",
        ],
        [
          create,
          { ProductionVariants: "{% $v %}" },
          "Arguments",
          "Arguments.ProductionVariants",
          '"{% $v %}"',
          "a model",
        ],
        [
          create,
          { ProductionVariants: ["{% $v %}"] },
          "Arguments",
          "Arguments.ProductionVariants[0]",
          '"{% $v %}"',
          "a model",
        ],
        [create, "{% $all %}", "Arguments", "Arguments", '"{% $all %}"', "a model"],
        [
          "aws-sdk:sagemaker:updateEndpoint",
          { EndpointConfigName: "{% $evil %}" },
          "Arguments",
          "Arguments.EndpointConfigName",
          '"{% $evil %}"',
          "an endpoint configuration",
        ],
        [
          "aws-sdk:sagemaker:createInferenceComponent",
          { Specification: { ModelName: "{% $evil %}" } },
          "Arguments",
          "Arguments.Specification.ModelName",
          '"{% $evil %}"',
          "a model",
        ],
        [
          "aws-sdk:sagemaker:createInferenceExperiment",
          { ModelVariants: [{ ModelName: "{% $evil %}" }] },
          "Arguments",
          "Arguments.ModelVariants[0].ModelName",
          '"{% $evil %}"',
          "a model",
        ],
      ] as const)
        violates(await analyze(rule, serving(call, input, key)), other(path, shown, what));
      violates(await analyze(rule, serving("sagemaker:updateEndpoint", { EndpointConfigName: "{% $c %}" })));
      violates(await analyze(rule, serving(create, config("literal"))));
    });

    it(`${provider}: a definition that is not known yet`, async () => {
      notes(
        await analyze(rule, broken(compliant(provider, "stateMachine"), "definition", UNKNOWN)),
        `model-from-package/waits: definition is not known yet, must be without a call that makes an endpoint of anything but a package. ${LATER}`,
      );
    });
  }

  it("native: keys and services that stand in substitutions", async () => {
    const make = {
      Type: "Task",
      Resource: `arn:aws:states:::${place("S")}:createModel`,
      [place("A")]: imaged,
      End: true,
    };
    const one = broken(
      broken(compliant("native", "stateMachine"), "definition", {
        StartAt: "Make",
        States: { Make: make, Serve: serve },
      }),
      "definitionSubstitutions",
      { S: "sagemaker", A: "Arguments" },
    );
    violates(
      await analyze(rule, one),
      said(
        "Arguments.PrimaryContainer.ModelPackageName",
        `is absent, must be ${FORM}. Name the registered version, or compute its ARN.`,
      ),
      said("Arguments.PrimaryContainer.Image", `is "x", ${REMOVE}`),
    );
    const never = `arn:aws:states:::${place("S,T")}:createModel`;
    violates(
      await analyzeAs(decided, broken(one, "definition.States.Make.Resource", never)),
      `package-not-approved-in-code/unreadable: definition.States.Make.Resource is "${never}", must be a resource that is written out. Give the definition in the program.`,
    );
  });

  it("native: single unknown leaves", async () => {
    const waits = (path: string, limit: string) =>
      `model-from-package/waits: definition.States.${path} is not known yet, must be ${limit}. ${LATER}`;
    const container = "a container that names a model package";
    const other = "without a call that makes an endpoint of anything but a package";
    for (const [input, path, limit] of [
      [UNKNOWN, "Make.Arguments", container],
      [{ PrimaryContainer: UNKNOWN }, "Make.Arguments.PrimaryContainer", container],
      [{ Containers: UNKNOWN }, "Make.Arguments.Containers", container],
      [{ Containers: [UNKNOWN] }, "Make.Arguments.Containers[0]", container],
      [{ PrimaryContainer: { ModelPackageName: UNKNOWN } }, "Make.Arguments.PrimaryContainer.ModelPackageName", FORM],
      [
        { PrimaryContainer: { ModelPackageName: PACKAGE_ARN, Image: UNKNOWN } },
        "Make.Arguments.PrimaryContainer.Image",
        "absent beside a model package",
      ],
    ] as const)
      notes(await analyze(rule, making("native", input)), waits(path, limit));
    notes(
      await analyze(rule, machine("native", { Make: task(MAKE, imaged), What: task(UNKNOWN, {}) })),
      waits("What.Resource", other),
    );
    // What a call that serves is handed names models.
    const blind = task("arn:aws:states:::sagemaker:createEndpoint", UNKNOWN);
    notes(
      await analyze(
        rule,
        machine("native", { Make: task(MAKE, { PrimaryContainer: { ModelPackageName: "{% $a %}" } }), Serve: blind }),
      ),
      waits("Serve.Arguments", "the name of a model that this machine makes, or a literal one"),
    );
  });
});
