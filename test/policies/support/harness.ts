/**
 * Serves rules through the library's own RPC functions, as the engine does, not through a fake: an escaped unknown shows as
 * the library's advisory note and a crash as an RPC error, so both would be seen here.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type {
  ReportViolation,
  ResourceValidation,
  ResourceValidationArgs,
  StackValidation,
  StackValidationArgs,
} from "@pulumi/policy";
import type { Rule } from "../../../policies/support/rule.ts";

type Proto = typeof import("@pulumi/pulumi/proto/analyzer_pb.js");
type Request = InstanceType<Proto["AnalyzeRequest"]> | InstanceType<Proto["AnalyzeStackRequest"]>;
type Response = InstanceType<Proto["AnalyzeResponse"]>;
type Remediated = InstanceType<Proto["RemediateResponse"]>;
type Rpc<Answer> = (call: { request: unknown }, callback: (error: unknown, answer: Answer) => void) => void;
type MakeRpc<Answer> = (pack: string, version: string, level: string, policies: readonly unknown[]) => Rpc<Answer>;

const require = createRequire(import.meta.url);
// The classes must be the very ones that the library loads, and it loads them by require.
const analyzer: Proto = require("@pulumi/pulumi/proto/analyzer_pb.js");
const { Struct } =
  require("google-protobuf/google/protobuf/struct_pb.js") as typeof import("google-protobuf/google/protobuf/struct_pb.js");
/** Internal in the library's declarations, exported at run time. */
const server: {
  makeAnalyzeRpcFun: MakeRpc<Response>;
  makeAnalyzeStackRpcFun: MakeRpc<Response>;
  makeRemediateRpcFun: MakeRpc<Remediated>;
} = require("@pulumi/policy/server.js");

type Plain = Parameters<typeof Struct.fromJavaScript>[0];

export interface Resource {
  type: string;
  name: string;
  props: Record<string, unknown>;
  stack?: string;
  /** Property → names of the resources that its value was computed from. */
  propertyDependencies?: Record<string, string[]>;
  provider?: { type: string; props: Record<string, unknown> };
  /** The program's own options of the resource. */
  opts?: { protect?: boolean; deleteBeforeReplace?: boolean };
}

export interface Finding {
  /** The message without the description that every message begins with. */
  text: string;
  level: "advisory" | "mandatory" | "remediate" | "disabled";
  /** Name of the resource meant; stack rules say it themselves. */
  on: string | undefined;
}

export interface Options {
  /** Configuration of the rule, as `--policy-pack-config` would give it. */
  config?: Record<string, unknown>;
  level?: "advisory" | "mandatory";
}

const LEVELS = ["advisory", "mandatory", "disabled", "remediate"] as const;

export const urnOf = ({ type, name, stack = "prod" }: Pick<Resource, "type" | "name" | "stack">): string =>
  `urn:pulumi:${stack}::frugal::${type}::${name}`;

/** What the resource half of `rule` says of one resource. Rejects when the library answers with an RPC error. */
export async function analyze(rule: Rule, resource: Resource, options: Options = {}): Promise<Finding[]> {
  const request = new analyzer.AnalyzeRequest();
  fill(request, resource);
  return call(server.makeAnalyzeRpcFun, rule, request, options);
}

/** What the stack half of `rule` says of all resources. */
export async function analyzeStack(
  rule: Rule,
  resources: readonly Resource[],
  options: Options = {},
): Promise<Finding[]> {
  const urns = new Map(resources.map((resource) => [resource.name, urnOf(resource)]));
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(
    resources.map((resource) => {
      const message = new analyzer.AnalyzerResource();
      fill(message, resource);
      for (const [property, names] of Object.entries(resource.propertyDependencies ?? {})) {
        const dependencies = new analyzer.AnalyzerPropertyDependencies();
        dependencies.setUrnsList(names.map((name) => urns.get(name) ?? assert.fail(`no resource ${name}`)));
        message.getPropertydependenciesMap().set(property, dependencies);
      }
      return message;
    }),
  );
  return call(server.makeAnalyzeStackRpcFun, rule, request, options);
}

/** The inputs after remediation, or undefined when the rule changes nothing. */
export async function remediate(rule: Rule, resource: Resource): Promise<Record<string, unknown> | undefined> {
  const request = new analyzer.AnalyzeRequest();
  fill(request, resource);
  const policies = [{ ...rule.policy, enforcementLevel: "remediate" }];
  const response = await respond(server.makeRemediateRpcFun("pack", "1.0.0", "mandatory", policies), request);
  const [found] = response.getRemediationsList();
  return found?.getProperties()?.toJavaScript() as Record<string, unknown> | undefined;
}

/** As on the wire: `undefined` does not exist there. */
const plain = (props: Record<string, unknown>): Plain => JSON.parse(JSON.stringify(props));

function fill(
  message: InstanceType<Proto["AnalyzeRequest"]> | InstanceType<Proto["AnalyzerResource"]>,
  resource: Resource,
): void {
  message.setType(resource.type);
  message.setName(resource.name);
  message.setUrn(urnOf(resource));
  message.setProperties(Struct.fromJavaScript(plain(resource.props)));
  const options = new analyzer.AnalyzerResourceOptions();
  options.setProtect(resource.opts?.protect ?? false);
  options.setDeletebeforereplace(resource.opts?.deleteBeforeReplace ?? false);
  options.setDeletebeforereplacedefined(resource.opts?.deleteBeforeReplace !== undefined);
  message.setOptions(options);
  if (resource.provider) {
    const provider = new analyzer.AnalyzerProviderResource();
    provider.setType(resource.provider.type);
    provider.setName("provider");
    provider.setUrn(urnOf({ type: resource.provider.type, name: "provider" }));
    provider.setProperties(Struct.fromJavaScript(plain(resource.provider.props)));
    message.setProvider(provider);
  }
}

async function call(
  make: MakeRpc<Response>,
  rule: Rule,
  request: Request,
  { config = {}, level }: Options,
): Promise<Finding[]> {
  const policies = [configured(rule.policy, config, level)];
  const response = await respond(make("pack", "1.0.0", "advisory", policies), request);
  return response.getDiagnosticsList().map((diagnostic): Finding => {
    const message = diagnostic.getMessage();
    const prefix = `${rule.policy.description}\n`;
    assert.ok(message.startsWith(prefix), `not in the rule's words: ${message}`);
    const urn = diagnostic.getUrn();
    return {
      text: message.slice(prefix.length),
      level: LEVELS[diagnostic.getEnforcementlevel()] ?? assert.fail("no level"),
      on: urn === "" ? undefined : urn.split("::").at(-1),
    };
  });
}

/** The library keeps configuration in a module; here each call has its own. */
function configured(policy: Rule["policy"], config: Record<string, unknown>, level: Options["level"]): unknown {
  const getConfig = () => config;
  const { validateResource, validateStack } = policy as {
    validateResource?: ResourceValidation;
    validateStack?: StackValidation;
  };
  return {
    ...policy,
    ...(level ? { enforcementLevel: level } : {}),
    ...(validateResource
      ? {
          validateResource: (args: ResourceValidationArgs, report: ReportViolation) =>
            validateResource({ ...args, getConfig } as ResourceValidationArgs, report),
        }
      : {}),
    ...(validateStack
      ? {
          validateStack: (args: StackValidationArgs, report: ReportViolation) =>
            validateStack({ ...args, getConfig } as StackValidationArgs, report),
        }
      : {}),
  };
}

function respond<Answer>(rpc: Rpc<Answer>, request: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    rpc({ request }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** The sentinels by which the engine says that a value is not known. */
export const UNKNOWNS: Readonly<Record<string, string>> = Object.fromEntries(
  ["Boolean", "Number", "String", "Array", "Asset", "Archive", "Object"].map((kind) => [
    kind,
    require("@pulumi/policy/proxy.js")[`unknown${kind}Value`] as string,
  ]),
);
export const UNKNOWN: string = UNKNOWNS.String ?? assert.fail("no sentinel");

/** Asserts that the findings are exactly these violations, at the rule's own level. */
export function violates(findings: readonly Finding[], ...texts: readonly string[]): void {
  assert.deepEqual(
    findings.map(({ text, level }) => ({ text, level })),
    texts.map((text) => ({ text, level: "mandatory" })),
  );
}

/** Asserts that the findings are exactly these advisory notes. */
export function notes(findings: readonly Finding[], ...texts: readonly string[]): void {
  assert.deepEqual(
    findings.map(({ text, level }) => ({ text, level })),
    texts.map((text) => ({ text, level: "advisory" })),
  );
}
