/** endpoint-serves-package/called, and the roads of machines, components and experiments: what serves by another's call. */
import assert from "node:assert/strict";
import serves from "../../policies/approval/endpoint-serves-package.ts";
import approved from "../../policies/approval/package-approved.ts";
import { startRun } from "../../policies/support/run.ts";
import { broken, compliant, PROVIDERS, type Provider } from "./support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "./support/harness.ts";
import { against, answered, atUpdate, double, PACKAGE_ARN, RECORDED } from "./support/registry.ts";

const NOTHING = "without a call that makes models, endpoints or model packages, or declares resources";
const FIX = "Declare it as a resource of this program, or make the call in a state machine's own state.";
const said = (path: string, value: string) =>
  `endpoint-serves-package/called: ${path} is ${value}, must be ${NOTHING}. ${FIX}`;
const LATER = "It is judged at update, before the resource is touched.";

function machine(provider: Provider, calls: Record<string, readonly [resource: string, input: unknown]>): Resource {
  const States = Object.fromEntries(
    Object.entries(calls).map(([name, [resource, Arguments]]) => [
      name,
      { Type: "Task", Resource: `arn:aws:states:::${resource}`, Arguments, End: true },
    ]),
  );
  const definition = { StartAt: Object.keys(States)[0], States };
  const value = provider === "native" ? definition : JSON.stringify(definition);
  return broken(compliant(provider, "stateMachine"), "definition", value);
}

describe("calls that serve, from where no rule follows them", () => {
  for (const provider of PROVIDERS) {
    it(`${provider}: universal targets of schedules`, async () => {
      const target = (arn: unknown) => broken(compliant(provider, "schedule"), "target.arn", arn);
      for (const call of [
        "sagemaker:createEndpoint",
        "sagemaker:updateModelPackage",
        "SageMaker:CreateModel",
        "cloudformation:createStack",
        "cloudcontrol:createResource",
        "ssm:startAutomationExecution",
        "sfn:updateStateMachine",
      ]) {
        const arn = `arn:aws:scheduler:::aws-sdk:${call}`;
        violates(await analyze(serves, target(arn)), said("target.arn", JSON.stringify(arn)));
      }
      for (const call of ["sagemaker:deleteEndpoint", "sagemaker:stopPipelineExecution", "sfn:startExecution"])
        violates(await analyze(serves, target(`arn:aws:scheduler:::aws-sdk:${call}`)));
      notes(
        await analyze(serves, target(UNKNOWN)),
        `endpoint-serves-package/waits: target.arn is not known yet, must be ${NOTHING}. ${LATER}`,
      );
    });

    it(`${provider}: automation documents`, async () => {
      const document = (content: unknown) =>
        broken(
          compliant(provider, "automation"),
          "content",
          typeof content === "string" ? content : JSON.stringify(content),
        );
      const step = (Service: string, Api: string) => ({
        schemaVersion: "0.3",
        mainSteps: [{ name: "a", action: "aws:executeAwsApi", inputs: { Service, Api } }],
      });
      for (const [service, api] of [
        ["sagemaker", "CreateEndpoint"],
        ["sagemaker", "create_endpoint_config"],
        ["sagemaker", "UpdateModelPackage"],
        ["cloudformation", "CreateStack"],
        ["stepfunctions", "UpdateStateMachine"],
      ] as const)
        violates(
          await analyze(serves, document(step(service, api))),
          said("content", `a document with ${service}:${api}`),
        );
      violates(
        await analyze(
          serves,
          document("mainSteps:\n  - inputs:\n      Service: sagemaker\n      Api: UpdateEndpoint\n"),
        ),
        said("content", "a document with sagemaker:UpdateEndpoint"),
      );
      violates(await analyze(serves, document(step("sagemaker", "DescribeEndpoint"))));
      violates(await analyze(serves, document(step("sagemaker", "StopNotebookInstance"))));
    });

    it(`${provider}: state machines that declare resources`, async () => {
      for (const call of [
        "cloudformation:createStack",
        "cloudformation:createChangeSet",
        "cloudformation:updateStackSet",
        "cloudcontrol:createResource",
        "sfn:createStateMachine",
        "scheduler:createSchedule",
        "ssm:startAutomationExecution",
        "servicecatalog:provisionProduct",
        "sagemaker:updatePipeline",
      ]) {
        const one = machine(provider, { A: [`aws-sdk:${call}`, {}] });
        violates(
          await analyze(serves, one),
          said("definition.States.A.Resource", JSON.stringify(`arn:aws:states:::aws-sdk:${call}`)),
        );
        violates(await analyze(serves, one, { config: { hiddenTemplates: "allow" } }));
      }
      violates(await analyze(serves, machine(provider, { A: ["aws-sdk:cloudformation:deleteStack", {}] })));
    });

    it(`${provider}: steps of a pipeline that deploy`, async () => {
      const definition = (Type: string) => ({ Version: "2020-12-01", Steps: [{ Name: "a", Type, Arguments: {} }] });
      const pipeline = (body: unknown): Resource => ({
        type: provider === "native" ? "aws-native:sagemaker:Pipeline" : "aws:sagemaker/pipeline:Pipeline",
        name: "pipeline",
        props: {
          pipelineDefinition:
            provider === "native" ? { PipelineDefinitionBody: JSON.stringify(body) } : JSON.stringify(body),
        },
      });
      const at = `pipelineDefinition${provider === "native" ? ".PipelineDefinitionBody" : ""}.Steps[0].Type`;
      for (const type of ["Endpoint", "EndpointConfig", "InferenceComponent"])
        violates(await analyze(serves, pipeline(definition(type))), said(at, `"${type}"`));
      for (const type of ["Training", "RegisterModel", "Model"])
        violates(await analyze(serves, pipeline(definition(type))));
    });

    it(`${provider}: packages that a machine names must be approved`, async () => {
      const one = machine(provider, {
        Make: ["sagemaker:createModel", { ModelName: "m", PrimaryContainer: { ModelPackageName: PACKAGE_ARN } }],
        Config: ["sagemaker:createEndpointConfig", { ProductionVariants: [{ ModelName: "m" }] }],
      });
      const pending = answered({ ...RECORDED, approvalStatus: "PendingManualApproval" });
      await against(double({ packages: { [PACKAGE_ARN]: pending } }), async () =>
        violates(
          await analyze(approved, one),
          `package-approved/status: definition.States.Make.Arguments.PrimaryContainer.ModelPackageName is model package ${PACKAGE_ARN} with ModelApprovalStatus "PendingManualApproval", must be one with "Approved". Pin a version that has been approved, or have this one approved through the submission first.`,
        ),
      );
    });

    it(`${provider}: literal names in a machine are followed, in the program and in the account`, async () => {
      const at = "definition.States.A.Arguments";
      const serving = (name: string) =>
        machine(provider, { A: ["sagemaker:createEndpointConfig", { ProductionVariants: [{ ModelName: name }] }] });
      const updating = (name: string) =>
        machine(provider, { A: ["sagemaker:updateEndpoint", { EndpointConfigName: name }] });
      const container = (name: string | undefined) =>
        answered({ containers: [{ path: "primaryContainer", package: name }] });
      const registry = double({
        models: { evil: container(undefined) },
        configs: { c: answered({ models: [{ path: "productionVariants[0].modelName", name: "evil" }] }) },
      });
      const rest =
        "primaryContainer.modelPackageName is absent, must be a model package version. Make the model from a registered package: modelPackageName and nothing besides.";
      await against(registry, async () => {
        violates(
          await analyzeStack(serves, [serving("evil")]),
          `endpoint-serves-package/no-package: ${at}.ProductionVariants[0].ModelName > "evil" ${rest}`,
        );
        violates(
          await analyzeStack(serves, [updating("c")]),
          `endpoint-serves-package/no-package: ${at}.EndpointConfigName > "c" productionVariants[0].modelName > "evil" ${rest}`,
        );
        violates(await analyzeStack(serves, [serving("churn-prod-3"), compliant(provider, "model")]));
      });
    });
  }

  for (const provider of PROVIDERS)
    it(`${provider}: a model that the program only reads is looked up and must be approved`, async () => {
      const stack = ["endpoint", "endpointConfig", "model"].map((family) => compliant(provider, family));
      const [, , model] = stack;
      const registry = () =>
        double({
          packages: { [PACKAGE_ARN]: answered({ ...RECORDED, approvalStatus: "Rejected" }) },
          models: { "churn-prod-3": answered({ containers: [{ path: "primaryContainer", package: PACKAGE_ARN }] }) },
        });
      const texts = async () => (await analyzeStack(approved, stack)).map(({ text }) => text.split(" ", 1)[0]);
      try {
        startRun({ served: true });
        await against(registry(), async () => assert.deepEqual(await texts(), ["package-approved/status:"]));
        // Declared, it is judged from its inputs, once.
        await against(registry(), async () => {
          await analyze(approved, model ?? assert.fail());
          assert.deepEqual(await texts(), []);
        });
      } finally {
        startRun();
      }
    });

  it("native: experiments and components, in the program and at update", async () => {
    const rest =
      "primaryContainer.modelPackageName is absent, must be a model package version. Make the model from a registered package: modelPackageName and nothing besides.";
    const evil = { evil: answered({ containers: [{ path: "primaryContainer", package: undefined }] }) };
    for (const [family, path] of [
      ["inferenceExperiment", "modelVariants[0].modelName"],
      ["inferenceComponent", "specification.modelName"],
    ] as const) {
      const one = broken(compliant("native", family), path, "evil");
      const text = `endpoint-serves-package/no-package: ${path} > "evil" ${rest}`;
      await against(double({ models: evil }), async () => {
        violates(await analyzeStack(serves, [one]), text);
        violates(await atUpdate(() => analyze(serves, one)), text);
        violates(await analyze(serves, one));
      });
    }
  });
});
