import assert from "node:assert/strict";
import rule from "../../../policies/reliability/function-no-secrets.ts";
import { LIFECYCLE, PACKAGE } from "../../../policies/support/families.ts";
import { suspicionOf } from "../../../policies/support/secrets.ts";
import { broken, compliant, compliantOf, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const KEEP = "Keep it in Secrets Manager and give its ARN instead; then change it, as it has been in plain text.";

// Put together here, so that no scanner takes this file for a leak.
const keyId = `AKIA${"IOSFODNN7EXAMPLE"}`;
const secretKey = ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/");
const KINDS: readonly (readonly [string, string])[] = [
  [keyId, "an AWS access key id"],
  [`-----BEGIN RSA ${"PRIVATE KEY"}-----\nMIIE`, "a private key"],
  [`ghp_${"a1B2".repeat(9)}`, "a GitHub token"],
  [`glpat-${"a1B2".repeat(5)}`, "a GitLab token"],
  [`xoxb-${"1234567890"}-abc`, "a Slack token"],
  [`hf_${"aB1".repeat(10)}`, "a Hugging Face token"],
  [`sk_live_${"aB1d".repeat(4)}`, "a Stripe key"],
  [`AIza${"aB1d-".repeat(7)}`, "a Google API key"],
  [`eyJ${"a".repeat(10)}.eyJ${"b".repeat(10)}.x`, "a signed token"],
  [`postgres://app:${"hunter22"}@db.example.com/x`, "an address with a password"],
  [`user=app;password=${"hunter22"}`, "a password in a text"],
];
const found = (path: string, check: string, kind: string) =>
  `function-no-secrets/${check}: ${path} is hidden (it looks like ${kind}), must be without any credential. ${KEEP}`;

describe("function-no-secrets", () => {
  for (const provider of PROVIDERS) {
    const lambda = compliant(provider, "function");
    const at = "environment.variables.CONFIG";

    for (const [text, kind] of KINDS) {
      it(`${provider}: ${kind}, alone and inside a text, and never quoted`, async () => {
        for (const value of [text, `{"inner": "${text.replaceAll("\n", "\\n")}"}`]) {
          const findings = await analyze(rule, broken(lambda, at, value));
          violates(findings, found(at, "pattern", kind));
          assert.ok(!findings.some((finding) => finding.text.includes(text)));
        }
      });
    }

    it(`${provider}: names that tell`, async () => {
      for (const name of ["DB_PASSWORD", "apiKey", "session-token", "SECRET", "dbPassword", "OPENAI_API_KEY"]) {
        const path = `environment.variables.${name}`;
        violates(
          await analyze(rule, broken(lambda, path, "correct horse")),
          found(path, "named", "a credential, by its name"),
        );
        for (const value of [
          "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-a1b2c3",
          "/frugal/prod/db-password",
          "{{resolve:secretsmanager:db}}",
          "{% $states.context.Task.Token %}",
          "$.Task.Token",
          "",
          "bearer",
        ])
          violates(await analyze(rule, broken(lambda, path, value)));
      }
      for (const name of ["SECRET_ARN", "TOKEN_TABLE", "MAX_TOKENS", "TOKENIZER", "KEYSPACE", "PRIMARY_KEY"])
        violates(await analyze(rule, broken(lambda, `environment.variables.${name}`, "a value with no harm")));
    });

    it(`${provider}: what is random, and what only looks so`, async () => {
      violates(await analyze(rule, broken(lambda, at, secretKey)), found(at, "random", "a random key"));
      for (const value of [
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "arn:aws:states:us-east-1:111122223333:stateMachine:frugal-prod-SubmissionOfTrainedModels",
        "11111111-2222-3333-4444-555555555555",
        "SageMakerAmazonSageMakerExceptionHandler2",
        "s3://frugal-prod-artifacts-111122223333-us-east-1/Models/sha256/Churn2/model.tar.gz",
      ])
        violates(await analyze(rule, broken(lambda, at, value)));
    });

    it(`${provider}: an environment, or a variable, not known yet`, async () => {
      for (const path of ["environment", "environment.variables", at]) {
        notes(
          await analyze(rule, broken(lambda, path, UNKNOWN)),
          `function-no-secrets/waits: ${path} is not known yet, must be without any credential. ${LATER}`,
        );
      }
    });

    it(`${provider}: containers of a model`, async () => {
      const model = compliant(provider, "model");
      for (const [path, environment] of [
        ["primaryContainer.environment", { A: keyId }],
        ["containers", [{ environment: { A: keyId } }]],
      ] as const) {
        const where = path === "containers" ? "containers[0].environment.A" : `${path}.A`;
        violates(
          await analyze(rule, broken(model, path, environment)),
          found(where, "pattern", "an AWS access key id"),
        );
      }
    });

    it(`${provider}: a state machine's definition, as object and as text`, async () => {
      const machine = compliant(provider, "stateMachine");
      const definition = { States: { Call: { Type: "Task", Arguments: { Headers: [{ Key: keyId }] } } } };
      const path = "definition.States.Call.Arguments.Headers[0].Key";
      violates(
        await analyze(rule, broken(machine, "definition", JSON.stringify(definition))),
        found(path, "pattern", "an AWS access key id"),
      );
      violates(
        await analyze(rule, broken(machine, "definition", `{ ${keyId}`)),
        found("definition", "pattern", "an AWS access key id"),
      );
      if (provider === "native") {
        violates(
          await analyze(rule, broken(machine, "definition", definition)),
          found(path, "pattern", "an AWS access key id"),
        );
        violates(
          await analyze(
            rule,
            broken(machine, "definitionString", JSON.stringify({ Comment: { Password: "correct horse" } })),
          ),
          found("definitionString.Comment.Password", "named", "a credential, by its name"),
        );
        violates(
          await analyze(rule, broken(machine, "definitionSubstitutions", { Password: "correct horse" })),
          found("definitionSubstitutions.Password", "named", "a credential, by its name"),
        );
      }
    });

    it(`${provider}: a plain parameter, by its value and by its name`, async () => {
      const parameter = compliant(provider, "parameter");
      violates(
        await analyze(rule, broken(parameter, "value", keyId)),
        found("value", "pattern", "an AWS access key id"),
      );
      violates(
        await analyze(rule, { ...broken(parameter, "value", "correct horse"), name: "db-password" }),
        found("value", "named", "a credential, by its name"),
      );
      // A text that happens to be JSON is a text.
      violates(
        await analyze(rule, broken(parameter, "value", JSON.stringify({ inner: keyId }))),
        found("value", "pattern", "an AWS access key id"),
      );
    });

    it(`${provider}: what is no text, no list and no object`, async () => {
      for (const value of [7, true, null]) violates(await analyze(rule, broken(lambda, at, value)));
      violates(
        await analyze(rule, broken(lambda, "environment", keyId)),
        found("environment", "pattern", KINDS[0]?.[1] ?? ""),
      );
      let deep: unknown = "x";
      for (let i = 0; i < 110; i += 1) deep = [deep];
      violates(
        await analyze(rule, broken(lambda, at, deep)),
        `function-no-secrets/unreadable: ${at}${"[0]".repeat(98)} is not plain data, must be plain text. Write it as plain data.`,
      );
    });

    it(`${provider}: a script that runs in notebooks, decoded`, async () => {
      const script = compliant(provider, "studioLifecycle");
      const path = "studioLifecycleConfigContent";
      const encoded = (text: string | Buffer) => Buffer.from(text).toString("base64");
      violates(
        await analyze(rule, broken(script, path, encoded(`export AWS_ACCESS_KEY_ID=${keyId}\n`))),
        found(path, "pattern", "an AWS access key id"),
      );
      violates(
        await analyze(rule, broken(script, path, `export AWS_ACCESS_KEY_ID=${keyId}\n`)),
        found(path, "pattern", "an AWS access key id"),
      );
      const plain = `AWS_ACCESS_KEY_ID=${keyId}`;
      for (const text of [plain, `${encoded("ab")}\n`, `${encoded(plain).slice(0, 8)}\n${encoded(plain).slice(8)}\n`])
        violates(
          await analyze(rule, broken(script, path, text)),
          ...(text.startsWith("YWI") ? [] : [found(path, "pattern", "an AWS access key id")]),
        );
      violates(await analyze(rule, broken(script, path, undefined)));
      for (const value of [encoded(Buffer.from([0xff])), encoded("a\0b"), "\uFFFD!", 7]) {
        violates(
          await analyze(rule, broken(script, path, value)),
          `function-no-secrets/unreadable: ${path} is no text, must be a script in base64. Give the script as text in base64.`,
        );
      }
    });
  }

  it("classic: an encrypted parameter may hold one, unless it is called insecure", async () => {
    const secure = broken(broken(compliant("classic", "parameter"), "type", "SecureString"), "value", keyId);
    violates(await analyze(rule, secure));
    violates(
      await analyze(rule, broken(secure, "insecureValue", keyId)),
      found("insecureValue", "pattern", "an AWS access key id"),
    );
  });

  it("classic: what the type is, is no matter of this rule", async () => {
    const parameter = compliant("classic", "parameter");
    violates(await analyze(rule, broken(parameter, "type", UNKNOWN)));
    violates(
      await analyze(rule, broken(broken(parameter, "type", UNKNOWN), "value", keyId)),
      found("value", "pattern", "an AWS access key id"),
    );
  });

  it("one note where several places are hidden behind one unknown", async () => {
    notes(
      await analyze(rule, broken(compliant("classic", "tuning"), "trainingJobDefinition", UNKNOWN)),
      `function-no-secrets/waits: trainingJobDefinition is not known yet, must be without any credential. ${LATER}`,
    );
  });

  it("every other place", async () => {
    const within = (path: string, value: unknown): Record<string, unknown> => {
      const [key = "", ...rest] = path.split(".");
      const inner = rest.length === 0 ? value : within(rest.join("."), value);
      return key.endsWith("[0]") ? { [key.slice(0, -3)]: [inner] } : { [key]: inner };
    };
    const script = Buffer.from(keyId).toString("base64");
    const bare = (type: string, path: string, value: unknown): Resource => ({
      type,
      name: "db-password",
      props: within(path, value),
    });
    for (const [type, path] of [
      ["aws-native:sagemaker:InferenceComponent", "specification.container.environment"],
      ["aws-native:sagemaker:InferenceComponent", "specifications[0].container.environment"],
      [PACKAGE.native, "inferenceSpecification.containers[0].environment"],
      [PACKAGE.native, "additionalInferenceSpecifications[0].containers[0].environment"],
      [PACKAGE.native, "additionalInferenceSpecificationsToAdd[0].containers[0].environment"],
      [PACKAGE.native, "validationSpecification.validationProfiles[0].transformJobDefinition.environment"],
      ["aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob", "trainingJobDefinitions[0].environment"],
      ["aws-native:sagemaker:MonitoringSchedule", "monitoringScheduleConfig.monitoringJobDefinition.environment"],
      [
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        "monitoringScheduleConfig.monitoringJobDefinition.environment",
      ],
    ] as const) {
      violates(
        await analyze(rule, bare(type, path, { A: keyId })),
        found(`${path}.A`, "pattern", "an AWS access key id"),
      );
    }
    for (const path of ["onCreate", "onStart"])
      violates(
        await analyze(rule, bare(LIFECYCLE.classic, path, script)),
        found(path, "pattern", "an AWS access key id"),
      );
  });

  it("jobs: environment and hyperparameters", async () => {
    const check = async (resource: Resource | undefined, path: string) => {
      assert.ok(resource);
      violates(
        await analyze(rule, broken(resource, path, { A: keyId })),
        found(`${path}.A`, "pattern", "an AWS access key id"),
      );
    };
    await check(compliantOf("aws-native:sagemaker:ProcessingJob")[0], "environment");
    for (const path of ["environment", "hyperParameters"]) await check(compliant("classic", "job"), path);
    for (const key of ["environment", "staticHyperParameters"])
      await check(compliant("classic", "tuning"), `trainingJobDefinition.${key}`);
  });

  it("a key that is a credential is not quoted by its path", async () => {
    const findings = await analyze(
      rule,
      broken(compliant("native", "function"), "environment.variables", { [keyId]: "x" }),
    );
    violates(findings, found("a key of environment.variables", "pattern", "an AWS access key id"));
  });

  it("a long text is searched in time linear in its length", () => {
    const start = performance.now();
    assert.equal(suspicionOf("aB1-".repeat(250_000)), undefined);
    assert.equal(suspicionOf("a:".repeat(500_000)), undefined);
    assert.ok(performance.now() - start < 2_000);
  });
});
