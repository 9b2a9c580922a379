/** Settings of the approval and lineage rules: whose packages, whose data, who may see them. */
import { choice, type Setting, texts } from "./shapes.ts";

const ACCOUNT = "^[0-9]{12}$";

const datasetManifest: Setting<string> = {
  description:
    "Key of a dataset version's manifest in the bucket that its training job read; the version's objects lie below {hex}/. Empty: neither job nor manifest is asked for.",
  default: "datasets/{name}/{hex}/manifest.json",
  schema: { type: "string", pattern: "^(?:(?:[^{}]|\\{name\\})*\\{hex\\}/(?:[^{}]|\\{name\\})+)?$" },
};

export const approvalSettings = {
  datasetManifest,
  unknownPackage: choice(
    "A model package not known at preview: refuse (it must be literal) or follow (judge what it refers to).",
    "refuse",
    "follow",
  ),
  registryAccounts: texts(
    "Accounts whose model packages may be used; empty: only that of the model's own execution role.",
    [],
    { pattern: ACCOUNT },
  ),
  registryGroups: texts("Model package groups that may be used; empty: any.", []),
  artifactBuckets: texts("Buckets in which model data may lie; empty: any.", []),
  readerAccounts: texts("Other accounts that may read the registry; its own account always may.", [], {
    pattern: ACCOUNT,
  }),
  readerOrganizations: texts("Organisations (o-...) whose accounts may read the registry.", [], {
    pattern: "^o-[a-z0-9]{10,32}$",
  }),
  approvingStates: texts(
    "State machine states that may set Approved, because a person's answer ends in them.",
    // None: in this estate the approver's answer ends in a function that holds the one grant to decide.
    [],
  ),
  hiddenTemplates: choice(
    "A template that is only named, by a URL or a transform, so that what it declares cannot be seen: refuse or allow.",
    "refuse",
    "allow",
  ),
  recordingRoles: texts(
    "Values of the role tag of functions that only record events, and so may see undecided packages.",
    ["record-lineage"],
  ),
} as const;
