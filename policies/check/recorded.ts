/**
 * Resources as the engine recorded them: `pulumi stack export`, or `pulumi preview --json`. Formats read in pulumi 3.259.0:
 * an export holds `deployment.resources`; a preview holds `steps`, each with the `newState` in the same shape, values that
 * are not known yet as the sentinel that the policy library knows, secrets as "[secret]", and no default provider.
 */
import { type Json, plainOf, withoutInternals } from "./values.ts";

export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** What resource rules see. */
  readonly inputs: Json;
  /** What stack rules see: the outputs, or the inputs where nothing has been created. */
  readonly outputs: Json;
  /** Read by `.get`, and not managed by the program: only stack rules see it. */
  readonly external: boolean;
  readonly protect: boolean;
  readonly parent: string | undefined;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly ignoreChanges: readonly string[];
  readonly aliases: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly customTimeouts: { readonly create?: number; readonly update?: number; readonly delete?: number };
  readonly provider:
    | { readonly urn: string; readonly type: string; readonly name: string; readonly inputs: Json }
    | undefined;
  /** Where the program declares it: path and line, as far as the engine says. */
  readonly source: string | undefined;
}

export interface Recording {
  readonly kind: "stack export" | "preview";
  readonly resources: readonly Recorded[];
  /** Values that the file hides: they are judged as the text "[secret]". */
  readonly secrets: number;
}

/** The file is not what it was taken for; the message is for whoever gave it. */
export class RecordingError extends Error {}

/** As much of a resource's state as is read (`apitype.ResourceV3`). */
interface State {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly external?: boolean;
  readonly inputs?: Json;
  readonly outputs?: Json;
  readonly protect?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly ignoreChanges?: readonly string[];
  readonly aliases?: readonly string[];
  readonly additionalSecretOutputs?: readonly string[];
  readonly customTimeouts?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  readonly sourcePosition?: string;
}
interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: State;
}

/** @throws {RecordingError} when the text is neither of the two, or only a part of one. */
export function readRecording(text: string): Recording {
  const file = parse(text);
  if (isObject(file.deployment)) {
    const { resources, ...rest } = file.deployment;
    if (Array.isArray(resources)) return recording("stack export", resources as State[], {});
    if (Object.keys(rest).length > 0) return recording("stack export", [], {});
  }
  if (Array.isArray(file.steps)) return fromPreview(file, file.steps as Step[]);
  throw new RecordingError(
    `neither "deployment.resources" (pulumi stack export) nor "steps" (pulumi preview --json) is in it, only ${names(file)}`,
  );
}

function parse(text: string): Record<string, unknown> {
  // The engine's events stand one on a line; they hold verdicts, not whole resources.
  if (/^\{"sequence":\d/.test(text)) {
    throw new RecordingError("it is a log of engine events, which npm run policies:report reads");
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new RecordingError(`it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  if (!isObject(file)) throw new RecordingError("it is no JSON object");
  return file;
}

function fromPreview(file: Record<string, unknown>, steps: readonly Step[]): Recording {
  const states = new Map<string, State>();
  for (const { newState } of steps) if (newState && !newState.delete) states.set(newState.urn, newState);
  const summary = isObject(file.changeSummary) ? file.changeSummary : {};
  const unchanged = Number(summary.same ?? 0);
  const shown = new Set(steps.filter(({ op }) => op === "same").map(({ urn }) => urn)).size;
  if (shown < unchanged) {
    throw new RecordingError(
      `${unchanged - shown} resources that do not change are left out of it: run pulumi preview --json --show-sames`,
    );
  }
  if (states.size === 0 && Array.isArray(file.diagnostics) && file.diagnostics.length > 0) {
    throw new RecordingError("the preview failed before it came to any resource");
  }
  return recording("preview", [...states.values()], isObject(file.config) ? file.config : {});
}

/** `config`: the stack's configuration, of which the default providers are made. */
function recording(kind: Recording["kind"], all: readonly State[], config: Record<string, unknown>): Recording {
  const counted = { secrets: 0 };
  const states = all.filter((state) => !state.delete);
  const faulty = states.findIndex(({ urn, type }) => typeof urn !== "string" || typeof type !== "string");
  if (faulty >= 0) throw new RecordingError(`resource ${faulty} in it has no urn or no type`);
  const byUrn = new Map(states.map((state) => [state.urn, state]));
  const props = (value: Json | undefined): Json => withoutInternals(plainOf(value ?? {}, counted)) as Json;
  const resources = states.map((state): Recorded => {
    const inputs = props(state.inputs);
    return {
      urn: state.urn,
      type: state.type,
      name: nameOf(state.urn),
      inputs,
      outputs: state.outputs === undefined ? inputs : props(state.outputs),
      external: state.external === true,
      protect: state.protect === true,
      parent: state.parent,
      dependencies: state.dependencies ?? [],
      propertyDependencies: Object.fromEntries(
        Object.entries(state.propertyDependencies ?? {}).map(([property, urns]) => [property, urns ?? []]),
      ),
      ignoreChanges: state.ignoreChanges ?? [],
      aliases: state.aliases ?? [],
      additionalSecretOutputs: state.additionalSecretOutputs ?? [],
      customTimeouts: state.customTimeouts ?? {},
      provider: providerOf(state.provider, byUrn, config, props),
      source: state.sourcePosition,
    };
  });
  return { kind, resources, secrets: counted.secrets };
}

function providerOf(
  reference: string | undefined,
  byUrn: ReadonlyMap<string, State>,
  config: Record<string, unknown>,
  props: (value: Json | undefined) => Json,
): Recorded["provider"] {
  if (!reference) return undefined;
  const urn = reference.split("::").slice(0, 4).join("::");
  const found = byUrn.get(urn);
  const type = found?.type ?? urn.split("::")[2]?.split("$").at(-1) ?? "";
  if (found) return { urn, type, name: nameOf(urn), inputs: props(found.inputs) };
  const start = `${type.slice("pulumi:providers:".length)}:`;
  const own = Object.entries(config).filter(([key]) => key.startsWith(start));
  return {
    urn,
    type,
    name: nameOf(urn),
    inputs: Object.fromEntries(own.map(([key, v]) => [key.slice(start.length), v as Json])),
  };
}

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
const names = (file: object): string => Object.keys(file).slice(0, 8).join(", ") || "nothing";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
