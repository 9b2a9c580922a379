/** endpoint-serves-package/hidden and /unseen: what serves models is not declared where no rule sees it. */
import rule from "../../policies/approval/endpoint-serves-package.ts";
import { broken, compliant, PROVIDERS } from "./support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "./support/harness.ts";

const DECLARE = "Declare it as a resource of this program, where it can be judged.";
const NOTHING = "without what makes models, endpoints or model packages";
const LATER = "It is judged at update, before the resource is touched.";
const WRITE = "Write out what it brings in, or declare its resources in this program.";
const GIVE = "Give the template in templateBody, or declare its resources in this program.";
const TYPES = ["Model", "Endpoint", "EndpointConfig", "InferenceComponent", "ModelPackage", "Pipeline"];

const hidden = (path: string, what: string) =>
  `endpoint-serves-package/hidden: ${path} is a template with ${what}, must be a template ${NOTHING}. ${DECLARE}`;
const unseen = (path: string, what: string) =>
  `endpoint-serves-package/unseen: ${path} is a template with ${what}, must be one that holds all that it declares. ${WRITE}`;

const templates: readonly Resource[] = PROVIDERS.flatMap((provider) =>
  (provider === "native"
    ? ["templateStack", "templateStackSet", "templateChangeSet"]
    : ["templateStack", "templateStackSet"]
  ).map((name) => compliant(provider, name)),
);
const of = (...types: string[]) => ({ Resources: Object.fromEntries(types.map((Type, i) => [`R${i}`, { Type }])) });
const classic = compliant("classic", "templateStack");
const judged = (template: unknown, config = {}) =>
  analyze(rule, broken(classic, "templateBody", typeof template === "string" ? template : JSON.stringify(template)), {
    config,
  });
/** CloudFormation's and YAML's own spelling of a place. */
const place = (name: string) => `\${${name}}`;

describe("hidden declarations", () => {
  for (const template of templates) {
    it(`${template.type}: each type that serves, as JSON and as YAML`, async () => {
      for (const name of TYPES) {
        const type = `AWS::SageMaker::${name}`;
        for (const body of [JSON.stringify(of("AWS::SNS::Topic", type)), `Resources:\n  A:\n    Type: ${type}\n`])
          violates(await analyze(rule, broken(template, "templateBody", body)), hidden("templateBody", type));
      }
    });

    it(`${template.type}: only by its address`, async () => {
      const url = "https://b.s3.amazonaws.com/t.json";
      const named = (value: unknown) => broken(broken(template, "templateBody", undefined), "templateUrl", value);
      const text = (value: string) =>
        `endpoint-serves-package/unseen: templateUrl is ${value}, must be absent, as what is declared there cannot be seen. ${GIVE}`;
      violates(await analyze(rule, named(url)), text(JSON.stringify(url)));
      violates(await analyze(rule, named(UNKNOWN)), text("not known yet"));
      violates(await analyze(rule, broken(template, "templateUrl", url)), text(JSON.stringify(url)));
      violates(await analyze(rule, named(url), { config: { hiddenTemplates: "allow" } }));
      violates(await analyze(rule, broken(template, "templateBody", undefined)));
    });

    it(`${template.type}: a template that is not known yet`, async () => {
      notes(
        await analyze(rule, broken(template, "templateBody", UNKNOWN)),
        `endpoint-serves-package/waits: templateBody is not known yet, must be a template ${NOTHING}. ${LATER}`,
      );
    });
  }

  it("other types, and a mention in JSON that declares nothing", async () => {
    violates(
      await judged(of("AWS::SageMaker::NotebookInstance", "AWS::SageMaker::ModelPackageGroup", "AWS::SNS::Topic")),
    );
    violates(
      await judged("Resources:\n  # AWS::SageMaker::Model is declared elsewhere\n  A:\n    Type: AWS::SNS::Topic\n"),
    );
    violates(
      await judged({
        Resources: { A: { Type: "AWS::Config::ConfigRule", Properties: { Scope: ["AWS::SageMaker::Model"] } } },
      }),
    );
    violates(await judged(""));
  });

  it("several at once are one finding", async () => {
    violates(
      await judged(of("AWS::SageMaker::Model", "AWS::SageMaker::Endpoint", "AWS::SageMaker::Model")),
      hidden("templateBody", "AWS::SageMaker::Model and AWS::SageMaker::Endpoint"),
    );
  });

  it("YAML in flow style, with escapes, and types from parts", async () => {
    violates(
      await judged("{Resources: {A: {Type: AWS::SageMaker::Model}}}"),
      hidden("templateBody", "AWS::SageMaker::Model"),
    );
    for (const escaped of [
      "\\x41WS::SageMaker::Model",
      "\\u0041WS::SageMaker::Model",
      "AWS::Sage\\\n      Maker::Model",
    ])
      violates(
        await judged(`Resources:\n  A:\n    Type: "${escaped}"\n`),
        hidden("templateBody", "AWS::SageMaker::Model"),
      );
    const each = `AWS::SageMaker::${place("Kind")}`;
    violates(
      await judged({ Resources: { "Fn::ForEach::X": ["Kind", ["Model"], { [place("Kind")]: { Type: each } }] } }),
      hidden("templateBody", each),
      unseen("templateBody", `the type ${each}`),
    );
    violates(await judged(of(`AWS::${place("A")}::B`)), unseen("templateBody", `the type AWS::${place("A")}::B`));
  });

  it("state machines in a template that serve models or approve packages", async () => {
    for (const call of ["createModel", "CreateEndpoint", "updateModelPackage", "updateEndpointWeightsAndCapacities"]) {
      const definition = { States: { A: { Type: "Task", Resource: `arn:aws:states:::aws-sdk:sagemaker:${call}` } } };
      for (const Properties of [{ DefinitionString: JSON.stringify(definition) }, { Definition: definition }])
        violates(
          await judged({ Resources: { M: { Type: "AWS::StepFunctions::StateMachine", Properties } } }),
          hidden("templateBody", `sagemaker:${call}`),
        );
    }
    violates(
      await judged(`Resources:\n  M:\n    DefinitionString: '{"Resource":"arn:aws:states:::sagemaker:createModel"}'\n`),
      hidden("templateBody", "sagemaker:createModel"),
    );
    // A grant is no call.
    violates(
      await judged({ Resources: { P: { Type: "AWS::IAM::Policy", Properties: { Action: "sagemaker:CreateModel" } } } }),
    );
    violates(
      await judged({
        Resources: { M: { Properties: { DefinitionString: "arn:aws:states:::sagemaker:createModelCard" } } },
      }),
    );
  });

  it("templates in templates, and what brings in others", async () => {
    const stack = (Properties: unknown) => ({ Resources: { S: { Type: "AWS::CloudFormation::Stack", Properties } } });
    violates(
      await judged(stack({ TemplateBody: JSON.stringify(of("AWS::SageMaker::Model")) })),
      hidden("templateBody", "AWS::SageMaker::Model"),
    );
    for (const [template, what] of [
      [stack({ TemplateURL: { "Fn::Sub": "https://x" } }), "TemplateURL"],
      ["Resources:\n  S:\n    Properties:\n      TemplateURL: !Sub x\n", "TemplateURL"],
      [{ Resources: { M: { Properties: { DefinitionS3Location: {} } } } }, "DefinitionS3Location"],
      [of("AWS::Serverless::Application"), "AWS::Serverless::Application"],
      [of("My::Own::Thing::MODULE"), "My::Own::Thing::MODULE"],
      [
        of("AWS::ServiceCatalog::CloudFormationProvisionedProduct"),
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
      ],
      [{ Transform: "Mine", ...of() }, "Transform Mine"],
      [{ Transform: ["AWS::LanguageExtensions", "Mine"], ...of() }, "Transform Mine"],
      [{ Resources: { A: { "Fn::Transform": { Name: "AWS::Include" } } } }, "Transform AWS::Include"],
      ["Transform: Mine\nResources: {}\n", "Transform Mine"],
      ["Transform:\n  - AWS::LanguageExtensions\n  - Mine\nResources: {}\n", "Transform Mine"],
      ["Resources:\n  A: !Transform {Name: AWS::Include}\n", "Fn::Transform"],
    ] as const) {
      violates(await judged(template), unseen("templateBody", what));
      violates(await judged(template, { hiddenTemplates: "allow" }));
    }
    violates(
      await judged({ Transform: ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"], ...of("AWS::SNS::Topic") }),
    );
    violates(await judged("Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::SNS::Topic\n"));
  });

  it("a resource by the name of its type", async () => {
    for (const [resource, type, content] of [
      [compliant("native", "extension"), "type", "properties"],
      [compliant("classic", "cloudControl"), "typeName", "desiredState"],
    ] as const) {
      const made = (name: unknown, value: unknown) => broken(broken(resource, type, name), content, value);
      const form = (value: unknown) => (content === "properties" ? value : JSON.stringify(value));
      const limit = "a type that makes no models, endpoints or model packages";
      for (const name of TYPES)
        violates(
          await analyze(rule, made(`AWS::SageMaker::${name}`, UNKNOWN)),
          `endpoint-serves-package/hidden: ${type} is "AWS::SageMaker::${name}", must be ${limit}. ${DECLARE}`,
        );
      violates(
        await analyze(rule, made("AWS::CloudFormation::Stack", form({ TemplateBody: of("AWS::SageMaker::Model") }))),
        hidden(content, "AWS::SageMaker::Model"),
      );
      violates(
        await analyze(rule, made("AWS::CloudFormation::Stack", form({ TemplateURL: "https://x" }))),
        unseen(content, "TemplateURL"),
      );
      violates(
        await analyze(
          rule,
          made(
            "AWS::StepFunctions::StateMachine",
            form({ DefinitionString: '{"Resource":"arn:aws:states:::sagemaker:createEndpoint"}' }),
          ),
        ),
        hidden(content, "sagemaker:createEndpoint"),
      );
      const product = "AWS::ServiceCatalog::CloudFormationProvisionedProduct";
      violates(
        await analyze(rule, made(product, UNKNOWN)),
        `endpoint-serves-package/unseen: ${type} is "${product}", must be a type whose declarations can be seen. Declare its resources in this program.`,
      );
      violates(await analyze(rule, made(product, UNKNOWN), { config: { hiddenTemplates: "allow" } }));
      violates(await analyze(rule, made("AWS::SNS::Topic", UNKNOWN)));
      notes(
        await analyze(rule, made("AWS::CloudFormation::Stack", UNKNOWN)),
        `endpoint-serves-package/waits: ${content} is not known yet, must be a template ${NOTHING}. ${LATER}`,
      );
      notes(
        await analyze(rule, made(UNKNOWN, form({}))),
        `endpoint-serves-package/waits: ${type} is not known yet, must be ${limit}. ${LATER}`,
      );
    }
  });

  it("a published application, whose template is only named", async () => {
    const application = {
      type: "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
      name: "app",
      props: { applicationId: "arn:aws:serverlessrepo:us-east-1:111122223333:applications/x" },
    };
    violates(
      await analyze(rule, application),
      `endpoint-serves-package/unseen: applicationId is "${application.props.applicationId}", must be absent, as what is declared there cannot be seen. ${GIVE}`,
    );
    violates(await analyze(rule, application, { config: { hiddenTemplates: "allow" } }));
  });

  it("native: a template as an object with parts that are not known yet", async () => {
    const stack = compliant("native", "templateStack");
    const waits = (path: string) =>
      `endpoint-serves-package/waits: ${path} is not known yet, must be a part of a template ${NOTHING}. ${LATER}`;
    violates(
      await analyze(rule, broken(stack, "templateBody.Resources.Notices.Type", "AWS::SageMaker::Endpoint")),
      hidden("templateBody", "AWS::SageMaker::Endpoint"),
    );
    for (const path of ["Resources", "Resources.Notices", "Resources.Notices.Type", "Resources.Notices.Properties"])
      notes(await analyze(rule, broken(stack, `templateBody.${path}`, UNKNOWN)), waits(`templateBody.${path}`));
    for (const Transform of [UNKNOWN, ["AWS::LanguageExtensions", UNKNOWN]]) {
      const path = typeof Transform === "string" ? "templateBody.Transform" : "templateBody.Transform[1]";
      notes(await analyze(rule, broken(stack, "templateBody.Transform", Transform)), waits(path));
    }
    violates(await analyze(rule, broken(stack, "templateBody.Resources.Notices.Properties.TopicName", UNKNOWN)));
  });
});
