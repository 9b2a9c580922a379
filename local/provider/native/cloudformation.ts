/** The generic path: any type that MiniStack's CloudFormation knows, as a stack of one resource. */
import { AwsError, type Client, isNotFound } from "../emulator/client.ts";
import type { Backend, Live, Target } from "./backend.ts";
import { complete } from "./complete/index.ts";
import type { CfnProps } from "./convert.ts";
import { readerOf } from "./live/index.ts";
import { refuseProtected } from "./protected.ts";
import type { TypeSpec } from "./spec.ts";
import {
  adopt,
  createStack,
  deleteStack,
  findStack,
  forgetStack,
  STACK_OUTPUT,
  type StackResult,
  stackExists,
  updateStack,
} from "./stacks.ts";
import { explained, provisioned } from "./substitutes.ts";

/** Attributes per type that the emulator's CloudFormation turned out to know: asking for another fails the stack. */
const known = new Map<string, readonly string[]>();

/** Parts of the primary identifier that only `Fn::GetAtt` tells, e.g. the ARN of an event rule (`Ref` is its name). */
function identifying(spec: TypeSpec): readonly string[] {
  return spec.primaryIdentifier.filter((name) => !spec.refIdentifier.includes(name) && spec.attributes.byCfn(name));
}

/** aws-native's id: the primary identifier's values joined by `|`. */
function idOf(spec: TypeSpec, properties: CfnProps, made: StackResult): string {
  const several = spec.primaryIdentifier.length > 1;
  const parts = spec.primaryIdentifier.map((name) => {
    const value = made.attributes[name] ?? properties[name];
    // The emulator's physical id of some children carries their parent: "<api>/<route>".
    return String(value ?? (several ? made.physicalId.split("/").at(-1) : made.physicalId));
  });
  return parts.length > 0 ? parts.join("|") : made.physicalId;
}

/** Learns, by updates that only add outputs, which of a type's attributes the emulator knows. */
async function learn(client: Client, spec: TypeSpec, made: StackResult, properties: CfnProps): Promise<StackResult> {
  let names = spec.attributes.all.map(({ cfn }) => cfn);
  while (names.length > 0) {
    try {
      const result = await updateStack(client, made.stack, spec.cfnType, properties, properties, names);
      known.set(spec.cfnType, names);
      return result;
    } catch (error) {
      const refused = /attribute (\S+) does not exist/.exec(String(error))?.[1];
      if (refused === undefined || !names.includes(refused)) throw error;
      names = names.filter((name) => name !== refused);
    }
  }
  known.set(spec.cfnType, []);
  return made;
}

export class CloudFormation implements Backend {
  readonly #client: Client;
  constructor(client: Client) {
    this.#client = client;
  }

  async create({ spec, urn }: Target, properties: CfnProps): Promise<Live> {
    const reader = readerOf(spec.cfnType);
    const wanted = reader ? identifying(spec) : (known.get(spec.cfnType) ?? []);
    const { type, properties: asked } = provisioned(spec.cfnType, properties);
    let made = await createStack(this.#client, urn, type, asked, wanted).catch((error) => {
      throw explained(error, spec.cfnType);
    });
    try {
      if (!reader && !known.has(spec.cfnType)) made = await learn(this.#client, spec, made, properties);
      const id = idOf(spec, properties, made);
      await complete(this.#client, spec.cfnType, id, {}, properties);
      return await this.#live(spec, id, properties, made.attributes, made.stack);
    } catch (error) {
      // The engine takes a failed create for nothing made.
      await forgetStack(this.#client, made.stack);
      throw error;
    }
  }

  async read({ spec, outputs }: Target, id: string, recorded: CfnProps): Promise<Live | undefined> {
    const stack = outputs[STACK_OUTPUT];
    const reader = readerOf(spec.cfnType);
    if (!reader) {
      const owner =
        typeof stack === "string" ? stack : await findStack(this.#client, spec.cfnType, [id, ...id.split("|")]);
      if (owner === undefined || !(await stackExists(this.#client, owner))) return undefined;
      return { id, model: recorded, covers: [], notes: { [STACK_OUTPUT]: owner } };
    }
    try {
      return await this.#live(spec, id, recorded, {}, typeof stack === "string" ? stack : undefined);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (typeof stack === "string") await forgetStack(this.#client, stack);
      return undefined;
    }
  }

  async update({ spec, urn, outputs }: Target, id: string, recorded: CfnProps, properties: CfnProps): Promise<Live> {
    const stack = await this.#owner(spec, urn, id, recorded, outputs[STACK_OUTPUT]);
    const wanted = readerOf(spec.cfnType) ? [] : (known.get(spec.cfnType) ?? []);
    const [olds, news] = [provisioned(spec.cfnType, recorded), provisioned(spec.cfnType, properties)];
    const made = await updateStack(this.#client, stack, news.type, olds.properties, news.properties, wanted);
    await complete(this.#client, spec.cfnType, id, recorded, properties);
    return this.#live(spec, id, properties, made.attributes, stack);
  }

  async delete(target: Target, id: string, recorded: CfnProps): Promise<void> {
    await refuseProtected(this.#client, target.spec.cfnType, id);
    const stack = await this.#owner(target.spec, target.urn, id, recorded, target.outputs[STACK_OUTPUT]);
    try {
      await deleteStack(this.#client, stack);
    } catch (error) {
      // Someone else may have deleted the resource already: then reading it has forgotten the stack too.
      if (await this.read(target, id, recorded)) throw error;
    }
  }

  /** The stack on record, or one of ours that holds the resource, or a new one around it (imported resources). */
  async #owner(spec: TypeSpec, urn: string, id: string, recorded: CfnProps, noted: unknown): Promise<string> {
    if (typeof noted === "string") return noted;
    const parts = id.split("|");
    const { type, properties } = provisioned(spec.cfnType, recorded);
    const found = await findStack(this.#client, type, [id, ...parts, parts.join("/"), parts.join(":")]);
    if (found !== undefined) return found;
    const identifier = Object.fromEntries(spec.refIdentifier.map((name, at) => [name, parts[at] ?? id]));
    try {
      return await adopt(this.#client, urn, type, properties, identifier);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new Error(
        `${spec.cfnType} ${id} was not made by this program, and the emulator cannot import the type: ${error.message}`,
      );
    }
  }

  async #live(
    spec: TypeSpec,
    id: string,
    recorded: CfnProps,
    attributes: CfnProps,
    stack: string | undefined,
  ): Promise<Live> {
    const reader = readerOf(spec.cfnType);
    const notes = stack === undefined ? undefined : { [STACK_OUTPUT]: stack };
    if (!reader) return { id, model: { ...recorded, ...attributes }, covers: [], notes };
    const model = await reader.read(this.#client, id.split("|"), recorded);
    if (!model) throw new AwsError("NotFound", `${spec.cfnType} ${id} does not exist`, 404);
    return { id, model: { ...attributes, ...defined(model) }, covers: reader.covers, notes };
  }
}

function defined(model: CfnProps): CfnProps {
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined && value !== null));
}
