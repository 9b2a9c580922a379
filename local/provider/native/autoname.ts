/**
 * Physical names for resources whose program gives none, as pulumi-aws-native makes them (provider/pkg/autonaming):
 * logical name, a dash, seven hex digits; kept for the resource's life.
 */
import { createHash, randomBytes } from "node:crypto";
import type { CheckRequest } from "../server/handlers.ts";
import type { Field, TypeSpec } from "./spec.ts";

const RANDOM_DIGITS = 7;

/** Longest names, where a type has a limit. Source: `maxLength` in the CloudFormation registry schema of each type. */
const LONGEST: Readonly<Record<string, number>> = {
  "AWS::S3::Bucket": 63,
  "AWS::IAM::Role": 64,
  "AWS::IAM::ManagedPolicy": 128,
  "AWS::Lambda::Function": 64,
  "AWS::StepFunctions::StateMachine": 80,
  "AWS::Events::Rule": 64,
  "AWS::Scheduler::Schedule": 64,
  "AWS::Scheduler::ScheduleGroup": 64,
  "AWS::DynamoDB::Table": 255,
  "AWS::SNS::Topic": 256,
  "AWS::SQS::Queue": 80,
  "AWS::Logs::LogGroup": 512,
  "AWS::CloudWatch::Alarm": 255,
};
const LONGEST_SAGEMAKER = 63;

/** The property that names a resource of the type: `Name`, `<Type>Name`, or the only `*Name` whose prefix ends the type. */
export function nameField(spec: TypeSpec): Field | undefined {
  const text = (field: Field | undefined) => (field?.type.kind === "string" ? field : undefined);
  const type = spec.typeName.toLowerCase();
  const direct = text(spec.properties.byCfn("Name")) ?? text(spec.properties.byCfn(`${type}name`));
  if (direct) return direct;
  const fitting = spec.properties.all.filter(({ cfn }) => {
    const lowered = cfn.toLowerCase();
    return lowered.endsWith("name") && type.endsWith(lowered.slice(0, -"name".length));
  });
  return fitting.length === 1 ? text(fitting[0]) : undefined;
}

/** Longest physical name of a type, undefined where none is known. */
export function longestName(cfnType: string): number | undefined {
  return LONGEST[cfnType] ?? (cfnType.startsWith("AWS::SageMaker::") ? LONGEST_SAGEMAKER : undefined);
}

function digits(seed: Uint8Array, count: number): string {
  const source = seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(32).toString("hex");
  return source.slice(0, count);
}

/**
 * The name for a resource that needs one, or undefined where the program names it or the type has no name.
 * Throws where the logical name leaves no room for random digits.
 */
export function autoname(spec: TypeSpec, request: CheckRequest): { field: string; name: string } | undefined {
  const field = nameField(spec);
  if (!field || request.news[field.sdk] !== undefined) return undefined;
  const old = request.olds[field.sdk];
  if (typeof old === "string") return { field: field.sdk, name: old };
  const longest = longestName(spec.cfnType);
  const { autonaming } = request;
  if (autonaming?.mode === "disable") return undefined;
  if (autonaming) {
    const name = autonaming.proposedName;
    if (autonaming.mode === "propose" && longest !== undefined && name.length > longest) {
      throw new Error(`proposed name ${JSON.stringify(name)} exceeds max length of ${longest}`);
    }
    return { field: field.sdk, name };
  }
  const room = longest === undefined ? RANDOM_DIGITS : longest - request.name.length - 1;
  if (room <= 0) {
    throw new Error(
      `failed to auto-generate value for ${JSON.stringify(field.sdk)}. Prefix: ${JSON.stringify(`${request.name}-`)} is too ` +
        `large to fit max length constraint of ${longest}. Please provide a value for ${JSON.stringify(field.sdk)}`,
    );
  }
  return { field: field.sdk, name: `${request.name}-${digits(request.randomSeed, Math.min(room, RANDOM_DIGITS))}` };
}
