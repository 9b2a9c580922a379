/** A verdict for a terminal. */
import { isMandatory, resourceOf, type Verdict } from "./finding.ts";

export function textOf(verdict: Verdict): string {
  const lines = verdict.findings.map(
    ({ level, severity, urn, text }) => `${level} (${severity}) ${resourceOf(urn)}\n    ${text}`,
  );
  return `${[...lines, ...verdict.remarks, summaryOf(verdict)].join("\n")}\n`;
}

/** `3 mandatory and 1 advisory findings over 17 resources (frugal-mlops@v0.1.0).` */
export function summaryOf({ findings, resources, pack, remediated }: Verdict): string {
  const mandatory = findings.filter(isMandatory).length;
  const advisory = findings.length - mandatory;
  const over = `over ${resources} resources (${pack})`;
  const mended = remediated.length > 0 ? ` ${remediated.length} inputs were corrected by remediation.` : "";
  if (findings.length === 0) return `No finding ${over}.${mended}`;
  return `${mandatory} mandatory and ${advisory} advisory findings ${over}.${mended}`;
}
