/**
 * The grammar of every message, in one place:
 * `<rule>/<check>: <property path> is <value>, must be <limit>. <what to do>`
 */
import type { ReportViolation } from "@pulumi/policy";

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

/** A reporter for one resource. `urn` is given by stack rules, where the library does not know which resource is meant. */
export function reporter(options: {
  rule: string;
  description: string;
  report: ReportViolation;
  when: "resource" | "stack";
  urn?: string;
}): Reporter {
  const { rule, description, report, when, urn } = options;
  return {
    fault(fault) {
      report(sentence(rule, fault), urn);
    },
    note(fault) {
      reportAt("advisory", report, description, sentence(rule, fault), urn);
    },
    waits(path, limit) {
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
