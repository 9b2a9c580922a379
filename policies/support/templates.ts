/**
 * What a CloudFormation template holds that the approval rules would judge if it were a resource of the program. A template
 * may be an object, JSON text or YAML text. YAML is searched as text: a mention counts, wherever it stands, because what is
 * not parsed cannot be told from a declaration.
 */
import { parseJson } from "./document.ts";
import { isTree, join, Unknown } from "./unknown.ts";

export interface Inside {
  /** Types declared, and calls that state machines make: `AWS::SageMaker::Model`, `sagemaker:createModel`. */
  readonly declares: readonly string[];
  /** What brings in declarations that do not stand in the template. */
  readonly elsewhere: readonly string[];
  /** Where declarations may stand that are not known yet. */
  readonly unknown: readonly string[];
}

interface Found {
  readonly declares: Set<string>;
  readonly elsewhere: Set<string>;
  readonly unknown: Set<string>;
}

/** `$` and `&`: `Fn::ForEach` writes types from parts. */
const DECLARED =
  /AWS::SageMaker::(?:(?:Model|Endpoint|EndpointConfig|InferenceComponent|InferenceExperiment|ModelPackage|Pipeline)(?![A-Za-z0-9])|[$&]\{[^}]*\})/gi;
const CALLS =
  /(?:states:[^:\s]*:[^:\s]*:|aws-sdk:)sagemaker:((?:create|update)(?:ModelPackage|Model|EndpointConfig|EndpointWeightsAndCapacities|Endpoint|InferenceComponent))(?![A-Za-z])/gi;
/** Types whose declarations stand somewhere else: modules, published applications, products. */
const INDIRECT =
  /[A-Za-z0-9]+(?:::[A-Za-z0-9]+)+::MODULE(?![A-Za-z0-9])|AWS::Serverless::Application(?![A-Za-z0-9])|AWS::ServiceCatalog::CloudFormationProvisionedProduct(?![A-Za-z0-9])/g;
/** Keys by which a template, or a state machine's definition, is fetched from elsewhere. */
const NAMED_ONLY = ["TemplateURL", "DefinitionS3Location"];
/** Transforms of AWS's own that bring in nothing. Others run code, or read a file. */
const TRANSFORMS = /^AWS::(?:Serverless-2016-10-31|LanguageExtensions|CodeDeployBlueGreen|SecretsManager-[0-9-]+)$/;
/** Keys below which an unknown value can hide a declaration. */
const TELLING = /^(?:Resources|Type|Properties|TemplateBody|TemplateURL|Transform|Fn::Transform|Definition\w*)$/;
/** Deeper than any template, with templates inside templates. */
const MAX_DEPTH = 60;

/** @param path where the template stands, for `unknown` */
export function insideTemplate(template: unknown, path: string): Inside {
  const found: Found = { declares: new Set(), elsewhere: new Set(), unknown: new Set() };
  walk(template, path, "TemplateBody", 0, found);
  return { declares: [...found.declares], elsewhere: [...found.elsewhere], unknown: [...found.unknown] };
}

function walk(value: unknown, path: string, key: string, depth: number, found: Found): void {
  if (depth > MAX_DEPTH) found.elsewhere.add("nesting that is too deep to be read");
  else if (value instanceof Unknown) {
    if (depth <= 2 || TELLING.test(key)) found.unknown.add(path);
  } else if (typeof value === "string") searchText(value, path, key, depth, found);
  else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly unknown[]).entries())
      walk(item, join(path, index), key, depth + 1, found);
  } else if (isTree(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (NAMED_ONLY.includes(name)) found.elsewhere.add(name);
      if (name === "Transform" || name === "Fn::Transform") addTransforms(inner, found);
      walk(inner, join(path, name), name, depth + 1, found);
    }
  }
}

function searchText(text: string, path: string, key: string, depth: number, found: Found): void {
  const nested = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  if (isTree(nested)) {
    walk(nested, path, "", depth + 1, found);
    return;
  }
  for (const [, call] of text.matchAll(CALLS)) found.declares.add(`sagemaker:${call}`);
  if (key === "TemplateBody") searchYaml(text, found);
  else if (key === "Type") {
    addTypes(text, found);
    if (/[$&]\{/.test(text)) found.elsewhere.add(`the type ${text}`);
  }
}

function addTypes(text: string, found: Found): void {
  for (const [type] of text.matchAll(DECLARED)) found.declares.add(type);
  for (const [type] of text.matchAll(INDIRECT)) found.elsewhere.add(type);
}

function searchYaml(text: string, found: Found): void {
  const plain = unescaped(text).replaceAll(/^\s*#.*$/gm, "");
  addTypes(plain, found);
  for (const [, call] of plain.matchAll(CALLS)) found.declares.add(`sagemaker:${call}`);
  for (const name of NAMED_ONLY) if (plain.includes(name)) found.elsewhere.add(name);
  if (/!Transform\b|\bFn::Transform\b/.test(plain)) found.elsewhere.add("Fn::Transform");
  const whole = /^["']?Transform["']?[ \t]*:((?:.|\n(?=[ \t-]|$))*)/m.exec(plain)?.[1];
  if (whole !== undefined)
    addTransforms(
      whole.split(/[\s,[\]"']+/).filter((word) => word !== "" && word !== "-"),
      found,
    );
}

function addTransforms(value: unknown, found: Found): void {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const name of names) {
    if (name instanceof Unknown || (typeof name === "string" && TRANSFORMS.test(name))) continue;
    const shown = isTree(name) ? name.Name : name;
    found.elsewhere.add(typeof shown === "string" ? `Transform ${shown}` : "Transform");
  }
}

/** YAML's double-quoted escapes, by which a name could be written so that no search finds it. */
function unescaped(text: string): string {
  return text
    .replaceAll(/\\\r?\n\s*/g, "")
    .replaceAll(/\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U0000([0-9A-Fa-f]{4}))/g, (_whole, ...hex: unknown[]) =>
      String.fromCharCode(Number.parseInt(hex.slice(0, 3).find((one) => one !== undefined) as string, 16)),
    );
}
