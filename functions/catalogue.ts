/**
 * The functions: what each is for and what it needs at most. Whoever creates them takes the sizes from here, so that they
 * stand beside the code that they were chosen for.
 */
export interface FunctionEntry {
  /** Folder below `functions/`, and the function's short name. */
  readonly name: string;
  readonly description: string;
  /** 1 to 900 seconds (Lambda's limit). */
  readonly timeoutSeconds: number;
  /** 128 to 10,240 MB; the share of a processor grows with it, a whole one at 1,769 MB. */
  readonly memoryMb: number;
}

export const catalogue = [
  {
    name: "plan-training",
    description: "Says whether a training is to be run, waited for, or there already",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "record-training",
    description: "Keeps what a finished training job brought, under the key of what it was trained from",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "stage-artifact",
    description: "Checks a submission whole, and copies its artefacts to the addresses that their bytes give them",
    // Reads the whole artefact; memory buys processor and network, the function itself stays flat.
    timeoutSeconds: 900,
    memoryMb: 1024,
  },
  {
    name: "evaluate",
    description: "Compares the batch test's predictions with the test labels",
    // Ten million rows with two slice columns were measured at 0.7 GB (bench/evaluate-memory.ts). Most tests take seconds.
    timeoutSeconds: 900,
    memoryMb: 1024,
  },
  {
    name: "gate",
    description: "Judges a candidate against the stage's thresholds and the champion",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "request-approval",
    description: "Mails each approver the evidence with a link of their own",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "decide-approval",
    description: "The approval page: shows the evidence, takes one decision",
    // An HTTP API waits 30 seconds at most; a person waits for a cold start, which more memory shortens.
    timeoutSeconds: 25,
    memoryMb: 512,
  },
  {
    name: "record-decision",
    description: "Writes who decided what, when and why into the model package",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "start-rollout",
    description: "Turns an approval's events into one rollout",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "check-package",
    description: "Makes sure before serving that a package is approved and its artefact unchanged",
    timeoutSeconds: 60,
    memoryMb: 256,
  },
  {
    name: "record-lineage",
    description: "Records where models come from, from SageMaker's own events",
    timeoutSeconds: 120,
    memoryMb: 256,
  },
  {
    name: "reconcile-lineage",
    description: "Compares the recorded lineage with the truth, and adds what no event brought",
    // A round stops by itself before its end; most take seconds.
    timeoutSeconds: 600,
    memoryMb: 256,
  },
] as const satisfies readonly FunctionEntry[];

export type FunctionName = (typeof catalogue)[number]["name"];

/** The entry of a function. */
export function functionEntry(name: FunctionName): FunctionEntry {
  const entry = catalogue.find((one) => one.name === name);
  if (!entry) throw new Error(`there is no function "${name}" in functions/catalogue.ts`);
  return entry;
}
