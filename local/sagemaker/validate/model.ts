/**
 * SageMaker's API as botocore describes it: operations and shapes, read from the service-2.json.gz of the botocore in
 * the virtual environment, so that the front refuses and projects by the same model that AWS's own clients use.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface Member {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
}

export interface Shape {
  readonly type:
    | "structure"
    | "list"
    | "map"
    | "string"
    | "integer"
    | "long"
    | "float"
    | "double"
    | "boolean"
    | "timestamp"
    | "blob";
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
}

interface Operation {
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
}

interface Document {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export class ServiceModel {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  has(operation: string): boolean {
    return Object.hasOwn(this.#document.operations, operation);
  }

  operations(): string[] {
    return Object.keys(this.#document.operations);
  }

  shapes(): Readonly<Record<string, Shape>> {
    return this.#document.shapes;
  }

  shape(name: string): Shape {
    const shape = this.#document.shapes[name];
    if (!shape) throw new Error(`botocore's SageMaker model has no shape ${name}`);
    return shape;
  }

  /** Name of the operation's input shape; undefined when it takes none. */
  input(operation: string): string | undefined {
    return this.#document.operations[operation]?.input?.shape;
  }

  /** Name of the operation's output shape; undefined when it answers nothing. */
  output(operation: string): string | undefined {
    return this.#document.operations[operation]?.output?.shape;
  }

  /** Member names of an operation's input. */
  inputMembers(operation: string): string[] {
    const name = this.input(operation);
    return name ? Object.keys(this.shape(name).members ?? {}) : [];
  }
}

/** Folder of botocore's data beside the given interpreter; asks the interpreter itself where the layout is unusual. */
function botocoreData(python: string): string {
  const lib = join(dirname(dirname(python)), "lib");
  if (existsSync(lib)) {
    for (const name of readdirSync(lib)) {
      const data = join(lib, name, "site-packages", "botocore", "data");
      if (name.startsWith("python3") && existsSync(data)) return data;
    }
  }
  const script = "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))";
  return execFileSync(python, ["-c", script], { encoding: "utf8" }).trim();
}

const loaded = new Map<string, ServiceModel>();

/** Loads (once a process) a service's newest model, e.g. "sagemaker". Throws when botocore is not in the environment. */
export function loadModel(python: string, service: string): ServiceModel {
  const key = `${python}\n${service}`;
  const known = loaded.get(key);
  if (known) return known;
  const folder = join(botocoreData(python), service);
  const version = readdirSync(folder).sort().at(-1);
  if (!version) throw new Error(`no model of ${service} under ${folder}`);
  const text = gunzipSync(readFileSync(join(folder, version, "service-2.json.gz"))).toString("utf8");
  const model = new ServiceModel(JSON.parse(text) as Document);
  loaded.set(key, model);
  return model;
}
