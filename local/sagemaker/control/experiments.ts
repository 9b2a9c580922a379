/**
 * Experiments, trials and trial components. The front owns them because lineage hangs on trial components, and moto
 * drops tags, descriptions and the source of a component.
 */
import { notFound, validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { respond, respondList } from "./listing.ts";
import { find, operationsOf, type Resource } from "./resource.ts";
import type { Entry } from "./store.ts";

const missing = (what: string) => (arn: string) => notFound(`${what} '${arn}' does not exist.`);
const exists = (what: string) => (arn: string) => validation(`${what} '${arn}' already exists.`);

const EXPERIMENT: Resource = {
  noun: "Experiment",
  kind: "experiment",
  nameMember: "ExperimentName",
  arnMember: "ExperimentArn",
  missing: missing("Experiment"),
  exists: exists("Experiment"),
  beforeCreate: (_front, call) => ({ DisplayName: call.input.DisplayName ?? call.input.ExperimentName }),
  beforeDelete: (front, entry) => {
    if (front.store.all("experiment-trial").some((trial) => trial.fields.ExperimentName === entry.name))
      throw validation(`Experiment '${entry.arn}' has trials and cannot be deleted.`);
  },
  updatable: ["DisplayName", "Description"],
};

const TRIAL: Resource = {
  noun: "Trial",
  kind: "experiment-trial",
  nameMember: "TrialName",
  arnMember: "TrialArn",
  missing: missing("Trial"),
  exists: exists("Trial"),
  beforeCreate: (front, call) => {
    find(front, EXPERIMENT, String(call.input.ExperimentName));
    return { DisplayName: call.input.DisplayName ?? call.input.TrialName, Components: [] };
  },
  updatable: ["DisplayName"],
};

const COMPONENT: Resource = {
  noun: "TrialComponent",
  kind: "experiment-trial-component",
  nameMember: "TrialComponentName",
  arnMember: "TrialComponentArn",
  missing: missing("Trial Component"),
  exists: exists("Trial Component"),
  beforeCreate: (_front, call) => ({
    DisplayName: call.input.DisplayName ?? call.input.TrialComponentName,
    Metrics: [],
  }),
  beforeDelete: (front, entry) => {
    if (front.graph.touches(entry.arn)) throw validation("Cannot delete entity with associations");
  },
  updatable: ["DisplayName", "Status", "StartTime", "EndTime"],
};

const componentsOf = (trial: Entry): string[] => trial.fields.Components as string[];

function updateComponent(front: Front, call: Call): Json | Promise<Json | undefined> | undefined {
  const entry = find(front, COMPONENT, String(call.input.TrialComponentName));
  for (const member of ["Parameters", "InputArtifacts", "OutputArtifacts"]) {
    const merged: Json = { ...((entry.fields[member] ?? {}) as Json), ...((call.input[member] ?? {}) as Json) };
    for (const key of (call.input[`${member}ToRemove`] ?? []) as string[]) delete merged[key];
    entry.fields[member] = merged;
  }
  return components.UpdateTrialComponent?.(front, call);
}

/** A list narrowed by the trial or experiment named in the request. */
function listComponents(front: Front, call: Call): Json {
  const { TrialName, ExperimentName, SourceArn } = call.input;
  const trials = front.store
    .all("experiment-trial")
    .filter(
      (trial) =>
        (TrialName === undefined || trial.name === TrialName) &&
        (ExperimentName === undefined || trial.fields.ExperimentName === ExperimentName),
    );
  const narrowed = TrialName !== undefined || ExperimentName !== undefined;
  const names = new Set(trials.flatMap(componentsOf));
  const entries = front.store
    .all("experiment-trial-component")
    .filter((entry) => !narrowed || names.has(entry.name))
    .filter((entry) => SourceArn === undefined || (entry.fields.Source as Json | undefined)?.SourceArn === SourceArn);
  return respondList(front, call, entries);
}

function associate(front: Front, call: Call): Json {
  const trial = find(front, TRIAL, String(call.input.TrialName));
  const component = find(front, COMPONENT, String(call.input.TrialComponentName));
  const others = componentsOf(trial).filter((name) => name !== component.name);
  trial.fields.Components = call.operation === "AssociateTrialComponent" ? [...others, component.name] : others;
  return respond(front, call, { TrialArn: trial.arn, TrialComponentArn: component.arn });
}

const components = operationsOf(COMPONENT);

export const experimentOperations: Roster = {
  ...operationsOf(EXPERIMENT),
  ...operationsOf(TRIAL),
  ...components,
  ListTrials: (front, call) => {
    const { TrialComponentName } = call.input;
    const trials = front.store
      .all("experiment-trial")
      .filter((trial) => TrialComponentName === undefined || componentsOf(trial).includes(String(TrialComponentName)));
    return respondList(front, call, trials, { equal: { ExperimentName: "ExperimentName" } });
  },
  UpdateTrialComponent: updateComponent,
  ListTrialComponents: listComponents,
  AssociateTrialComponent: associate,
  DisassociateTrialComponent: associate,
};
