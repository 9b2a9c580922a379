/** A verdict, however it was come by: overheard from the engine, or found by `policies:check`. */

export interface Finding {
  readonly rule: string;
  /** Code of the check, such as `status` in `package-approved/status`; absent where a message has none. */
  readonly check?: string;
  readonly level: "advisory" | "mandatory";
  readonly severity: string;
  /** The resource meant. */
  readonly urn: string;
  /** What the rule demands and why: the same for each of its findings. */
  readonly description: string;
  /** What was found, where, and what to do. */
  readonly text: string;
  /** `path:line` of its declaration, where the record says. */
  readonly source?: string;
}

/** What was judged, and what was found. */
export interface Verdict {
  /** What it was read from: `stack export`, `preview` (both judged here) or `engine` (judged there). */
  readonly by: string;
  readonly pack: string;
  readonly resources: number;
  readonly findings: readonly Finding[];
  /** What remediation changed, as `rule on URN`. */
  readonly remediated: readonly { readonly rule: string; readonly urn: string }[];
  /** Anything that a reader must know to trust the rest. */
  readonly remarks: readonly string[];
}

/** A policy's message is its description, a line break, and what was found. */
export function partsOf(message: string, rule: string): Pick<Finding, "description" | "text" | "check"> {
  const break_ = message.indexOf("\n");
  const description = break_ < 0 ? "" : message.slice(0, break_).trim();
  const text = message.slice(break_ + 1).trim();
  const check = text.startsWith(`${rule}/`) ? /^[a-z0-9-]+/.exec(text.slice(rule.length + 1))?.[0] : undefined;
  return { description, text, ...(check ? { check } : {}) };
}

export const isMandatory = ({ level }: Finding): boolean => level === "mandatory";

/** `aws:s3/bucket:Bucket data`: what a person calls the resource. */
export function resourceOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return type === "pulumi:pulumi:Stack" || urn === "" ? "the stack" : `${type} ${name.join("::")}`;
}

const SEVERITIES = ["critical", "high", "medium", "low", ""];

/** Mandatory first, then by severity, rule, resource and text: the same findings are always in the same order. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const key = (finding: Finding): string =>
    [
      finding.level === "mandatory" ? 0 : 1,
      Math.max(0, SEVERITIES.indexOf(finding.severity)),
      finding.rule,
      finding.urn,
      finding.text,
    ].join("\u0000");
  return findings
    .map((finding) => [key(finding), finding] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, finding]) => finding);
}
