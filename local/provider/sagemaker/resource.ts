/** SageMaker's types: straight calls of SageMaker's API at the front, driven by the table. */
import { AwsError, type Client, isNotFound } from "../emulator/client.ts";
import type { Backend, Live, Target } from "../native/backend.ts";
import type { CfnProps } from "../native/convert.ts";
import { tagList } from "../native/live/reader.ts";
import type { TypeSpec } from "../native/spec.ts";
import { SAGEMAKER_TYPES, type SageMakerType } from "./table.ts";

const FIRST_LOOK_MS = 10;
const LONGEST_PAUSE_MS = 500;
/** AWS gives an endpoint an hour; the front starts a model server in seconds. */
const LIMIT_MS = 180_000;

function row(spec: TypeSpec): SageMakerType {
  const found = SAGEMAKER_TYPES[spec.cfnType];
  if (!found)
    throw new Error(
      `${spec.cfnType} is not part of the local provider: add its row to local/provider/sagemaker/table.ts`,
    );
  return found;
}

/** The last part of an ARN: `arn:aws:sagemaker:...:endpoint/name`. */
function nameOf(id: string): string {
  return id.startsWith("arn:") ? id.slice(id.indexOf("/") + 1) : id;
}

function pick(properties: CfnProps, names: readonly string[] = []): CfnProps {
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  );
}

/** CloudFormation's times are ISO text, the API's are seconds since 1970. */
function isoTimes(answer: CfnProps): CfnProps {
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) =>
      typeof value === "number" && /Time$/.test(name) ? [name, new Date(value * 1000).toISOString()] : [name, value],
    ),
  );
}

export class SageMaker implements Backend {
  readonly #client: Client;
  constructor(client: Client) {
    this.#client = client;
  }

  #call(operation: string, input: object): Promise<CfnProps> {
    return this.#client.json("sagemaker", `SageMaker.${operation}`, input);
  }

  #describe(type: SageMakerType, id: string): Promise<CfnProps> {
    return this.#call(`Describe${type.noun}`, { [type.key]: type.by === "arn" ? id : nameOf(id) });
  }

  async create({ spec }: Target, properties: CfnProps): Promise<Live> {
    const type = row(spec);
    const answer = await this.#call(`Create${type.noun}`, properties);
    const id = String(answer[type.arn] ?? Object.values(answer)[0]);
    try {
      await this.#settle(type, id);
    } catch (error) {
      // A resource that never came to life would stand in the way of the next attempt.
      await this.#remove(type, id).catch(() => undefined);
      throw error;
    }
    return this.#live(type, id);
  }

  async read({ spec }: Target, id: string): Promise<Live | undefined> {
    const type = row(spec);
    try {
      return await this.#live(type, id);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async update({ spec }: Target, id: string, recorded: CfnProps, properties: CfnProps): Promise<Live> {
    const type = row(spec);
    const changes = pick(properties, type.updates);
    if (JSON.stringify(changes) !== JSON.stringify(pick(recorded, type.updates))) {
      const key = type.updateKey ?? type.key;
      const removed = type.noun === "ModelPackage" ? removedMetadata(recorded, properties) : {};
      await this.#call(`Update${type.noun}`, { [key]: type.by === "arn" ? id : nameOf(id), ...changes, ...removed });
      const after = await this.#settle(type, id);
      refuseRollback(id, properties, after);
    }
    await this.#retag(type, id, recorded, properties);
    return this.#live(type, id);
  }

  async delete({ spec }: Target, id: string): Promise<void> {
    await this.#remove(row(spec), id);
  }

  async #remove(type: SageMakerType, id: string): Promise<void> {
    try {
      await this.#call(`Delete${type.noun}`, { [type.key]: type.by === "arn" ? id : nameOf(id) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return;
    }
    if (type.settles) await this.#gone(type, id);
  }

  async #gone(type: SageMakerType, id: string): Promise<void> {
    await this.#poll(async () => {
      try {
        const { [type.settles?.field ?? ""]: status } = await this.#describe(type, id);
        return status === "Deleting" ? undefined : true;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    }, `${id} is still being deleted`);
  }

  /** Waits for the status to come to rest; a bad end is an error with SageMaker's reason. */
  async #settle(type: SageMakerType, id: string): Promise<CfnProps> {
    const { settles } = type;
    if (!settles) return {};
    return this.#poll(async () => {
      const answer = await this.#describe(type, id);
      const status = String(answer[settles.field]);
      if (settles.good.includes(status)) return answer;
      if (settles.bad.includes(status))
        throw new Error(`${id} is ${status}: ${String(answer.FailureReason ?? "SageMaker gives no reason")}`);
      return undefined;
    }, `${id} does not settle`);
  }

  async #poll<T>(look: () => Promise<T | undefined>, complaint: string): Promise<T> {
    const start = Date.now();
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (Date.now() - start > LIMIT_MS) throw new Error(`${complaint} after ${LIMIT_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #retag(type: SageMakerType, id: string, recorded: CfnProps, properties: CfnProps): Promise<void> {
    if (type.untaggable) return;
    const [olds, news] = [recorded.Tags, properties.Tags].map(
      (tags) => (tags ?? []) as { Key: string; Value: string }[],
    );
    if (!olds || !news || JSON.stringify(olds) === JSON.stringify(news)) return;
    const gone = olds.map(({ Key }) => Key).filter((key) => !news.some((tag) => tag.Key === key));
    if (gone.length > 0) await this.#call("DeleteTags", { ResourceArn: id, TagKeys: gone });
    if (news.length > 0) await this.#call("AddTags", { ResourceArn: id, Tags: news });
  }

  async #live(type: SageMakerType, id: string): Promise<Live> {
    const [answer, tags] = await Promise.all([
      this.#describe(type, id),
      type.untaggable ? {} : this.#call("ListTags", { ResourceArn: id, MaxResults: 100 }),
    ]);
    const arn = String(answer[type.arn] ?? id);
    const own = tagList((tags as { Tags?: unknown }).Tags);
    const model = {
      ...isoTimes(answer),
      ...(own ? { Tags: own } : {}),
      ...(type.noun === "Endpoint" ? {} : { Arn: arn }),
    };
    return { id: arn, model, covers: [...(type.updates ?? []).filter(told), "Tags"], tellsAll: true };
  }
}

/** Describe tells all that Update takes but for what steers the update itself. */
function told(name: string): boolean {
  return !/^(RetainAll|ExcludeRetained|RetainDeployment|DeploymentConfig|AdditionalInferenceSpecificationsToAdd)/.test(
    name,
  );
}

/** UpdateModelPackage merges metadata: what is no longer wanted has to be named. */
function removedMetadata(recorded: CfnProps, properties: CfnProps): CfnProps {
  const [olds, news] = [recorded, properties].map(
    (bag) => (bag.CustomerMetadataProperties ?? {}) as Record<string, string>,
  );
  const gone = Object.keys(olds ?? {}).filter((key) => !(key in (news ?? {})));
  return gone.length > 0 ? { CustomerMetadataPropertiesToRemove: gone } : {};
}

/** An update that alarms roll back ends InService, with the old configuration: not what was asked for. */
function refuseRollback(id: string, wanted: CfnProps, after: CfnProps): void {
  const [asked, serving] = [wanted.EndpointConfigName, after.EndpointConfigName];
  if (asked === undefined || serving === undefined || asked === serving) return;
  const why = after.FailureReason ? `: ${String(after.FailureReason)}` : "";
  throw new AwsError(
    "UpdateRolledBack",
    `${id} was rolled back: it serves ${String(serving)}, not ${String(asked)}${why}`,
    400,
  );
}
