/**
 * A verdict for whatever shows test results: JUnit's XML. One test case per rule; a mandatory finding fails it, an advisory
 * one is only printed, as the format knows no warnings.
 */
import type { Rule } from "../support/rule.ts";
import { type Finding, isMandatory, resourceOf, type Verdict } from "./finding.ts";

export function junitOf(verdict: Verdict, rules: readonly Rule[]): string {
  const found = Map.groupBy(verdict.findings, ({ rule }) => rule);
  const groups = Map.groupBy(rules, ({ meta }) => meta.group);
  const known = new Set(rules.map(({ meta }) => meta.id));
  const strange = [...found.keys()].filter((rule) => !known.has(rule));
  const suites = [
    ...[...groups].map(([group, of]) =>
      suite(
        group,
        of.map(({ meta }) => meta.id),
        found,
      ),
    ),
    ...(strange.length > 0 ? [suite("others", strange, found)] : []),
  ];
  const failures = suites.reduce((sum, { failed }) => sum + failed, 0);
  const tests = suites.reduce((sum, { tests: count }) => sum + count, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(verdict.pack)}" tests="${tests}" failures="${failures}" errors="0" time="0">`,
    ...suites.map(({ text }) => text),
    ...(verdict.remarks.length > 0 ? [`  <!-- ${verdict.remarks.map(comment).join(" ")} -->`] : []),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(name: string, rules: readonly string[], found: ReadonlyMap<string, readonly Finding[]>) {
  const cases = rules.map((rule) => testCase(name, rule, found.get(rule) ?? []));
  const failed = cases.filter((text) => text.includes("<failure")).length;
  const head = `  <testsuite name="${xml(name)}" tests="${rules.length}" failures="${failed}" errors="0" skipped="0" time="0">`;
  return { tests: rules.length, failed, text: [head, ...cases, "  </testsuite>"].join("\n") };
}

function testCase(group: string, rule: string, findings: readonly Finding[]): string {
  const head = `    <testcase classname="policies.${xml(group)}" name="${xml(rule)}" time="0"`;
  if (findings.length === 0) return `${head}/>`;
  const refused = findings.filter(isMandatory);
  const advisory = findings.filter((finding) => !isMandatory(finding));
  const lines = (of: readonly Finding[]) => xml(of.map(({ urn, text }) => `${resourceOf(urn)}: ${text}`).join("\n"));
  return [
    `${head}>`,
    ...(refused.length > 0
      ? [
          `      <failure message="${xml(refused[0]?.description ?? rule)}" type="${xml(refused[0]?.severity ?? "")}">${lines(refused)}</failure>`,
        ]
      : []),
    ...(advisory.length > 0 ? [`      <system-out>${lines(advisory)}</system-out>`] : []),
    "    </testcase>",
  ].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text and attributes; characters that XML 1.0 does not allow are left out. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

const comment = (text: string): string => xml(text).replaceAll("--", "- -");
