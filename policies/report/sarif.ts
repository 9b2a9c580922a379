/**
 * A verdict for code scanning: SARIF 2.1.0 (OASIS standard). A finding's place is the line that declares the resource where
 * the record says it, else the program's Pulumi.yaml; its resource is a logical location, and its fingerprint does not
 * change when lines move.
 */
import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Rule } from "../support/rule.ts";
import { type Finding, resourceOf, type Verdict } from "./finding.ts";

/** As the GitHub documentation reads `security-severity`: over 9 critical, 7 high, 4 medium, above 0 low. */
const SCORES: Readonly<Record<string, string>> = { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0" };

export function sarifOf(verdict: Verdict, rules: readonly Rule[], root = process.cwd()): object {
  const known = rules.map(({ meta }) => meta);
  // Another pack may have judged in the same run; its rules are known by their findings only.
  const strange = [...new Map(verdict.findings.map((finding) => [finding.rule, finding])).values()].filter(
    ({ rule }) => !known.some(({ id }) => id === rule),
  );
  const described = [
    ...known.map((meta) => ({
      id: meta.id,
      name: meta.id,
      shortDescription: { text: meta.what },
      fullDescription: { text: `${meta.what} ${meta.why}` },
      help: { text: meta.fix, markdown: `**Fix.** ${meta.fix}` },
      defaultConfiguration: { level: meta.levels.prod === "advisory" ? "warning" : "error" },
      properties: {
        tags: ["security", meta.group],
        "security-severity": SCORES[meta.severity] ?? "5.5",
        ...(meta.outside
          ? { controls: meta.outside.flatMap(({ source, ids }) => ids.map((id) => `${source} ${id}`)) }
          : {}),
      },
    })),
    ...strange.map(({ rule, description }) => ({
      id: rule,
      name: rule,
      shortDescription: { text: description || rule },
    })),
  ];
  const indexes = new Map(described.map(({ id }, index) => [id, index]));
  const seen = new Map<string, number>();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: verdict.pack.split("@")[0] ?? verdict.pack,
            ...(verdict.pack.includes("@v") ? { version: verdict.pack.split("@v")[1]?.split(",")[0] } : {}),
            rules: described,
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: verdict.remarks.map((text) => ({ level: "note", message: { text } })),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: verdict.findings.map((finding) => resultOf(finding, indexes, root, seen)),
      },
    ],
  };
}

function resultOf(
  finding: Finding,
  indexes: ReadonlyMap<string, number>,
  root: string,
  seen: Map<string, number>,
): object {
  const { rule, check, level, text, urn, source } = finding;
  return {
    ruleId: rule,
    ruleIndex: indexes.get(rule),
    level: level === "mandatory" ? "error" : "warning",
    message: { text: `${resourceOf(urn)}: ${text || finding.description}` },
    locations: [
      {
        physicalLocation: physical(source, root),
        logicalLocations: [{ name: resourceOf(urn), fullyQualifiedName: urn || "stack", kind: "resource" }],
      },
    ],
    partialFingerprints: { "finding/v1": fingerprint(`${rule}/${check ?? ""} ${urn}`, seen) },
  };
}

function physical(source: string | undefined, root: string): object {
  const place = placeOf(source, root);
  if (!place) return { artifactLocation: { uri: "Pulumi.yaml", uriBaseId: "%SRCROOT%" } };
  const { path, line } = place;
  return {
    artifactLocation: { uri: path.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" },
    ...(line ? { region: { startLine: line } } : {}),
  };
}

/**
 * `project:///serving.ts#35,3`, as the engine notes it, and `project:///file:/home/me/serving.ts#35,3`, as it notes ES
 * modules: a path below `root`, and the line. Undefined for a place outside of it.
 */
export function placeOf(
  source: string | undefined,
  root: string,
): { path: string; line: number | undefined } | undefined {
  const found = /^project:\/\/\/(.+?)(?:#(\d+)(?:,\d+)?)?$/.exec(source ?? "");
  if (!found?.[1]) return undefined;
  const line = found[2] === undefined ? undefined : Number(found[2]);
  let path = found[1];
  if (path.startsWith("file:")) {
    try {
      path = fileURLToPath(path.replace(/^file:\/*/, "file:///"));
    } catch {
      return undefined;
    }
  }
  if (isAbsolute(path)) path = relative(root, path).split(sep).join("/");
  return path === "" || path.startsWith("../") || isAbsolute(path) ? undefined : { path, line };
}

/** The same for the same check of the same resource in every run; a second finding of the two is numbered. */
function fingerprint(key: string, seen: Map<string, number>): string {
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash("sha256").update(`${key} ${count}`).digest("hex").slice(0, 32);
}
