/** What model-from-package demands of state machines that make or change what serves. */
import { PACKAGE_ARN_WORDS, packageRef } from "./lineage.ts";
import { BESIDES, LOADERS } from "./packages.ts";
import type { Reporter } from "./report.ts";
import { type Given, member, servedModels } from "./served-models.ts";
import { isLiteral, namedIn } from "./served-names.ts";
import { and, show } from "./show.ts";
import type { Subject } from "./subject.ts";
import { isTree, type Tree } from "./unknown.ts";

const CONTAINER = "a container that names a model package";

/** What cannot be read as a definition at all is said by package-not-approved-in-code. */
export function judgeServed(machine: Subject, computed: "refuse" | "follow", report: Reporter<"state">): void {
  const { containers, specifications, unknown } = servedModels(machine);
  for (const path of unknown) report.waits(path, "without a call that makes an endpoint of anything but a package");
  for (const given of containers) {
    if (given.state === "written" && isTree(given.value)) judgeContainer(given.value, given.path, computed, report);
    else refuse(given, CONTAINER, "Write the container out; only the package's ARN may be computed.", report);
  }
  for (const given of specifications)
    refuse(given, "the name of a model", "Make a model from a package and set ModelName to its name.", report);
  const { models, configs } = namedIn(machine);
  const fix = "Give the call that makes it the very same name, or write a literal one.";
  for (const [names, limit] of [
    [models, "the name of a model that this machine makes, or a literal one"],
    [configs, "the name of an endpoint configuration that this machine makes, or a literal one"],
  ] as const)
    for (const given of names)
      if (!isLiteral(given) && !specifications.some(({ path }) => path === given.path))
        refuse(given, limit, fix, report);
}

function judgeContainer(container: Tree, path: string, computed: "refuse" | "follow", report: Reporter<"state">): void {
  const name = member(container, path, "ModelPackageName");
  const isRegistered = packageRef(name.value) !== undefined;
  if (name.state === "computed" && computed === "refuse")
    refuse(
      name,
      `literally ${PACKAGE_ARN_WORDS}`,
      "Pin the version, so that the reviewer sees which model will serve.",
      report,
    );
  else if (name.state !== "computed" && !isRegistered)
    refuse(name, PACKAGE_ARN_WORDS, "Name the registered version, or compute its ARN.", report);
  for (const key of BESIDES) {
    const given = member(container, path, key);
    if (given.state === "absent") continue;
    refuse(given, "absent beside a model package", "Remove it: what serves is what the package holds.", report);
  }
  const mode = member(container, path, "Mode");
  if (mode.state !== "absent" && mode.value !== "SingleModel")
    refuse(mode, 'absent or "SingleModel"', "Remove Mode, and serve one package per container.", report);
  judgeVariables(member(container, path, "Environment"), report);
}

function judgeVariables(environment: Given, report: Reporter<"state">): void {
  const fix = "Put it into the package's own inference specification, where it is tested and approved with the model.";
  if (environment.state === "absent") return;
  if (!isTree(environment.value)) {
    refuse(environment, `an object without ${and(LOADERS)}`, fix, report);
    return;
  }
  for (const name of LOADERS) {
    const variable = member(environment.value, environment.path, name);
    if (variable.state === "absent") continue;
    const limit = "absent beside a model package";
    report.fault({ check: "state", path: variable.path, value: "set", limit, fix });
  }
}

/** A violation, which says when the value is an expression; or a note for what is not known yet. */
function refuse(given: Given, limit: string, fix: string, report: Reporter<"state">): void {
  const { path, state, value } = given;
  if (state === "unknown") {
    report.waits(path, limit);
    return;
  }
  const words = state === "computed" ? `${show(value)}, which cannot be seen` : show(value);
  report.fault({ check: "state", path, value: words, limit, fix });
}
