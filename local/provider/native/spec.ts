/**
 * What CloudFormation knows of a resource type, from the CloudFormation service spec (`@aws-cdk/aws-service-spec`).
 *
 * The spec carries names, types, required properties, enumerations, what replaces a resource, its identifier, attributes and
 * tags. It does not carry patterns, lengths and ranges: those are refused by the emulators, not here.
 */
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { PropertyType, Resource, SpecDatabase } from "@aws-cdk/service-spec-types";
import { sdkName, topLevelSdkName } from "./names.ts";

/** A property in both spellings. */
export interface Field {
  readonly cfn: string;
  readonly sdk: string;
  readonly type: Shape;
  readonly required: boolean;
  /** Changing it makes a new resource. */
  readonly replaces: boolean;
}

/** A property's type. Unions list the typed alternatives first, free-form JSON last. */
export type Shape =
  | { readonly kind: "string"; readonly allowed?: readonly string[] }
  | { readonly kind: "integer" | "number"; readonly allowed?: readonly number[] }
  | { readonly kind: "boolean" | "json" }
  | { readonly kind: "array" | "map"; readonly element: Shape }
  | { readonly kind: "object"; fields(): Fields }
  | { readonly kind: "union"; readonly of: readonly Shape[] };

/** The fields of a resource or of one of its types, by either spelling. */
export class Fields {
  readonly all: readonly Field[];
  readonly #bySdk: ReadonlyMap<string, Field>;
  readonly #byCfn: ReadonlyMap<string, Field>;

  constructor(all: readonly Field[]) {
    this.all = all;
    this.#bySdk = new Map(all.map((field) => [field.sdk, field]));
    this.#byCfn = new Map(all.map((field) => [field.cfn.toLowerCase(), field]));
  }
  bySdk(name: string): Field | undefined {
    return this.#bySdk.get(name);
  }
  /** Case does not matter: services answer in their own casing (`logGroupName` for `LogGroupName`). */
  byCfn(name: string): Field | undefined {
    return this.#byCfn.get(name.toLowerCase());
  }
}

export interface TypeSpec {
  /** e.g. `AWS::S3::Bucket` */
  readonly cfnType: string;
  /** e.g. `Bucket` */
  readonly typeName: string;
  readonly properties: Fields;
  /** What the service makes up: `Arn` and the like (top level only). */
  readonly attributes: Fields;
  /** CloudFormation names whose values, joined by `|`, are aws-native's id. */
  readonly primaryIdentifier: readonly string[];
  /** CloudFormation names behind `Ref`. */
  readonly refIdentifier: readonly string[];
  readonly tags?: { readonly field: Field; readonly style: "list" | "map" };
}

const TAG = new Fields(
  (["Key", "Value"] as const).map((cfn) => ({
    cfn,
    sdk: sdkName(cfn),
    type: { kind: "string" },
    required: true,
    replaces: false,
  })),
);

let database: SpecDatabase | undefined;
/** Loads the spec once: about 0.5 s and 100 MB. */
function db(): SpecDatabase {
  database ??= loadAwsServiceSpecSync();
  return database;
}

const definitions = new Map<string, Fields>();
function definition(reference: { $ref: string }): Fields {
  const known = definitions.get(reference.$ref);
  if (known) return known;
  const fields = fieldsOf(db().get("typeDefinition", reference).properties, sdkName);
  definitions.set(reference.$ref, fields);
  return fields;
}

function shape(type: PropertyType): Shape {
  switch (type.type) {
    case "string":
      return { kind: "string", allowed: type.allowedValues };
    case "date-time":
      return { kind: "string" };
    case "integer":
      return { kind: "integer", allowed: type.allowedValues };
    case "number":
    case "boolean":
    case "json":
      return { kind: type.type };
    case "null":
      return { kind: "json" };
    case "tag":
      return { kind: "object", fields: () => TAG };
    case "array":
    case "map":
      return { kind: type.type, element: shape(type.element) };
    case "ref":
      return { kind: "object", fields: () => definition(type.reference) };
    case "union": {
      const of = type.types.map(shape);
      return {
        kind: "union",
        of: [...of.filter(({ kind }) => kind !== "json"), ...of.filter((s) => s.kind === "json")],
      };
    }
  }
}

function fieldsOf(properties: Resource["properties"], spell: (cfn: string) => string): Fields {
  return new Fields(
    Object.entries(properties).map(([cfn, property]) => ({
      cfn,
      sdk: spell(cfn),
      type: shape(property.type),
      required: property.required === true,
      replaces: property.causesReplacement === "yes",
    })),
  );
}

function build(resource: Resource): TypeSpec {
  const properties = fieldsOf(resource.properties, topLevelSdkName);
  const attributes = Object.fromEntries(Object.entries(resource.attributes).filter(([name]) => !name.includes(".")));
  const primaryIdentifier = resource.primaryIdentifier ?? [];
  const tagField = resource.tagInformation && properties.byCfn(resource.tagInformation.tagPropertyName);
  return {
    cfnType: resource.cloudFormationType,
    typeName: resource.name,
    properties,
    attributes: fieldsOf(attributes, topLevelSdkName),
    primaryIdentifier,
    refIdentifier: resource.cfnRefIdentifier ?? primaryIdentifier,
    tags: tagField && { field: tagField, style: resource.tagInformation?.variant === "map" ? "map" : "list" },
  };
}

let index: ReadonlyMap<string, Resource> | undefined;
/** pulumi-aws-native calls the module of `AWS::Config` "configuration", since `config` is Pulumi's own. */
function key(cfnType: string): string {
  const [, module = "", type = ""] = cfnType.toLowerCase().split("::");
  return `${module === "config" ? "configuration" : module}:${type}`;
}

const specs = new Map<string, TypeSpec>();
/** The spec of a token such as `aws-native:s3:Bucket`, or undefined where CloudFormation has no such type. */
export function typeSpec(token: string): TypeSpec | undefined {
  const known = specs.get(token);
  if (known) return known;
  index ??= new Map(
    db()
      .all("resource")
      .map((resource) => [key(resource.cloudFormationType), resource]),
  );
  const [, module = "", type = ""] = token.toLowerCase().split(":");
  const resource = index.get(`${module}:${type}`);
  if (!resource) return undefined;
  const spec = build(resource);
  specs.set(token, spec);
  return spec;
}

/** The field of a top-level name, property or attribute. */
export function fieldByCfn(spec: TypeSpec, name: string): Field | undefined {
  return spec.properties.byCfn(name) ?? spec.attributes.byCfn(name);
}
