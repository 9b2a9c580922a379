/**
 * What the pack's process knows of the run it serves: the roster, the configuration of every rule (a rule is shown only its
 * own), and which exemptions were used. The engine starts one process for one run, configures it once, then asks for each
 * resource, then once for the whole stack; rules are asked in the roster's order, one after the other.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { RELAXATIONS, type Relaxation } from "../stages.ts";
import { type Exemption, type Exemptions, parseExemptions } from "./exemptions.ts";
import type { Level, RuleMeta } from "./rule.ts";

/** What the engine configured for a rule: its level, and the settings given. */
export interface Configured {
  readonly level: Level | "disabled";
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  /** By rule id; a rule that is not in it has its own level and its settings' defaults. */
  readonly configuration?: ReadonlyMap<string, Configured>;
  /** Text of the exemptions file, in place of reading one. */
  readonly exemptions?: string;
  /** `YYYY-MM-DD`; for tests. */
  readonly today?: string;
  /** Declared relaxations by stage, in place of those of `stages.ts`; for tests. */
  readonly relaxations?: Readonly<Record<string, readonly Relaxation[]>>;
  /** True where an engine is served, which configures every rule before it asks. */
  readonly served?: boolean;
}

/** The rule whose settings are those of the run. */
export const PACK_RULE = "pack-settings-valid";

const roster = new Map<string, RuleMeta>();

/** Called by the constructor of rules. */
export function enlist(meta: RuleMeta): void {
  roster.set(meta.id, meta);
}

/** Every rule that has been constructed, by id. */
export const enlisted = (): ReadonlyMap<string, RuleMeta> => roster;

export class Run {
  /** Undefined while the engine has configured nothing: then the rules' own levels are in force. */
  readonly configuration: ReadonlyMap<string, Configured> | undefined;
  readonly today: string;
  readonly relaxations: Readonly<Record<string, readonly Relaxation[]>>;
  readonly served: boolean;
  readonly #text: string | undefined;
  readonly #used = new Set<Exemption>();
  readonly #open = new Set<string>();
  readonly #shown = new Set<string>();
  #exemptions: Exemptions | undefined;
  #byTarget: ReadonlyMap<string, readonly Exemption[]> | undefined;

  constructor({ configuration, exemptions, today, relaxations, served = false }: RunOptions = {}) {
    this.configuration = configuration;
    this.relaxations = relaxations ?? RELAXATIONS;
    this.served = served;
    this.today = today ?? new Date().toISOString().slice(0, 10);
    this.#text = exemptions;
  }

  /** Read at the first question, when the whole roster is there. */
  get exemptions(): Exemptions {
    this.#exemptions ??= parseExemptions(this.#text ?? readText(this.#file()), roster, this.today);
    return this.#exemptions;
  }

  /** A level that the engine gave a rule, else the rule's own. */
  levelOf({ id, levels }: RuleMeta): Configured["level"] {
    return this.configuration?.get(id)?.level ?? levels.prod;
  }

  /** The stage that a stack is, by the mapping that the configuration gives, else by its own name. */
  stageOf(stack: string): string {
    return stageOfStack(stack, this.configuration?.get(PACK_RULE)?.settings.stageOfStack);
  }

  /** The words that follow an exempted finding, or undefined when nothing exempts it. Remembers that it was used. */
  exempt(rule: string, check: string, urn: string): string | undefined {
    const stage = this.stageOf(stackOf(urn));
    const found = this.#targets()
      .get(`${rule} ${urn}`)
      ?.find((one) => (one.check === undefined || one.check === check) && one.stages.includes(stage));
    if (!found) return undefined;
    this.#used.add(found);
    const { owner, ticket, expires, reason } = found;
    return `Exempted until ${expires} by ${owner}${ticket === undefined ? "" : ` (${ticket})`}: ${reason}`;
  }

  /** Remembers that a rule could not judge a resource to the end: whether an exemption of it is needed is then open. */
  leaveOpen(rule: string, urn: string): void {
    if (this.#targets().size > 0) this.#open.add(`${rule} ${urn}`);
  }

  /** Exemptions in the given stacks that no finding of their stages has met; `open`: the rule could not judge to the end. */
  unused(stacks: ReadonlySet<string>): readonly { readonly exemption: Exemption; readonly open: boolean }[] {
    return this.exemptions.entries
      .filter(({ urn }) => stacks.has(stackOf(urn)))
      .filter((exemption) => !this.#used.has(exemption))
      .map((exemption) => ({ exemption, open: this.#isOpen(exemption) }));
  }

  /** Remembers that the engine has shown a resource's inputs before it is touched. */
  show(urn: string): void {
    if (this.served) this.#shown.add(urn);
  }

  /** True of what is only read (`.get`): the engine shows it with the stack, but never its inputs. */
  isRead(urn: string): boolean {
    return this.served && !this.#shown.has(urn);
  }

  #isOpen({ rule, urn }: Exemption): boolean {
    return this.configuration?.get(rule)?.level === "disabled" || this.#open.has(`${rule} ${urn}`);
  }

  #targets(): ReadonlyMap<string, readonly Exemption[]> {
    this.#byTarget ??= Map.groupBy(this.exemptions.entries, ({ rule, urn }) => `${rule} ${urn}`);
    return this.#byTarget;
  }

  #file(): string {
    const named = this.configuration?.get(PACK_RULE)?.settings.exemptionsFile;
    const file = typeof named === "string" && named !== "" ? named : "exemptions.json";
    return isAbsolute(file) ? file : join(packFolder(), file);
  }
}

let run = new Run();

export const currentRun = (): Run => run;

/** Forgets what was used and configured: called when the engine configures the pack, and by whatever judges without it. */
export function startRun(options: RunOptions = {}): Run {
  run = new Run(options);
  return run;
}

/** The stack's name inside a URN: `urn:pulumi:<stack>::<project>::<types>::<name>`. */
export const stackOf = (urn: string): string => urn.split("::")[0]?.split(":")[2] ?? "";

/** `mapping` is the setting: stack → stage, `*` for every other stack. Whatever is not mapped is its own stage. */
export function stageOfStack(stack: string, mapping: unknown): string {
  if (typeof mapping !== "object" || mapping === null) return stack;
  const found = new Map(Object.entries(mapping));
  const stage: unknown = found.get(stack) ?? found.get("*");
  return typeof stage === "string" ? stage : stack;
}

/** The folder of PulumiPolicy.yaml, from wherever this file lies: beside the sources, or in a bundle. */
function packFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "PulumiPolicy.yaml")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
