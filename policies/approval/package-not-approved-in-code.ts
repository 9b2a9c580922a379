/** No line of a program approves a model package: approval is a person's decision. */
import { PACKAGE, PIPELINE, STATE_MACHINE } from "../support/families.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { PIPELINE_READS, statusesIn } from "../support/pipelines.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import { DEFINITION, definitionOf, type TaskState } from "../support/states.ts";
import type { Subject } from "../support/subject.ts";
import { isTree, join, Unknown } from "../support/unknown.ts";

type Check = "status" | "unknown" | "state" | "pipeline" | "unreadable";

/** Statuses that a program may set anywhere: they let nothing serve. */
const HARMLESS: readonly unknown[] = ["PendingManualApproval", "Rejected"];
/** A JSONata choice between two harmless literals, with a condition that holds no further choice, literal or assignment. */
const HARMLESS_CHOICE =
  /^\{%[^'"?:;]*\?\s*(['"])(?:PendingManualApproval|Rejected)\1\s*:\s*(['"])(?:PendingManualApproval|Rejected)\2\s*%\}$/;
/** Step Functions' SDK integration; service and action are matched without case, as the service accepts. */
const CALL = /:sagemaker:(create|update)modelpackage(?:\.|$)/i;

export default rule({
  id: "package-not-approved-in-code",
  group: "approval",
  severity: "critical",
  what: "A model package is approved by a declaration, or by a state machine or pipeline step that no person decides.",
  why: "Whoever can merge a line would then be the approver.",
  fix: "Register packages as PendingManualApproval; let only the state behind the approver's answer set Approved.",
  levels: { dev: "mandatory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    status: "A declared package has an approval status other than PendingManualApproval.",
    unknown: "A declared package's approval status is not literal at preview.",
    state: "A state that is not the approving one may set Approved.",
    pipeline: "A step of a SageMaker pipeline may set Approved, by itself or by a parameter of its start.",
    unreadable: "The definition of a state machine or pipeline cannot be read, so what it sets cannot be seen.",
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["approvingStates"],
  resource: {
    reads: {
      [PACKAGE.native]: ["modelApprovalStatus"],
      [STATE_MACHINE.native]: DEFINITION.native,
      [STATE_MACHINE.classic]: DEFINITION.classic,
      ...PIPELINE_READS,
    },
    judge(subject, { settings, report }) {
      if (subject.type === PACKAGE.native) judgePackage(subject, report);
      else if (subject.type === PIPELINE.native || subject.type === PIPELINE.classic) judgePipeline(subject, report);
      else judgeMachine(subject, settings.approvingStates, report);
    },
  },
});

function judgePackage(subject: Subject, report: Reporter<Check>): void {
  const reading = subject.one("modelApprovalStatus");
  const { path } = reading;
  const limit = 'absent or "PendingManualApproval"';
  if (reading.state === "unknown") {
    const fix = "Write it as a literal, or leave it out.";
    report.fault({ check: "unknown", path, value: "not known at preview", limit, fix });
  } else if (reading.state !== "absent" && reading.value !== "PendingManualApproval") {
    const fix = "Leave it out; the approver decides.";
    report.fault({ check: "status", path, value: show(reading.value), limit, fix });
  }
}

function judgeMachine(subject: Subject, approving: readonly string[], report: Reporter<Check>): void {
  const { tasks, unknown, flaws } = definitionOf(subject);
  for (const path of unknown) report.waits(path, `without a state that sets Approved${except(approving)}`);
  for (const { path, value, limit } of flaws) {
    report.fault({ check: "unreadable", path, value: show(value), limit, fix: "Give the definition in the program." });
  }
  for (const task of tasks) judgeTask(task, approving, report);
}

const except = (approving: readonly string[]): string =>
  approving.length > 0 ? ` in any state but ${and(approving)}` : "";

function judgeTask({ name, path, state }: TaskState, approving: readonly string[], report: Reporter<Check>): void {
  const { Resource: resource } = state;
  if (resource instanceof Unknown) {
    report.waits(join(path, "Resource"), "no call that approves a package");
    return;
  }
  if (typeof resource !== "string" || !CALL.test(resource) || approving.includes(name)) return;
  const key = state.Arguments === undefined ? "Parameters" : "Arguments";
  const parameters = state[key];
  const fault = (at: string, value: string) => {
    const limit = `"PendingManualApproval" or "Rejected"${except(approving)}`;
    const fix =
      "Move it into the approving state, or name this state in approvingStates if a person's answer leads to it.";
    report.fault({ check: "state", path: at, value, limit, fix });
  };
  const at = join(path, key);
  if (parameters instanceof Unknown)
    report.waits(at, `an object whose ModelApprovalStatus is ${HARMLESS.join(" or ")}`);
  else if (!isTree(parameters))
    fault(at, parameters === undefined ? "absent, so the state's whole input is sent" : show(parameters));
  else {
    for (const [argument, value] of Object.entries(parameters)) {
      if (argument.toLowerCase().replace(/\.\$$/, "") !== "modelapprovalstatus") continue;
      const here = join(at, argument);
      if (value instanceof Unknown) report.waits(here, HARMLESS.join(" or "));
      else if (typeof value !== "string" || !(HARMLESS.includes(value) || HARMLESS_CHOICE.test(value)))
        fault(here, show(value));
    }
  }
}

function judgePipeline(subject: Subject, report: Reporter<Check>): void {
  const { statuses, unknown, flaws } = statusesIn(subject);
  for (const path of unknown) report.waits(path, "without a step that sets Approved");
  for (const { path, value } of flaws) {
    const limit = "a pipeline definition that can be read: JSON text with Steps";
    report.fault({ check: "unreadable", path, value: show(value), limit, fix: "Give the definition in the program." });
  }
  for (const { path, value, possible } of statuses) {
    if (possible?.every((one) => HARMLESS.includes(one))) continue;
    report.fault({
      check: "pipeline",
      path,
      value: show(value),
      limit: '"PendingManualApproval" or "Rejected", or a parameter with only these in EnumValues',
      fix: "Register as PendingManualApproval; the approver decides.",
    });
  }
}
