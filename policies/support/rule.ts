/**
 * The one constructor of a policy. It makes a rule fail closed: a crash in a rule is a violation of that rule
 * (`<rule>/crash`), never an aborted run and never a pass, and the next resource is still judged.
 */
import type {
  PolicyComplianceFramework,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { Graph, type Node } from "./graph.ts";
import { type Reporter, reportAt, reporter } from "./report.ts";
import { currentRun, enlist } from "./run.ts";
import { type SettingName, type Settings, schemaOf, settingsOf } from "./settings.ts";
import { type Reads, Subject } from "./subject.ts";

export const GROUPS = [
  "lineage",
  "approval",
  "data",
  "encryption",
  "iam",
  "cost",
  "observability",
  "reliability",
  "hygiene",
] as const;
export type Group = (typeof GROUPS)[number];
export type Level = "advisory" | "mandatory" | "remediate";
export type Stage = "dev" | "prod";

/** The id under which another tool or a standard has the same demand. */
export interface OutsideId {
  readonly source: "Security Hub" | "AWS Config" | "cdk-nag" | "checkov" | "prowler" | "CIS AWS v5" | "NIST 800-53 R5";
  readonly ids: readonly string[];
  /** What differs, where the outside rule is only near. */
  readonly note?: string;
}

interface Half<Name extends SettingName, Check extends string, Thing> {
  readonly judge: (
    thing: Thing,
    context: { readonly settings: Pick<Settings, Name>; readonly report: Reporter<Check> },
  ) => void | Promise<void>;
}

export interface RuleSpec<Name extends SettingName, Check extends string> {
  /** Equals the file name, the test's name and the row in RULES.md. */
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  /** What is wrong when it is violated, and why that matters: one sentence each. */
  readonly what: string;
  readonly why: string;
  /** What a person does about it. */
  readonly fix: string;
  readonly levels: Readonly<Record<Stage, Level>>;
  /** Checks that no exemption may name; `all`, or those listed; `prod` = all of them in stage prod. */
  readonly unexemptable?: "all" | "prod" | readonly NoInfer<Check>[];
  /** Check code → what it finds. */
  readonly checks: Readonly<Record<Check, string>>;
  readonly outside?: readonly OutsideId[];
  readonly framework?: PolicyComplianceFramework;
  readonly settings?: readonly Name[];
  /**
   * Judges inputs before the resource is touched: the keys of `reads` are the types judged, and with `every` also each type
   * that begins so (of which no path is declared, so that only `Subject.texts` and what belongs to no type can be read).
   */
  readonly resource?: { readonly reads: Reads; readonly every?: readonly string[] } & Half<Name, Check, Subject>;
  /**
   * Judges the finished stack: `types` are judged one by one by `judge`, then `whole` once; `reads` also names what is
   * looked up on the way.
   */
  readonly stack?: {
    readonly types: readonly string[];
    readonly reads: Reads;
    readonly judge?: (
      node: Node,
      context: {
        readonly settings: Pick<Settings, Name>;
        readonly report: Reporter<Check>;
        readonly graph: Graph;
      },
    ) => void | Promise<void>;
    /** For what no single resource is to blame. `at` says which resource is meant; without a URN it is the stack itself. */
    readonly whole?: (
      graph: Graph,
      context: {
        readonly settings: Pick<Settings, Name>;
        readonly at: (urn?: string) => Reporter<Check>;
      },
    ) => void | Promise<void>;
  };
  /** At level `remediate`: mutates inputs, and says whether it had to; what it leaves alone is not reported as mended. */
  readonly remediate?: {
    readonly types: readonly string[];
    readonly apply: (props: Record<string, unknown>) => boolean;
  };
}

/** Metadata of a rule without its code: what RULES.md, the configs and the tests are made of. */
export type RuleMeta = Omit<RuleSpec<SettingName, string>, "resource" | "stack" | "remediate"> & {
  /** Types judged from their inputs / over the stack. */
  readonly judges: {
    readonly resource: readonly string[];
    readonly stack: readonly string[];
    /** Starts of type tokens of which the resource half judges all. */
    readonly every: readonly string[];
    /** True where the stack is judged as one. */
    readonly whole: boolean;
  };
  /** Every property path read, by half and type. */
  readonly reads: { readonly resource: Reads; readonly stack: Reads };
  readonly live: boolean;
};

export interface Rule {
  readonly meta: RuleMeta;
  readonly policy:
    | ResourceValidationPolicy
    | StackValidationPolicy
    | (ResourceValidationPolicy & StackValidationPolicy);
}

export function rule<const Name extends SettingName = never, const Check extends string = string>(
  spec: RuleSpec<Name, Check>,
): Rule {
  const description = `${spec.what} ${spec.why}`;
  const { resource, stack, remediate } = spec;
  const names = spec.settings ?? [];
  const configSchema = schemaOf(names);

  const crashed = (error: unknown, report: ReportViolation, urn: string | undefined) => {
    const words = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    const text = `${spec.id}/crash: the rule failed on this resource (${words}), so it cannot be said to comply. Report this as a fault of the policy pack.`;
    // A critical rule stays mandatory even where the stage relaxes it: nobody may switch it off by crashing it.
    if (spec.severity === "critical") reportAt("mandatory", report, description, text, urn);
    else report(text, urn);
  };

  const validateResource =
    resource &&
    (async (args: ResourceValidationArgs, report: ReportViolation) => {
      currentRun().show(args.urn);
      if (!Object.hasOwn(resource.reads, args.type) && !resource.every?.some((start) => args.type.startsWith(start)))
        return;
      try {
        await resource.judge(new Subject(args, resource.reads), {
          settings: settingsOf(names, args.getConfig<Record<string, unknown>>()),
          report: reporter({ rule: spec.id, description, report, when: "resource", urn: args.urn }),
        });
      } catch (error) {
        crashed(error, report, undefined);
      }
    });

  const validateStack =
    stack &&
    (async (args: StackValidationArgs, report: ReportViolation) => {
      const graph = new Graph(args.resources, stack.reads);
      const settings = settingsOf(names, args.getConfig<Record<string, unknown>>());
      const at = (urn?: string) =>
        reporter({ rule: spec.id, description, report, when: "stack", urn: urn ?? graph.urn });
      for (const node of stack.judge ? graph.ofTypes(stack.types) : []) {
        try {
          await stack.judge?.(node, { settings, report: at(node.urn), graph });
        } catch (error) {
          crashed(error, report, node.urn);
        }
      }
      try {
        await stack.whole?.(graph, { settings, at });
      } catch (error) {
        crashed(error, report, graph.urn);
      }
    });

  const remediateResource =
    remediate &&
    ((args: ResourceValidationArgs) => {
      if (!remediate.types.includes(args.type)) return;
      try {
        if (!remediate.apply(args.props)) return;
      } catch {
        return; // Left as it was: the resource half judges it, at level mandatory.
      }
      return args.props;
    });

  const policy = {
    name: spec.id,
    displayName: spec.id,
    description,
    enforcementLevel: spec.levels.prod,
    severity: spec.severity,
    tags: [spec.group],
    remediationSteps: spec.fix,
    ...(spec.framework ? { framework: spec.framework } : {}),
    ...(configSchema ? { configSchema } : {}),
    ...(validateResource ? { validateResource } : {}),
    ...(validateStack ? { validateStack } : {}),
    ...(remediateResource ? { remediateResource } : {}),
  } as Rule["policy"];

  const { resource: _resource, stack: _stack, remediate: _remediate, ...plain } = spec;
  const meta: RuleMeta = {
    ...(plain as unknown as RuleMeta),
    judges: {
      resource: Object.keys(resource?.reads ?? {}),
      stack: stack?.types ?? [],
      every: resource?.every ?? [],
      whole: stack?.whole !== undefined,
    },
    reads: { resource: resource?.reads ?? {}, stack: stack?.reads ?? {} },
    live: names.includes("offline" as Name),
  };
  enlist(meta);
  return { policy, meta };
}

function merge(a: Reads, b: Reads): Reads {
  const result: Record<string, string[]> = {};
  for (const reads of [a, b]) {
    for (const [type, paths] of Object.entries(reads)) {
      result[type] = [...new Set([...(result[type] ?? []), ...paths])];
    }
  }
  return result;
}

/** The same paths for every token of the given families. */
export function reads(types: readonly string[], ...paths: readonly string[]): Reads {
  return Object.fromEntries(types.map((type) => [type, paths]));
}

/** Several declarations as one; paths of a type named twice are joined. */
export function allReads(...parts: readonly Reads[]): Reads {
  return parts.reduce(merge, {});
}
