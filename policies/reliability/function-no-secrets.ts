/** No credential stands where whoever may describe a resource can read it. */
import { parseJson } from "../support/document.ts";
import {
  FUNCTION,
  INFERENCE_COMPONENT,
  JOB,
  LIFECYCLE,
  MODEL,
  MONITOR,
  PACKAGE,
  PARAMETER,
  STATE_MACHINE,
  tokensOf,
} from "../support/families.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { suspicionOf } from "../support/secrets.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { isTree, join, Opaque, Unknown } from "../support/unknown.ts";

type Check = "pattern" | "named" | "random" | "unreadable";

const LIMIT = "without any credential";
/** Scripts that the API wants as base64. */
const SCRIPTS = ["onCreate", "onStart", "studioLifecycleConfigContent"];
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

export default rule({
  id: "function-no-secrets",
  group: "reliability",
  severity: "critical",
  what: "A credential stands in an environment, a hyperparameter, a script, a definition or a plain parameter.",
  why: "Whoever may describe the resource can read it, and it stays in logs, states and histories.",
  fix: "Keep it in Secrets Manager, give its ARN, and let the code read it; a Pulumi secret put there is plain text to AWS, too.",
  levels: { dev: "mandatory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    pattern: "The text holds what has the form of a known kind of credential.",
    named: "The name says that the value is a credential, and the value is no reference.",
    random: "The text holds what is as random as a key.",
    unreadable: "The text cannot be read, so what it holds cannot be seen.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "checkov", ids: ["CKV_AWS_45"] },
    {
      source: "checkov",
      ids: ["CKV_AWS_384"],
      note: "it looks only at parameters whose name speaks of a secret or an API key",
    },
    {
      source: "prowler",
      ids: [
        "awslambda_function_no_secrets_in_variables",
        "stepfunctions_statemachine_no_secrets_in_definition",
        "sagemaker_notebook_instance_no_secrets",
      ],
    },
  ],
  resource: {
    reads: allReads(
      reads(tokensOf(FUNCTION), "environment.variables"),
      reads(tokensOf(MODEL), "primaryContainer.environment", "containers[].environment"),
      reads(
        tokensOf(INFERENCE_COMPONENT),
        "specification.container.environment",
        "specifications[].container.environment",
      ),
      reads(
        tokensOf(PACKAGE),
        "inferenceSpecification.containers[].environment",
        "additionalInferenceSpecifications[].containers[].environment",
        "additionalInferenceSpecificationsToAdd[].containers[].environment",
        "validationSpecification.validationProfiles[].transformJobDefinition.environment",
      ),
      {
        [JOB.native]: ["environment"],
        [JOB.training]: ["environment", "hyperParameters"],
        [JOB.tuning]: ["trainingJobDefinition", "trainingJobDefinitions[]"].flatMap((definition) =>
          ["environment", "staticHyperParameters"].map((key) => `${definition}.${key}`),
        ),
      },
      reads(
        [MONITOR.schedule, MONITOR.classicSchedule],
        "monitoringScheduleConfig.monitoringJobDefinition.environment",
      ),
      { [LIFECYCLE.classic]: ["onCreate", "onStart"] },
      reads([LIFECYCLE.studio, LIFECYCLE.classicStudio], "studioLifecycleConfigContent"),
      { [STATE_MACHINE.native]: ["definition", "definitionString", "definitionSubstitutions"] },
      { [STATE_MACHINE.classic]: ["definition"] },
      { [PARAMETER.native]: ["value"], [PARAMETER.classic]: ["type", "value", "insecureValue"] },
    ),
    judge(subject, { report }) {
      const seen = new Set<string>();
      for (const path of subject.paths()) {
        if (path === "type") continue;
        if (path === "value" && isEncrypted(subject)) continue;
        for (const reading of subject.read(path)) {
          if (reading.state === "absent") continue;
          if (reading.state === "unknown") {
            if (!seen.has(reading.path)) report.waits(reading.path, LIMIT);
            seen.add(reading.path);
          } else if (SCRIPTS.includes(path)) judgeScript(reading.value, reading.path, report);
          else if (path.startsWith("definition") && typeof reading.value === "string") {
            // Text that is no JSON is searched as it is; that it is none, another rule says.
            look(parseJson(reading.value) ?? reading.value, reading.path, report);
            // A parameter's own name says what its value is.
          } else look(reading.value, reading.path, report, subject.name);
        }
      }
    },
  },
});

/** `SecureString` is encrypted; what the type is may not be known yet, and then the value is searched. */
function isEncrypted(subject: Subject): boolean {
  // aws-native cannot make encrypted parameters.
  return subject.has("type") && textOf(subject.one("type")) === "SecureString";
}

/** Every text below `value`, with the key under which it stands. */
function look(value: unknown, path: string, report: Reporter<Check>, name?: string): void {
  if (value instanceof Unknown) report.waits(path, LIMIT);
  else if (value instanceof Opaque) {
    report.fault({
      check: "unreadable",
      path,
      value: show(value),
      limit: "plain text",
      fix: "Write it as plain data.",
    });
  } else if (typeof value === "string") {
    const suspicion = suspicionOf(value, name);
    if (!suspicion) return;
    const fix = "Keep it in Secrets Manager and give its ARN instead; then change it, as it has been in plain text.";
    const hidden = `hidden (it looks like ${suspicion.kind})`;
    report.fault({ check: suspicion.by, path, value: hidden, limit: LIMIT, fix });
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) look(item, join(path, i), report, name);
  } else if (isTree(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (suspicionOf(key)) look(key, `a key of ${path}`, report);
      else look(inner, join(path, key), report, key);
    }
  }
}

/** A script is written in base64; one that is not base64 at all is read as it stands. */
function judgeScript(value: unknown, path: string, report: Reporter<Check>): void {
  const text = typeof value === "string" && BASE64.test(value) ? Buffer.from(value, "base64").toString("utf8") : value;
  if (typeof text !== "string" || text.includes("\uFFFD") || text.includes("\0")) {
    const fix = "Give the script as text in base64.";
    report.fault({ check: "unreadable", path, value: "no text", limit: "a script in base64", fix });
  } else look(text, path, report);
}
