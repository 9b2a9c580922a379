/**
 * Judges recorded resources without an engine, by the same code: the messages that the engine would send are put together
 * and given to the functions with which the library answers it.
 */
import server from "@pulumi/policy/server.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Finding } from "../report/finding.ts";
import { partsOf } from "../report/finding.ts";
import { readOnce } from "../support/once.ts";
import type { Rule } from "../support/rule.ts";
import { type Configured, startRun } from "../support/run.ts";
import type { Recorded } from "./recorded.ts";
import type { Json } from "./values.ts";

type Response = InstanceType<typeof analyzer.AnalyzeResponse>;
type Remediations = InstanceType<typeof analyzer.RemediateResponse>;
type Rpc<Answer> = (call: { request: unknown }, callback: (error: unknown, answer: Answer) => void) => void;
type Make<Answer> = (pack: string, version: string, level: string, policies: readonly unknown[]) => Rpc<Answer>;
/** Internal in the library's declarations, exported at run time. */
const library = server as unknown as {
  makeAnalyzeRpcFun: Make<Response>;
  makeAnalyzeStackRpcFun: Make<Response>;
  makeRemediateRpcFun: Make<Remediations>;
};

export interface Judged {
  readonly findings: readonly Finding[];
  readonly remediated: readonly { readonly rule: string; readonly urn: string }[];
}

const LEVELS = ["advisory", "mandatory", "disabled", "remediate"] as const;
const SEVERITIES = ["", "low", "medium", "high", "critical"] as const;

readOnce();

/** The engine's messages about the resources, in their order. */
export interface Prepared {
  readonly resources: readonly Recorded[];
  readonly requests: readonly (InstanceType<typeof analyzer.AnalyzeRequest> | undefined)[];
  readonly whole: InstanceType<typeof analyzer.AnalyzeStackRequest>;
}

export function prepare(resources: readonly Recorded[]): Prepared {
  const whole = new analyzer.AnalyzeStackRequest();
  whole.setResourcesList(resources.map(stackResourceOf));
  const requests = resources.map((one) => (one.external ? undefined : requestOf(one, one.inputs)));
  return { resources, requests, whole };
}

/** What the rules say of the resources, in their order, resource by resource and then of the whole. */
export async function judge(
  prepared: Prepared,
  rules: readonly Rule[],
  configuration: ReadonlyMap<string, Configured>,
): Promise<Judged> {
  startRun({ configuration });
  try {
    return await judgeRun(prepared, rules, configuration);
  } finally {
    // What was configured and used was this run's.
    startRun();
  }
}

async function judgeRun(
  { resources, requests, whole }: Prepared,
  rules: readonly Rule[],
  configuration: ReadonlyMap<string, Configured>,
): Promise<Judged> {
  const policyOf = (rule: Rule) => configured(rule, configuration.get(rule.meta.id));
  const policies = rules.map(policyOf);
  const serve = <Answer>(make: Make<Answer>) => asked(make("frugal-mlops", "", "mandatory", policies));
  const analyze = serve(library.makeAnalyzeRpcFun);
  const analyzeStack = serve(library.makeAnalyzeStackRpcFun);
  const remediates = [...configuration.values()].some(({ level }) => level === "remediate");
  const remediate = remediates ? serve(library.makeRemediateRpcFun) : undefined;
  const findings: Finding[] = [];
  const remediated: { rule: string; urn: string }[] = [];

  for (const [index, resource] of resources.entries()) {
    let request = requests[index];
    if (!request) continue;
    for (const { properties, rule } of remediate ? mendedBy(await remediate(request)) : []) {
      remediated.push({ rule, urn: resource.urn });
      request = requestOf(resource, properties);
      // What is mended is what would be deployed.
      whole.getResourcesList()[index]?.setProperties(structOf({ ...object(resource.outputs), ...object(properties) }));
    }
    findings.push(...findingsOf(await analyze(request), resource));
  }
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack") ?? resources[0];
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  findings.push(...findingsOf(await analyzeStack(whole), root, byUrn));
  return { findings, remediated };
}

const object = (value: Json) => value as { readonly [key: string]: Json };

/** The library keeps configuration in a module of its own, which only the engine's message reaches. */
function configured({ policy }: Rule, found: Configured | undefined): unknown {
  const getConfig = () => found?.settings ?? {};
  const { validateResource, validateStack, remediateResource } = policy as unknown as Halves;
  const shown = (half: Half | undefined): Half | undefined =>
    half && ((args, report) => half({ ...args, getConfig }, report));
  return {
    ...policy,
    ...(found ? { enforcementLevel: found.level } : {}),
    ...(validateResource ? { validateResource: shown(validateResource) } : {}),
    ...(validateStack ? { validateStack: shown(validateStack) } : {}),
    ...(remediateResource ? { remediateResource: shown(remediateResource) } : {}),
  };
}
type Half = (args: object, report: unknown) => unknown;
interface Halves {
  readonly validateResource?: Half;
  readonly validateStack?: Half;
  readonly remediateResource?: Half;
}

function asked<Answer>(rpc: Rpc<Answer>): (request: unknown) => Promise<Answer> {
  return (request) =>
    new Promise((resolve, reject) => {
      rpc({ request }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
}

function requestOf(resource: Recorded, properties: Json): InstanceType<typeof analyzer.AnalyzeRequest> {
  return filled(new analyzer.AnalyzeRequest(), resource, properties);
}

function stackResourceOf(resource: Recorded): InstanceType<typeof analyzer.AnalyzerResource> {
  const message = filled(new analyzer.AnalyzerResource(), resource, resource.outputs);
  if (resource.parent) message.setParent(resource.parent);
  message.setDependenciesList([...resource.dependencies]);
  for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
    const dependencies = new analyzer.AnalyzerPropertyDependencies();
    dependencies.setUrnsList([...urns]);
    message.getPropertydependenciesMap().set(property, dependencies);
  }
  return message;
}

type Message = InstanceType<typeof analyzer.AnalyzeRequest> | InstanceType<typeof analyzer.AnalyzerResource>;

function filled<One extends Message>(message: One, resource: Recorded, properties: Json): One {
  message.setType(resource.type);
  message.setUrn(resource.urn);
  message.setName(resource.name);
  message.setProperties(structOf(properties));
  const options = new analyzer.AnalyzerResourceOptions();
  options.setProtect(resource.protect);
  options.setIgnorechangesList([...resource.ignoreChanges]);
  options.setAliasesList([...resource.aliases]);
  options.setAdditionalsecretoutputsList([...resource.additionalSecretOutputs]);
  if (resource.parent) options.setParent(resource.parent);
  const timeouts = new analyzer.AnalyzerResourceOptions.CustomTimeouts();
  timeouts.setCreate(resource.customTimeouts.create ?? 0);
  timeouts.setUpdate(resource.customTimeouts.update ?? 0);
  timeouts.setDelete(resource.customTimeouts.delete ?? 0);
  options.setCustomtimeouts(timeouts);
  message.setOptions(options);
  if (resource.provider) {
    const provider = new analyzer.AnalyzerProviderResource();
    provider.setType(resource.provider.type);
    provider.setName(resource.provider.name);
    provider.setUrn(resource.provider.urn);
    provider.setProperties(structOf(resource.provider.inputs));
    message.setProvider(provider);
  }
  return message;
}

const structOf = (value: Json) =>
  struct.Struct.fromJavaScript(value as Parameters<typeof struct.Struct.fromJavaScript>[0]);

function mendedBy(response: Remediations): { rule: string; properties: Json }[] {
  return response.getRemediationsList().flatMap((one) => {
    const properties = one.getProperties()?.toJavaScript();
    return properties ? [{ rule: one.getPolicyname(), properties: properties as Json }] : [];
  });
}

function findingsOf(response: Response, meant: Recorded | undefined, byUrn?: ReadonlyMap<string, Recorded>): Finding[] {
  return response.getDiagnosticsList().map((diagnostic): Finding => {
    const rule = diagnostic.getPolicyname();
    const resource = byUrn?.get(diagnostic.getUrn()) ?? meant;
    return {
      rule,
      ...partsOf(diagnostic.getMessage(), rule),
      level: LEVELS[diagnostic.getEnforcementlevel()] === "mandatory" ? "mandatory" : "advisory",
      severity: SEVERITIES[diagnostic.getSeverity()] ?? "",
      urn: resource?.urn ?? "",
      ...(resource?.source ? { source: resource.source } : {}),
    };
  });
}
