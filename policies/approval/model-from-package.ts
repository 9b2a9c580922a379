/** A model is made from a model package version and from nothing else. */
import { INFERENCE_COMPONENT, MODEL, STATE_MACHINE, tokensOf } from "../support/families.ts";
import { isAccountId } from "../support/firm.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { PACKAGE_ARN_WORDS, type PackageRef, packageRef } from "../support/lineage.ts";
import { BESIDES, CONTAINERS, type Container, containersOf, LOADERS } from "../support/packages.ts";
import { textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { judgeServed } from "../support/served-judge.ts";
import type { Settings } from "../support/settings.ts";
import { and, show } from "../support/show.ts";
import { DEFINITION } from "../support/states.ts";
import type { Subject } from "../support/subject.ts";
import { isTree, Unknown } from "../support/unknown.ts";

type Check =
  | "none"
  | "not-a-package"
  | "unknown"
  | "besides"
  | "multi-model"
  | "loader"
  | "group"
  | "account"
  | "component"
  | "state"
  | "shape";
type Wanted = Pick<Settings, "unknownPackage" | "registryAccounts" | "registryGroups">;

const models = tokensOf(MODEL);

export default rule({
  id: "model-from-package",
  group: "approval",
  severity: "critical",
  what: "A model is built from an image and a path, or from something besides a model package version.",
  why: "Only a model package version has passed the gate and can carry an approval.",
  fix: "Set modelPackageName to the ARN of a registered version, and nothing else in the container but its name.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "prod",
  checks: {
    none: "The model has no container.",
    "not-a-package": "A container names no model package version.",
    unknown: "The package is not literal at preview.",
    besides: "An image or model data is given besides the package.",
    "multi-model": "The container loads models at request time from a prefix that anyone with write access can add to.",
    loader: "An environment variable makes the container load other code or weights.",
    group: "The package's group is not one of those allowed.",
    account: "The package is in an account that is not allowed.",
    component: "An inference component brings its own container instead of naming a model.",
    state: "A state machine that makes or changes what serves, makes a model from something else than a package.",
    shape: "The containers are not containers.",
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["unknownPackage", "registryAccounts", "registryGroups"],
  resource: {
    reads: allReads(reads(models, ...CONTAINERS, "executionRoleArn"), {
      [INFERENCE_COMPONENT.native]: ["specification", "specifications[]"],
      [STATE_MACHINE.native]: DEFINITION.native,
      [STATE_MACHINE.classic]: DEFINITION.classic,
    }),
    judge(subject, { settings, report }) {
      if (subject.type === INFERENCE_COMPONENT.native) judgeComponent(subject, report);
      else if (models.includes(subject.type)) judgeModel(subject, settings, report);
      else judgeServed(subject, settings.unknownPackage, report);
    },
  },
});

function judgeModel(subject: Subject, settings: Wanted, report: Reporter<Check>): void {
  const { known, unknown, malformed } = containersOf(subject);
  for (const { path, value } of malformed) {
    const fix = "Write the container as an object with modelPackageName.";
    report.fault({ check: "shape", path, value: show(value), limit: "a container", fix });
  }
  for (const path of unknown) judgeUnknown(path, settings, report);
  if ([...known, ...unknown, ...malformed].length === 0) {
    const fix = "Add primaryContainer with modelPackageName.";
    report.fault({
      check: "none",
      path: "primaryContainer",
      value: "absent",
      limit: "a container made from a package",
      fix,
    });
  }
  for (const container of known) {
    judgePackage(container, subject, settings, report);
    judgeBesides(container, report);
    judgeEnvironment(container, report);
  }
}

function judgeUnknown(path: string, settings: Wanted, report: Reporter<Check>): void {
  if (settings.unknownPackage === "follow") report.waits(path, PACKAGE_ARN_WORDS);
  else {
    const fix = "Pin the package's ARN in the stack's configuration, so that the reviewer sees which model will serve.";
    report.fault({
      check: "unknown",
      path,
      value: "not known at preview",
      limit: `literally ${PACKAGE_ARN_WORDS}`,
      fix,
    });
  }
}

function judgePackage(container: Container, subject: Subject, settings: Wanted, report: Reporter<Check>): void {
  const reading = container.package;
  const { path } = reading;
  if (reading.state === "unknown") {
    judgeUnknown(path, settings, report);
    return;
  }
  const value = valueIn(reading);
  const found = packageRef(value);
  if (!found) {
    const fix = "Name the registered version; a group alone or a short name leaves open which version serves.";
    report.fault({ check: "not-a-package", path, value: show(value), limit: PACKAGE_ARN_WORDS, fix });
    return;
  }
  if (settings.registryGroups.length > 0 && !settings.registryGroups.includes(found.group)) {
    const fix = "Use an allowed group, or add the group to registryGroups in the pack's configuration.";
    report.fault({
      check: "group",
      path,
      value: show(value),
      limit: `a version of ${and(settings.registryGroups)}`,
      fix,
    });
  }
  judgeAccount(found, path, subject, settings, report);
}

function judgeAccount(
  found: PackageRef,
  path: string,
  subject: Subject,
  settings: Wanted,
  report: Reporter<Check>,
): void {
  const fix = "Use the own registry, or add the account to registryAccounts in the pack's configuration.";
  const fault = (limit: string) => report.fault({ check: "account", path, value: show(found.arn), limit, fix });
  if (settings.registryAccounts.length > 0) {
    if (!settings.registryAccounts.includes(found.account))
      fault(`in account ${settings.registryAccounts.join(" or ")}`);
    return;
  }
  const role = subject.one("executionRoleArn");
  if (role.state === "unknown") {
    report.waits(role.path, `a role in account ${found.account}, the package's, as registryAccounts is empty`);
    return;
  }
  const account = textOf(role)?.split(":")[4];
  if (!isAccountId(account)) {
    fault("in an account that is known to be allowed (executionRoleArn states none)");
  } else if (account !== found.account) fault(`in account ${account}, that of executionRoleArn`);
}

function judgeBesides(container: Container, report: Reporter<Check>): void {
  for (const key of BESIDES) {
    const { path, value } = container.property(key);
    if (value === undefined) continue;
    const fix = `Remove ${key}: what serves is what the package holds.`;
    report.fault({ check: "besides", path, value: show(value), limit: "absent beside a model package", fix });
  }
  const { path, value } = container.property("mode");
  if (value instanceof Unknown) report.waits(path, '"SingleModel"');
  else if (value !== undefined && value !== "SingleModel") {
    const fix = "Remove mode, and serve one package per container.";
    report.fault({ check: "multi-model", path, value: show(value), limit: 'absent or "SingleModel"', fix });
  }
}

function judgeEnvironment(container: Container, report: Reporter<Check>): void {
  const { path, value } = container.property("environment");
  if (value instanceof Unknown) report.waits(path, `an object without ${and(LOADERS)}`);
  else if (value !== undefined && !isTree(value)) {
    report.fault({
      check: "shape",
      path,
      value: "not an object",
      limit: "an object of variables",
      fix: "Write it as an object.",
    });
  } else {
    for (const name of LOADERS) {
      if (value?.[name] === undefined) continue;
      const fix =
        "Put it into the package's own inference specification, where it is tested and approved with the model.";
      report.fault({
        check: "loader",
        path: `${path}.${name}`,
        value: "set",
        limit: "absent beside a model package",
        fix,
      });
    }
  }
}

function judgeComponent(subject: Subject, report: Reporter<Check>): void {
  for (const reading of [subject.one("specification"), ...subject.read("specifications[]")]) {
    const { path } = reading;
    if (reading.state === "absent") continue;
    if (reading.state === "unknown") {
      report.waits(path, "a specification that names a model");
      continue;
    }
    const { value } = reading;
    if (!isTree(value)) {
      const fix = "Write the specification as an object with modelName.";
      report.fault({ check: "shape", path, value: show(value), limit: "a specification", fix });
    } else if (value.container !== undefined) {
      const fix = "Declare a Model from a package and set modelName to its name.";
      report.fault({
        check: "component",
        path: `${path}.container`,
        value: show(value.container),
        limit: "absent",
        fix,
      });
    }
  }
}
