/** Declarations that no rule sees, because the engine knows of a template or of a type's name only. */
import { ANY_RESOURCE, PUBLISHED_STACK, TEMPLATE, tokensOf } from "./families.ts";
import { type Reading, valueIn } from "./read.ts";
import type { Reporter } from "./report.ts";
import { allReads, reads } from "./rule.ts";
import { and, show } from "./show.ts";
import type { Reads, Subject } from "./subject.ts";
import { type Inside, insideTemplate } from "./templates.ts";

type Check = "hidden" | "unseen";

/** Property that names the type, and the one that holds what is made. */
const NAMED: Readonly<Record<string, readonly [type: string, content: string]>> = {
  [ANY_RESOURCE.native]: ["type", "properties"],
  [ANY_RESOURCE.classic]: ["typeName", "desiredState"],
};
/** Types that themselves declare resources, or make calls. */
const CARRIER = /^AWS::(?:CloudFormation|StepFunctions)::/;

/** What a rule must declare that asks. */
export const HIDDEN_READS: Reads = allReads(
  reads(tokensOf(TEMPLATE), "templateBody", "templateUrl"),
  reads(tokensOf(PUBLISHED_STACK), "applicationId"),
  NAMED,
);

const FIX = "Declare it as a resource of this program, where it can be judged.";
const NOTHING = "without what makes models, endpoints or model packages";

/** @param unseen what is done about a template that is only named */
export function judgeHidden(subject: Subject, unseen: "refuse" | "allow", report: Reporter<Check>): void {
  const named = NAMED[subject.type];
  if (named) {
    judgeNamed(subject.one(named[0]), subject.one(named[1]), unseen, report);
    return;
  }
  if (subject.has("templateBody")) judgeTemplate(subject.one("templateBody"), unseen, report);
  const elsewhere = subject.one(subject.has("templateUrl") ? "templateUrl" : "applicationId");
  if (elsewhere.state === "absent" || unseen === "allow") return;
  report.fault({
    check: "unseen",
    path: elsewhere.path,
    value: elsewhere.state === "unknown" ? "not known yet" : show(valueIn(elsewhere)),
    limit: "absent, as what is declared there cannot be seen",
    fix: "Give the template in templateBody, or declare its resources in this program.",
  });
}

function judgeTemplate(reading: Reading, unseen: "refuse" | "allow", report: Reporter<Check>): void {
  if (reading.state === "absent") return;
  if (reading.state === "unknown") report.waits(reading.path, `a template ${NOTHING}`);
  else reportInside(insideTemplate(valueIn(reading), reading.path), reading.path, unseen, report);
}

function judgeNamed(type: Reading, content: Reading, unseen: "refuse" | "allow", report: Reporter<Check>): void {
  if (type.state === "unknown") report.waits(type.path, "a type that makes no models, endpoints or model packages");
  const name = valueIn(type);
  if (typeof name !== "string") return;
  const { declares, elsewhere } = insideTemplate({ Type: name }, type.path);
  const [path, value] = [type.path, show(name)];
  if (declares.length > 0) {
    const limit = "a type that makes no models, endpoints or model packages";
    report.fault({ check: "hidden", path, value, limit, fix: FIX });
  } else if (elsewhere.length > 0 && unseen === "refuse") {
    const fix = "Declare its resources in this program.";
    report.fault({ check: "unseen", path, value, limit: "a type whose declarations can be seen", fix });
  } else if (CARRIER.test(name)) judgeTemplate(content, unseen, report);
}

function reportInside(inside: Inside, path: string, unseen: "refuse" | "allow", report: Reporter<Check>): void {
  for (const place of inside.unknown) report.waits(place, `a part of a template ${NOTHING}`);
  if (inside.declares.length > 0) {
    const value = `a template with ${and(inside.declares)}`;
    report.fault({ check: "hidden", path, value, limit: `a template ${NOTHING}`, fix: FIX });
  }
  if (inside.elsewhere.length > 0 && unseen === "refuse") {
    report.fault({
      check: "unseen",
      path,
      value: `a template with ${and(inside.elsewhere)}`,
      limit: "one that holds all that it declares",
      fix: "Write out what it brings in, or declare its resources in this program.",
    });
  }
}
