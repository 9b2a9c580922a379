/**
 * The grammar of every message, in one place:
 * `<rule>/<check>: <property path> is <value>, must be <limit>. <what to do>`
 */
import type { ReportViolation } from "@pulumi/policy";
import { currentRun } from "./run.ts";

/** One fault of one property. `value` is already fit to be read (see `show`); `fix` is a whole sentence. */
export interface Fault<Check extends string = string> {
  readonly check: Check;
  readonly path: string;
  readonly value: string;
  readonly limit: string;
  readonly fix: string;
}

export interface Reporter<Check extends string = string> {
  /** A violation at the rule's own level. */
  fault(fault: Fault<Check>): void;
  /** A violation that is mandatory whatever the rule's level, and that nothing exempts. */
  insist(fault: Fault<Check>): void;
  /** An advisory note: the value cannot be seen now and is judged at update. */
  waits(path: string, limit: string): void;
  /** An advisory note in the same grammar: not a fault, or not verified. */
  note(fault: Fault<Check>): void;
}

/** At run time `reportViolation` also takes this object; the library's declarations do not say so. */
interface Diagnostic {
  readonly message: string;
  readonly urn?: string;
  readonly enforcementLevel: "advisory" | "mandatory";
}

export function sentence(rule: string, { check, path, value, limit, fix }: Fault): string {
  return `${rule}/${check}: ${path} is ${value}, must be ${limit}. ${fix}`;
}

/**
 * The only user of the untyped form of `reportViolation`: a diagnostic whose level is not the rule's. That form does not
 * prefix the description, so it is added here. A test fails the day the library drops it.
 */
export function reportAt(
  level: Diagnostic["enforcementLevel"],
  report: ReportViolation,
  description: string,
  text: string,
  urn?: string,
): void {
  const diagnostic: Diagnostic = {
    message: `${description}\n${text}`,
    enforcementLevel: level,
    ...(urn ? { urn } : {}),
  };
  (report as unknown as (diagnostic: Diagnostic) => void)(diagnostic);
}

/**
 * A reporter for one resource, and the one place where exemptions act: no rule knows of them. An exempted fault is still
 * said, as advisory, with who exempted it and until when.
 */
export function reporter(options: {
  rule: string;
  description: string;
  report: ReportViolation;
  when: "resource" | "stack";
  /** The resource that is meant. In a stack rule the library does not know it and is told. */
  urn?: string;
}): Reporter {
  const { rule, description, report, when } = options;
  const meant = options.urn ?? "";
  const urn = when === "stack" ? options.urn : undefined;
  return {
    fault(fault) {
      const text = sentence(rule, fault);
      const exemption = currentRun().exempt(rule, fault.check, meant);
      if (exemption === undefined) report(text, urn);
      else reportAt("advisory", report, description, `${text} ${exemption}`, urn);
    },
    insist(fault) {
      reportAt("mandatory", report, description, sentence(rule, fault), urn);
    },
    note(fault) {
      currentRun().leaveOpen(rule, meant);
      reportAt("advisory", report, description, sentence(rule, fault), urn);
    },
    waits(path, limit) {
      currentRun().leaveOpen(rule, meant);
      const fix =
        when === "resource"
          ? "It is judged at update, before the resource is touched."
          : "It is judged again when the update has made it known.";
      reportAt(
        "advisory",
        report,
        description,
        sentence(rule, { check: "waits", path, value: "not known yet", limit, fix }),
        urn,
      );
    },
  };
}
