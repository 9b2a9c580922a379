/**
 * Exemptions: findings that somebody answers for, until a day. They stand in one reviewed file,
 * `[{rule, check?, urn, stages, reason, owner, ticket?, expires}]`. An entry that is wrong in any way exempts nothing, and
 * `pack-settings-valid` says what is wrong with it.
 */
import type { RuleMeta } from "./rule.ts";
import { show } from "./show.ts";

/** Days that an exemption, or a relaxation of a level, may still have before it. */
export const MOST_DAYS = 180;

export interface Exemption {
  readonly rule: string;
  /** One check of the rule; without it the whole rule. A crash is never exempted. */
  readonly check?: string;
  /** The whole URN of the one resource; no wildcard. */
  readonly urn: string;
  readonly stages: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly ticket?: string;
  /** The last day on which it holds, in UTC: `2027-01-31`. */
  readonly expires: string;
  /** Its place in the file: `exemptions[2]`. */
  readonly path: string;
}

export type ExemptionCheck =
  | "exemption-file"
  | "exemption-form"
  | "exemption-expired"
  | "exemption-unknown"
  | "exemption-refused";

/** What is wrong with the file or an entry, in the words of a finding. */
export interface ExemptionFault {
  readonly check: ExemptionCheck;
  readonly path: string;
  readonly value: string;
  readonly limit: string;
  readonly fix: string;
}

export interface Exemptions {
  /** Those in force. */
  readonly entries: readonly Exemption[];
  readonly faults: readonly ExemptionFault[];
}

const FORM = "the text of a JSON list of {rule, check?, urn, stages, reason, owner, ticket?, expires}";
const MEND = "Mend the file; until then nothing is exempted by it.";
const URN = /^urn:pulumi:[^:*\s]+::[^*\s]+::[^*\s]+::[^*]+$/;
/** Every key, whether it must be there, and what it must be. */
const KEYS: Readonly<Record<string, { needed: boolean; limit: string; holds: (value: unknown) => boolean }>> = {
  rule: { needed: true, limit: "the id of a rule", holds: isText },
  check: { needed: false, limit: "the code of a check, or left out", holds: isText },
  urn: {
    needed: true,
    limit: "the whole URN of one resource, without a wildcard",
    holds: (value) => isText(value) && URN.test(value),
  },
  stages: {
    needed: true,
    limit: "a list of stages",
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  },
  reason: { needed: true, limit: "the reason, in words", holds: isText },
  owner: { needed: true, limit: "who answers for it", holds: isText },
  ticket: { needed: false, limit: "a text, or left out", holds: isText },
  expires: { needed: true, limit: "a day such as 2027-01-31", holds: (value) => isText(value) && isDay(value) },
};

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** True for a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
}

/** Days from `today` to `day`, both `YYYY-MM-DD`; negative when it has passed. */
export function daysUntil(day: string, today: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000);
}

/**
 * Reads the text of the file. `undefined` (it could not be read) exempts nothing and is a fault, as is text that is no list.
 *
 * @param rules the whole roster, by id
 * @param today `YYYY-MM-DD`
 */
export function parseExemptions(
  text: string | undefined,
  rules: ReadonlyMap<string, RuleMeta>,
  today: string,
): Exemptions {
  const list = text === undefined ? undefined : parse(text);
  if (!Array.isArray(list)) {
    const value = text === undefined ? "no file that can be read" : "no JSON list";
    return {
      entries: [],
      faults: [
        {
          check: "exemption-file",
          path: "exemptions",
          value,
          limit: FORM,
          fix: `${MEND} Without exemptions it holds [].`,
        },
      ],
    };
  }
  const entries: Exemption[] = [];
  const faults: ExemptionFault[] = [];
  list.forEach((entry: unknown, index) => {
    const path = `exemptions[${index}]`;
    const found = formFaults(entry, path);
    if (found.length === 0) found.push(...termFaults({ ...(entry as Exemption), path }, rules, today));
    if (found.length === 0) entries.push({ ...(entry as Exemption), path });
    faults.push(...found);
  });
  return { entries, faults };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function formFaults(entry: unknown, path: string): ExemptionFault[] {
  const fault = (at: string, value: unknown, limit: string): ExemptionFault => ({
    check: "exemption-form",
    path: at,
    value: show(value ?? undefined),
    limit,
    fix: MEND,
  });
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [fault(path, entry, "an object")];
  const values = entry as Readonly<Record<string, unknown>>;
  const strange = Object.keys(values).filter((key) => !Object.hasOwn(KEYS, key));
  return [
    ...strange.map((key) => fault(`${path}[${JSON.stringify(key)}]`, values[key], "absent: there is no such key")),
    ...Object.entries(KEYS).flatMap(([key, { needed, limit, holds }]) => {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      return (value === undefined && !needed) || holds(value) ? [] : [fault(`${path}.${key}`, value, limit)];
    }),
  ];
}

/** What a well-formed entry may still not do. */
function termFaults(entry: Exemption, rules: ReadonlyMap<string, RuleMeta>, today: string): ExemptionFault[] {
  const { path, rule, check, stages, expires } = entry;
  const meta = rules.get(rule);
  if (!meta) return [unknown(`${path}.rule`, rule, "the id of a rule of this pack")];
  if (check !== undefined && !Object.hasOwn(meta.checks, check))
    return [unknown(`${path}.check`, check, `a check of ${rule}`)];
  const faults: ExemptionFault[] = [];
  const days = daysUntil(expires, today);
  if (days < 0 || days > MOST_DAYS) {
    faults.push({
      check: "exemption-expired",
      path: `${path}.expires`,
      value: days < 0 ? `${expires}, which has passed` : `${expires}, in ${days} days`,
      limit: `at most ${MOST_DAYS} days ahead`,
      fix: days < 0 ? "Make the resource comply, or have the exemption reviewed again." : "Set an earlier day.",
    });
  }
  if (isRefused(meta, check, stages)) {
    faults.push({
      check: "exemption-refused",
      path: check === undefined ? `${path}.rule` : `${path}.check`,
      value: show(check === undefined ? rule : `${rule}/${check}`),
      limit: "a rule and check that may be exempted there",
      fix: "Remove the entry and make the resource comply.",
    });
  }
  return faults;
}

function unknown(path: string, value: string, limit: string): ExemptionFault {
  return { check: "exemption-unknown", path, value: show(value), limit, fix: "Correct it; see RULES.md." };
}

/** An entry without a check means every check, so one that may not be exempted refuses it. */
function isRefused({ unexemptable }: RuleMeta, check: string | undefined, stages: readonly string[]): boolean {
  if (unexemptable === undefined) return false;
  if (unexemptable === "all") return true;
  if (unexemptable === "prod") return stages.includes("prod");
  return check === undefined || unexemptable.includes(check);
}
