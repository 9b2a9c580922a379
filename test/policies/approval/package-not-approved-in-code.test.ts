import rule from "../../../policies/approval/package-not-approved-in-code.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LIMIT = '"PendingManualApproval" or "Rejected"';
const FIX = "Move it into the approving state, or name this state in approvingStates if a person's answer leads to it.";
const LATER = "It is judged at update, before the resource is touched.";
const UPDATE = "arn:aws:states:::aws-sdk:sagemaker:updateModelPackage";

/** Substitutions as CloudFormation spells them. */
const PLACE = { status: `\${${"status"}}`, task: `\${${"task"}}` };

/** A state machine whose one state is given, in the provider's own form. */
function machine(provider: Provider, state: Record<string, unknown>, name = "Cheat"): Resource {
  const definition = { StartAt: name, States: { [name]: state } };
  return broken(
    compliant(provider, "stateMachine"),
    "definition",
    provider === "native" ? definition : JSON.stringify(definition),
  );
}
const call = (parameters: unknown, key = "Arguments", resource: unknown = UPDATE) => ({
  Type: "Task",
  Resource: resource,
  [key]: parameters,
  End: true,
});

describe("package-not-approved-in-code", () => {
  it("a declared package", async () => {
    const version = compliant("native", "package");
    for (const status of ["Approved", "Rejected", 1]) {
      violates(
        await analyze(rule, broken(version, "modelApprovalStatus", status)),
        `package-not-approved-in-code/status: modelApprovalStatus is ${JSON.stringify(status)}, must be absent or "PendingManualApproval". Leave it out; the approver decides.`,
      );
    }
    for (const status of [undefined, "PendingManualApproval"])
      violates(await analyze(rule, broken(version, "modelApprovalStatus", status)));
    violates(
      await analyze(rule, broken(version, "modelApprovalStatus", UNKNOWN)),
      'package-not-approved-in-code/unknown: modelApprovalStatus is not known at preview, must be absent or "PendingManualApproval". Write it as a literal, or leave it out.',
    );
  });

  for (const provider of PROVIDERS) {
    const at = "definition.States.Cheat";

    it(`${provider}: a state that sets Approved`, async () => {
      for (const resource of [
        UPDATE,
        `${UPDATE}.waitForTaskToken`,
        "arn:aws:states:::aws-sdk:sagemaker:createModelPackage",
        "arn:aws:states:::aws-sdk:SageMaker:CREATEMODELPACKAGE",
      ]) {
        violates(
          await analyze(rule, machine(provider, call({ ModelApprovalStatus: "Approved" }, "Arguments", resource))),
          `package-not-approved-in-code/state: ${at}.Arguments.ModelApprovalStatus is "Approved", must be ${LIMIT}. ${FIX}`,
        );
      }
      violates(
        await analyze(rule, machine(provider, call({ ModelApprovalStatus: "Approved" }, "Parameters"))),
        `package-not-approved-in-code/state: ${at}.Parameters.ModelApprovalStatus is "Approved", must be ${LIMIT}. ${FIX}`,
      );
    });

    it(`${provider}: a status that is computed may be Approved`, async () => {
      for (const [key, name, value] of [
        ["Parameters", "ModelApprovalStatus.$", "$.status"],
        ["Arguments", "ModelApprovalStatus", "{% $status %}"],
        ["Arguments", "ModelApprovalStatus", "{% $ok ? 'Approved' : 'Rejected' %}"],
        ["Arguments", "ModelApprovalStatus", "{% $a ? $evil : $b ? 'Rejected' : 'Rejected' %}"],
        ["Arguments", "ModelApprovalStatus", "{% ($s := $evil; $a) ? 'Rejected' : 'Rejected' %}"],
        ["Arguments", "ModelApprovalStatus", "x{% $a ? 'Rejected' : 'Rejected' %}"],
        ["Arguments", "ModelApprovalStatus", "{% $a ? 'Rejected' : 'Rejected' %}x"],
        ["Arguments", "ModelApprovalStatus", ["{% $a ? 'Rejected' : 'Rejected' %}"]],
      ] as const) {
        const path = name.includes("$") ? `${at}.${key}["${name}"]` : `${at}.${key}.${name}`;
        violates(
          await analyze(rule, machine(provider, call({ [name]: value }, key))),
          `package-not-approved-in-code/state: ${path} is ${JSON.stringify(value)}, must be ${LIMIT}. ${FIX}`,
        );
      }
      violates(
        await analyze(rule, machine(provider, call("{% $everything %}"))),
        `package-not-approved-in-code/state: ${at}.Arguments is "{% $everything %}", must be ${LIMIT}. ${FIX}`,
      );
      violates(
        await analyze(rule, machine(provider, { Type: "Task", Resource: UPDATE, End: true })),
        `package-not-approved-in-code/state: ${at}.Parameters is absent, so the state's whole input is sent, must be ${LIMIT}. ${FIX}`,
      );
    });

    it(`${provider}: what lets nothing serve may be set anywhere`, async () => {
      for (const value of [
        "Rejected",
        "PendingManualApproval",
        "{% $gate.passed ? 'PendingManualApproval' : 'Rejected' %}",
        "{%$a?'Rejected':'Rejected'%}",
        "{%  $a  ?  'Rejected'  :  'Rejected'  %}",
      ]) {
        violates(await analyze(rule, machine(provider, call({ ModelApprovalStatus: value }))));
      }
      for (const other of ["ApprovalDescription", "ModelApproval.$Status"])
        violates(await analyze(rule, machine(provider, call({ [other]: "Approved" }))));
      // What is no call is refused by Step Functions.
      violates(
        await analyze(rule, machine(provider, call({ ModelApprovalStatus: "Approved" }, "Arguments", [UPDATE]))),
      );
      violates(
        await analyze(
          rule,
          machine(
            provider,
            call({ ModelApprovalStatus: "Approved" }, "Arguments", "arn:aws:states:::dynamodb:putItem"),
          ),
        ),
      );
    });

    it(`${provider}: the approving state is a setting`, async () => {
      const state = call({ ModelApprovalStatus: "Approved" });
      violates(await analyze(rule, machine(provider, state), { config: { approvingStates: ["Cheat"] } }));
      violates(
        await analyze(rule, machine(provider, state), { config: { approvingStates: ["Decide"] } }),
        `package-not-approved-in-code/state: definition.States.Cheat.Arguments.ModelApprovalStatus is "Approved", must be ${LIMIT} in any state but Decide. ${FIX}`,
      );
    });

    it(`${provider}: inside Map and Parallel`, async () => {
      const inner = { StartAt: "In", States: { In: call({ ModelApprovalStatus: "Approved" }) } };
      for (const [state, path] of [
        [{ Type: "Map", ItemProcessor: inner, End: true }, "ItemProcessor"],
        [{ Type: "Map", Iterator: inner, End: true }, "Iterator"],
        [
          {
            Type: "Parallel",
            Branches: [{ StartAt: "P", States: { P: { Type: "Pass", End: true } } }, inner],
            End: true,
          },
          "Branches[1]",
        ],
      ] as const) {
        violates(
          await analyze(rule, machine(provider, state)),
          `package-not-approved-in-code/state: ${at}.${path}.States.In.Arguments.ModelApprovalStatus is "Approved", must be ${LIMIT}. ${FIX}`,
        );
      }
    });

    it(`${provider}: a definition that cannot be read`, async () => {
      const limit = "a state machine definition that can be read: an object or JSON text with States";
      const original = compliant(provider, "stateMachine");
      violates(
        await analyze(rule, broken(original, "definition", "{")),
        `package-not-approved-in-code/unreadable: definition is "{", must be ${limit}. Give the definition in the program.`,
      );
      violates(
        await analyze(rule, broken(original, "definition", undefined)),
        `package-not-approved-in-code/unreadable: definition is absent, must be ${limit}. Give the definition in the program.`,
      );
    });

    it(`${provider}: a definition that is not known yet`, async () => {
      notes(
        await analyze(rule, broken(compliant(provider, "stateMachine"), "definition", UNKNOWN)),
        `package-not-approved-in-code/waits: definition is not known yet, must be without a state that sets Approved. ${LATER}`,
      );
    });
  }

  it("native: single unknown leaves of an object definition", async () => {
    const wait = (path: string, limit: string) =>
      `package-not-approved-in-code/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;
    const at = "definition.States.Cheat";
    notes(
      await analyze(rule, machine("native", call({}, "Arguments", UNKNOWN))),
      wait(`${at}.Resource`, "no call that approves a package"),
    );
    notes(
      await analyze(rule, machine("native", call(UNKNOWN))),
      wait(`${at}.Arguments`, "an object whose ModelApprovalStatus is PendingManualApproval or Rejected"),
    );
    notes(
      await analyze(rule, machine("native", call({ ModelApprovalStatus: UNKNOWN }))),
      wait(`${at}.Arguments.ModelApprovalStatus`, "PendingManualApproval or Rejected"),
    );
  });

  it("native: substitutions are applied before judging, and unknown ones are waited for", async () => {
    const original = broken(compliant("native", "stateMachine"), "definition", undefined);
    const definitionString = JSON.stringify({
      StartAt: "A",
      States: { A: call({ ModelApprovalStatus: PLACE.status }, "Arguments", PLACE.task) },
    });
    const withKnown = {
      ...original,
      props: { ...original.props, definitionString, definitionSubstitutions: { task: UPDATE, status: "Approved" } },
    };
    violates(
      await analyze(rule, withKnown),
      `package-not-approved-in-code/state: definitionString.States.A.Arguments.ModelApprovalStatus is "Approved", must be ${LIMIT}. ${FIX}`,
    );
    notes(
      await analyze(rule, broken(withKnown, "definitionSubstitutions.task", UNKNOWN)),
      `package-not-approved-in-code/waits: definitionSubstitutions.task is not known yet, must be without a state that sets Approved. ${LATER}`,
    );
  });

  it("native: a definition kept in S3 cannot be judged", async () => {
    const original = broken(compliant("native", "stateMachine"), "definition", undefined);
    violates(
      await analyze(rule, {
        ...original,
        props: { ...original.props, definitionS3Location: { bucket: "b", key: "k" } },
      }),
      'package-not-approved-in-code/unreadable: definitionS3Location is {"bucket":"b","key":"k"}, must be a state machine definition that can be read: an object or JSON text with States. Give the definition in the program.',
    );
  });

  describe("pipelines", () => {
    const readable = "a pipeline definition that can be read: JSON text with Steps";
    const GIVE = "Give the definition in the program.";
    const limit = '"PendingManualApproval" or "Rejected", or a parameter with only these in EnumValues';
    const register = (status: unknown) => ({
      Name: "Register",
      Type: "RegisterModel",
      Arguments: { ModelPackageGroupName: "churn", ModelApprovalStatus: status },
    });
    /** The pipeline of a provider with another definition, and where the definition stands. */
    const pipeline = (provider: Provider, text: unknown): [Resource, string] => {
      const at = provider === "native" ? "pipelineDefinition.pipelineDefinitionBody" : "pipelineDefinition";
      return [broken(compliant(provider, "pipeline"), at, text), at];
    };
    const said = (path: string, value: string) =>
      `package-not-approved-in-code/pipeline: ${path} is ${value}, must be ${limit}. Register as PendingManualApproval; the approver decides.`;

    for (const provider of PROVIDERS) {
      const judged = async (definition: unknown) => {
        const [resource, at] = pipeline(provider, JSON.stringify(definition));
        return { found: await analyze(rule, resource), at };
      };

      it(`${provider}: a step that sets Approved, also in a condition and with the key in another case`, async () => {
        for (const value of [
          "Approved",
          "approved",
          ["Rejected"],
          1,
          { "Std:Join": { On: "", Values: ["Appr", "oved"] } },
        ]) {
          const { found, at } = await judged({ Steps: [register(value)] });
          violates(found, said(`${at}.Steps[0].Arguments.ModelApprovalStatus`, JSON.stringify(value)));
        }
        const inner = { Name: "If", Type: "Condition", Arguments: { IfSteps: [register("Approved")], ElseSteps: [] } };
        const { found, at } = await judged({ Steps: [register("Rejected"), inner] });
        violates(found, said(`${at}.Steps[1].Arguments.IfSteps[0].Arguments.ModelApprovalStatus`, '"Approved"'));
        const odd = await judged({ Steps: [{ Arguments: { modelapprovalSTATUS: "Approved" } }] });
        violates(odd.found, said(`${odd.at}.Steps[0].Arguments.modelapprovalSTATUS`, '"Approved"'));
      });

      it(`${provider}: what lets nothing serve, or no status`, async () => {
        for (const value of ["PendingManualApproval", "Rejected", undefined])
          violates((await judged({ Steps: [register(value)] })).found);
        violates((await judged({ Parameters: [{ Name: "S", DefaultValue: "Approved" }], Steps: [] })).found);
      });

      it(`${provider}: a parameter, which whoever starts the pipeline gives, unless it is closed`, async () => {
        const harmless = ["PendingManualApproval", "Rejected"];
        const get = { Get: "Parameters.S" };
        for (const parameters of [
          [{ Name: "S", DefaultValue: "Approved" }],
          [{ Name: "S", DefaultValue: "PendingManualApproval" }],
          [{ Name: "S", EnumValues: ["PendingManualApproval", "Approved"] }],
          [{ Name: "S", DefaultValue: "Approved", EnumValues: harmless }],
          [{ Name: "T", EnumValues: harmless }],
          [{ Name: "S", EnumValues: harmless }, { Name: "S" }],
          [7],
          undefined,
        ]) {
          const { found, at } = await judged({ Parameters: parameters, Steps: [register(get)] });
          violates(found, said(`${at}.Steps[0].Arguments.ModelApprovalStatus`, JSON.stringify(get)));
        }
        for (const other of [{ Get: "Steps.S" }, { Get: 1 }, { Get: "xParameters.S" }]) {
          const { found, at } = await judged({
            Parameters: [{ Name: "S", EnumValues: harmless }],
            Steps: [register(other)],
          });
          violates(found, said(`${at}.Steps[0].Arguments.ModelApprovalStatus`, JSON.stringify(other)));
        }
        for (const DefaultValue of ["Rejected", undefined])
          violates(
            (await judged({ Parameters: [{ Name: "S", DefaultValue, EnumValues: harmless }], Steps: [register(get)] }))
              .found,
          );
      });

      it(`${provider}: a definition that cannot be read, and one that is not known yet`, async () => {
        for (const text of ["{", "[]", '{"Steps":{}}', 5]) {
          const [resource, at] = pipeline(provider, text);
          violates(
            await analyze(rule, resource),
            `package-not-approved-in-code/unreadable: ${at} is ${JSON.stringify(text)}, must be ${readable}. ${GIVE}`,
          );
        }
        const [resource, at] = pipeline(provider, UNKNOWN);
        notes(
          await analyze(rule, resource),
          `package-not-approved-in-code/waits: ${at} is not known yet, must be without a step that sets Approved. ${LATER}`,
        );
        violates(
          await analyze(rule, broken(resource, "pipelineDefinition", undefined)),
          `package-not-approved-in-code/unreadable: pipelineDefinition is absent, must be ${readable}. ${GIVE}`,
        );
      });

      it(`${provider}: a definition in S3, alone or beside another`, async () => {
        const place = { bucket: "b", key: "k" };
        const original = compliant(provider, "pipeline");
        const [path, alone, beside] =
          provider === "native"
            ? [
                "pipelineDefinition.pipelineDefinitionS3Location",
                broken(original, "pipelineDefinition", { pipelineDefinitionS3Location: place }),
                broken(original, "pipelineDefinition.pipelineDefinitionS3Location", place),
              ]
            : [
                "pipelineDefinitionS3Location",
                broken(broken(original, "pipelineDefinition", undefined), "pipelineDefinitionS3Location", place),
                broken(original, "pipelineDefinitionS3Location", place),
              ];
        for (const resource of [alone, beside])
          violates(
            await analyze(rule, resource),
            `package-not-approved-in-code/unreadable: ${path} is {"bucket":"b","key":"k"}, must be ${readable}. ${GIVE}`,
          );
        violates(
          await analyze(rule, broken(alone, path, UNKNOWN)),
          `package-not-approved-in-code/unreadable: ${path} is not known yet, must be ${readable}. ${GIVE}`,
        );
      });
    }

    it("native: a definition as an object, or as text where an object stands", async () => {
      const definition = { Steps: [register("Approved")] };
      const original = compliant("native", "pipeline");
      for (const form of [definition, JSON.stringify(definition)])
        violates(
          await analyze(rule, broken(original, "pipelineDefinition", form)),
          said("pipelineDefinition.Steps[0].Arguments.ModelApprovalStatus", '"Approved"'),
        );
      notes(
        await analyze(rule, broken(original, "pipelineDefinition", { Steps: [register(UNKNOWN)] })),
        `package-not-approved-in-code/waits: pipelineDefinition.Steps[0].Arguments.ModelApprovalStatus is not known yet, must be without a step that sets Approved. ${LATER}`,
      );
    });
  });
});
