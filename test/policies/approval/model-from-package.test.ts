import rule from "../../../policies/approval/model-from-package.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";
import { PACKAGE_ARN } from "../support/registry.ts";

const FORM = "the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION)";
const LOADERS = "SAGEMAKER_SUBMIT_DIRECTORY, SAGEMAKER_PROGRAM, HF_MODEL_ID, OPTION_MODEL_ID and SERVING_LOAD_MODELS";
const LATER = "It is judged at update, before the resource is touched.";
const NAME = "primaryContainer.modelPackageName";

describe("model-from-package", () => {
  for (const provider of PROVIDERS) {
    const model = compliant(provider, "model");

    it(`${provider}: no container at all`, async () => {
      violates(
        await analyze(rule, broken(model, "primaryContainer", undefined)),
        "model-from-package/none: primaryContainer is absent, must be a container made from a package. Add primaryContainer with modelPackageName.",
      );
    });

    it(`${provider}: a container that names no version`, async () => {
      const fix = "Name the registered version; a group alone or a short name leaves open which version serves.";
      for (const value of [
        "churn/3",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn",
        `${PACKAGE_ARN}/x`,
        3,
      ]) {
        violates(
          await analyze(rule, broken(model, NAME, value)),
          `model-from-package/not-a-package: ${NAME} is ${JSON.stringify(value)}, must be ${FORM}. ${fix}`,
        );
      }
      violates(
        await analyze(rule, broken(model, "primaryContainer", {})),
        `model-from-package/not-a-package: ${NAME} is absent, must be ${FORM}. ${fix}`,
      );
      violates(
        await analyze(
          rule,
          broken(broken(model, "primaryContainer", undefined), "containers", [
            { modelPackageName: PACKAGE_ARN },
            { containerHostname: "b" },
          ]),
        ),
        `model-from-package/not-a-package: containers[1].modelPackageName is absent, must be ${FORM}. ${fix}`,
      );
    });

    for (const [key, value] of [
      ["image", "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:latest"],
      ["modelDataUrl", "s3://b/model.tar.gz"],
      ["modelDataSource", { s3DataSource: { s3Uri: "s3://b/" } }],
      ["multiModelConfig", { modelCacheSetting: "Enabled" }],
      ["inferenceSpecificationName", "untested"],
    ] as const) {
      it(`${provider}: ${key} besides the package`, async () => {
        violates(
          await analyze(rule, broken(model, `primaryContainer.${key}`, value)),
          `model-from-package/besides: primaryContainer.${key} is ${JSON.stringify(value)}, must be absent beside a model package. Remove ${key}: what serves is what the package holds.`,
        );
      });
    }

    it(`${provider}: models loaded at request time`, async () => {
      violates(
        await analyze(rule, broken(model, "primaryContainer.mode", "MultiModel")),
        'model-from-package/multi-model: primaryContainer.mode is "MultiModel", must be absent or "SingleModel". Remove mode, and serve one package per container.',
      );
      violates(await analyze(rule, broken(model, "primaryContainer.mode", "SingleModel")));
      notes(
        await analyze(rule, broken(model, "primaryContainer.mode", UNKNOWN)),
        `model-from-package/waits: primaryContainer.mode is not known yet, must be "SingleModel". ${LATER}`,
      );
    });

    it(`${provider}: variables that load other code; their value is not printed`, async () => {
      for (const name of [
        "SAGEMAKER_SUBMIT_DIRECTORY",
        "SAGEMAKER_PROGRAM",
        "HF_MODEL_ID",
        "OPTION_MODEL_ID",
        "SERVING_LOAD_MODELS",
      ]) {
        violates(
          await analyze(
            rule,
            broken(model, "primaryContainer.environment", { LOG_LEVEL: "info", [name]: "s3://evil/code.tar.gz" }),
          ),
          `model-from-package/loader: primaryContainer.environment.${name} is set, must be absent beside a model package. Put it into the package's own inference specification, where it is tested and approved with the model.`,
        );
      }
      violates(await analyze(rule, broken(model, "primaryContainer.environment", { LOG_LEVEL: "info" })));
      violates(
        await analyze(rule, broken(model, "primaryContainer.environment", "A=1")),
        "model-from-package/shape: primaryContainer.environment is not an object, must be an object of variables. Write it as an object.",
      );
      notes(
        await analyze(rule, broken(model, "primaryContainer.environment", UNKNOWN)),
        `model-from-package/waits: primaryContainer.environment is not known yet, must be an object without ${LOADERS}. ${LATER}`,
      );
    });

    it(`${provider}: the package not literal`, async () => {
      const fix =
        "Pin the package's ARN in the stack's configuration, so that the reviewer sees which model will serve.";
      const follow = { config: { unknownPackage: "follow" } };
      violates(
        await analyze(rule, broken(model, NAME, UNKNOWN)),
        `model-from-package/unknown: ${NAME} is not known at preview, must be literally ${FORM}. ${fix}`,
      );
      violates(
        await analyze(rule, broken(model, "primaryContainer", UNKNOWN)),
        `model-from-package/unknown: primaryContainer is not known at preview, must be literally ${FORM}. ${fix}`,
      );
      const beside = broken(broken(model, "primaryContainer", undefined), "containers", [
        { modelPackageName: PACKAGE_ARN },
        UNKNOWN,
      ]);
      violates(
        await analyze(rule, beside),
        `model-from-package/unknown: containers[1] is not known at preview, must be literally ${FORM}. ${fix}`,
      );
      notes(
        await analyze(rule, broken(model, NAME, UNKNOWN), follow),
        `model-from-package/waits: ${NAME} is not known yet, must be ${FORM}. ${LATER}`,
      );
    });

    it(`${provider}: groups and accounts`, async () => {
      violates(
        await analyze(rule, model, { config: { registryGroups: ["fraud", "risk"] } }),
        `model-from-package/group: ${NAME} is "${PACKAGE_ARN}", must be a version of fraud and risk. Use an allowed group, or add the group to registryGroups in the pack's configuration.`,
      );
      violates(await analyze(rule, model, { config: { registryGroups: ["churn"] } }));
      const fix = "Use the own registry, or add the account to registryAccounts in the pack's configuration.";
      violates(
        await analyze(rule, model, { config: { registryAccounts: ["444455556666"] } }),
        `model-from-package/account: ${NAME} is "${PACKAGE_ARN}", must be in account 444455556666. ${fix}`,
      );
      violates(
        await analyze(rule, model, { config: { registryAccounts: ["444455556666", "777788889999"] } }),
        `model-from-package/account: ${NAME} is "${PACKAGE_ARN}", must be in account 444455556666 or 777788889999. ${fix}`,
      );
      violates(await analyze(rule, model, { config: { registryAccounts: ["444455556666", "111122223333"] } }));
      violates(
        await analyze(rule, broken(model, "executionRoleArn", "arn:aws:iam::444455556666:role/r")),
        `model-from-package/account: ${NAME} is "${PACKAGE_ARN}", must be in account 444455556666, that of executionRoleArn. ${fix}`,
      );
      for (const role of [undefined, 7, "arn:aws:iam::111122223333x:role/r"])
        violates(
          await analyze(rule, broken(model, "executionRoleArn", role)),
          `model-from-package/account: ${NAME} is "${PACKAGE_ARN}", must be in an account that is known to be allowed (executionRoleArn states none). ${fix}`,
        );
      notes(
        await analyze(rule, broken(model, "executionRoleArn", UNKNOWN)),
        `model-from-package/waits: executionRoleArn is not known yet, must be a role in account 111122223333, the package's, as registryAccounts is empty. ${LATER}`,
      );
    });

    it(`${provider}: containers of no shape`, async () => {
      violates(
        await analyze(rule, broken(model, "containers", "x")),
        'model-from-package/shape: containers is "x", must be a container. Write the container as an object with modelPackageName.',
      );
    });
  }

  it("classic: further data sources besides the package", async () => {
    violates(
      await analyze(rule, broken(compliant("classic", "model"), "primaryContainer.additionalModelDataSources", [])),
      "model-from-package/besides: primaryContainer.additionalModelDataSources is [], must be absent beside a model package. Remove additionalModelDataSources: what serves is what the package holds.",
    );
  });

  it("an inference component that brings its own container, also per instance type", async () => {
    const component = compliant("native", "inferenceComponent");
    const fix = "Declare a Model from a package and set modelName to its name.";
    violates(
      await analyze(rule, broken(component, "specification.container", { image: "x" })),
      `model-from-package/component: specification.container is {"image":"x"}, must be absent. ${fix}`,
    );
    violates(
      await analyze(
        rule,
        broken(component, "specifications", [{ instanceType: "ml.m5.large", container: { image: "x" } }]),
      ),
      `model-from-package/component: specifications[0].container is {"image":"x"}, must be absent. ${fix}`,
    );
    violates(
      await analyze(rule, broken(component, "specification", "x")),
      'model-from-package/shape: specification is "x", must be a specification. Write the specification as an object with modelName.',
    );
    notes(
      await analyze(rule, broken(component, "specification", UNKNOWN)),
      `model-from-package/waits: specification is not known yet, must be a specification that names a model. ${LATER}`,
    );
  });

  it("native: a state machine that serves models is judged too; all its forms are in served-models.test.ts", async () => {
    const call = (action: string, Arguments: object) => ({
      Type: "Task",
      Resource: `arn:aws:states:::sagemaker:${action}`,
      Arguments,
      End: true,
    });
    const container = { ModelPackageName: PACKAGE_ARN, Image: "x" };
    const States = { Make: call("createModel", { PrimaryContainer: container }), Serve: call("createEndpoint", {}) };
    violates(
      await analyze(rule, broken(compliant("native", "stateMachine"), "definition", { StartAt: "Make", States })),
      'model-from-package/state: definition.States.Make.Arguments.PrimaryContainer.Image is "x", must be absent beside a model package. Remove it: what serves is what the package holds.',
    );
  });
});
