/**
 * One CloudFormation stack per resource: how a resource comes to be, changes and goes in the emulator.
 *
 * A stack is named after the resource's URN plus a random part, because while a resource is being replaced two of one URN
 * exist. The name travels in the resource's recorded outputs as {@link STACK_OUTPUT}.
 */
import { createHash, randomBytes } from "node:crypto";
import { AwsError, type Client } from "../emulator/client.ts";
import { at, listAt, textAt, type Xml } from "../emulator/xml.ts";
import type { CfnProps } from "./convert.ts";

/** Output (hidden from the SDK's types, like pulumi-aws-native's own `__inputs`) that names the resource's stack. */
export const STACK_OUTPUT = "__stack";
const PREFIX = "frugal-local-";
/** The only resource of every stack. */
const LOGICAL_ID = "Resource";
const VERSION = "2010-05-15";
/** Roles and policies carry names of ours: CloudFormation wants to hear that this is meant. */
const CAPABILITIES = { "Capabilities.member.1": "CAPABILITY_NAMED_IAM" };
/** Milliseconds between looks at a stack: they take 10 to 45 ms. */
const FIRST_LOOK_MS = 4;
const LONGEST_PAUSE_MS = 250;
/** Give up after this long: nothing in the emulator takes minutes. */
const LIMIT_MS = 120_000;

export interface StackResult {
  readonly stack: string;
  /** CloudFormation's `Ref`. */
  readonly physicalId: string;
  /** `Fn::GetAtt` values asked for. */
  readonly attributes: CfnProps;
}

/** `frugal-local-<logical name>-<hash of the URN>-<random>`, at most 128 characters of CloudFormation's alphabet. */
export function stackName(urn: string): string {
  const hash = createHash("sha256").update(urn).digest("hex").slice(0, 16);
  const logical = (urn.split("::").at(-1) ?? "").replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 60);
  return `${PREFIX}${logical}-${hash}-${randomBytes(4).toString("hex")}`.replace(/-{2,}/g, "-");
}

function template(cfnType: string, properties: CfnProps, attributes: readonly string[], revision?: string): string {
  return JSON.stringify({
    AWSTemplateFormatVersion: "2010-09-09",
    // A revision makes a template differ from the recorded one, so that an update is never "No updates are to be performed".
    ...(revision ? { Description: revision } : {}),
    Resources: { [LOGICAL_ID]: { Type: cfnType, Properties: properties } },
    Outputs: {
      Ref: { Value: { Ref: LOGICAL_ID } },
      ...Object.fromEntries(attributes.map((name) => [name, { Value: { "Fn::GetAtt": [LOGICAL_ID, name] } }])),
    },
  });
}

function api(client: Client, action: string, params: Record<string, string>): Promise<Xml> {
  return client.query("cloudformation", action, VERSION, params);
}

async function describe(client: Client, stack: string): Promise<Xml | undefined> {
  try {
    return at(await api(client, "DescribeStacks", { StackName: stack }), "Stacks", "member");
  } catch (error) {
    if (error instanceof AwsError && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** Waits until the stack is at rest; undefined when it no longer exists. */
async function settle(client: Client, stack: string): Promise<Xml | undefined> {
  const start = Date.now();
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.6, LONGEST_PAUSE_MS)) {
    const found = await describe(client, stack);
    const status = textAt(found, "StackStatus");
    if (!found || status === "DELETE_COMPLETE") return undefined;
    if (status && !status.endsWith("_IN_PROGRESS")) return found;
    if (Date.now() - start > LIMIT_MS) throw new Error(`stack ${stack} is still ${status} after ${LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Why the last operation failed: the resource's own reason, else the stack's, without CloudFormation's wrapping. */
async function reason(client: Client, stack: string, found: Xml | undefined): Promise<string> {
  const events = listAt(await api(client, "DescribeStackEvents", { StackName: stack }), "StackEvents", "member");
  const failed = events.filter((event) => /_FAILED$/.test(textAt(event, "ResourceStatus") ?? ""));
  const own = failed.find((event) => textAt(event, "LogicalResourceId") === LOGICAL_ID) ?? failed[0];
  const overall = textAt(found, "StackStatusReason") ?? textAt(found, "StackStatus") ?? "the stack failed";
  return (textAt(own, "ResourceStatusReason") ?? overall).replace(`Resource ${LOGICAL_ID} failed: `, "");
}

function result(stack: string, found: Xml): StackResult {
  const outputs = listAt(found, "Outputs", "member").map((output) => [
    textAt(output, "OutputKey") ?? "",
    textAt(output, "OutputValue") ?? "",
  ]);
  const { Ref = "", ...attributes } = Object.fromEntries(outputs) as Record<string, string>;
  return { stack, physicalId: Ref, attributes };
}

/** Thrown with the reason the service gave; the half-made stack is deleted first. */
export async function createStack(
  client: Client,
  urn: string,
  cfnType: string,
  properties: CfnProps,
  attributes: readonly string[],
): Promise<StackResult> {
  const stack = stackName(urn);
  const body = template(cfnType, properties, attributes);
  await api(client, "CreateStack", { StackName: stack, TemplateBody: body, ...CAPABILITIES });
  const found = await settle(client, stack);
  if (textAt(found, "StackStatus") === "CREATE_COMPLETE" && found) return result(stack, found);
  const why = await reason(client, stack, found);
  await deleteStack(client, stack);
  throw new Error(`${cfnType}: ${why}`);
}

/**
 * Updates in place from `recorded` to `properties`. Where the stack's own record differs from `recorded` (someone changed the
 * resource by hand and a refresh saw it) the record is brought there first, so that the emulator sees the change to undo.
 */
export async function updateStack(
  client: Client,
  stack: string,
  cfnType: string,
  recorded: CfnProps,
  properties: CfnProps,
  attributes: readonly string[],
): Promise<StackResult> {
  const body = textAt(await api(client, "GetTemplate", { StackName: stack }), "TemplateBody");
  const known = body ? JSON.parse(body).Resources?.[LOGICAL_ID]?.Properties : undefined;
  const steps = JSON.stringify(known) === JSON.stringify(recorded) ? [properties] : [recorded, properties];
  let last: Xml | undefined;
  for (const step of steps) {
    const revision = randomBytes(6).toString("hex");
    const next = template(cfnType, step, attributes, revision);
    await api(client, "UpdateStack", { StackName: stack, TemplateBody: next, ...CAPABILITIES });
    last = await settle(client, stack);
    if (textAt(last, "StackStatus") !== "UPDATE_COMPLETE")
      throw new Error(`${cfnType}: ${await reason(client, stack, last)}`);
  }
  if (!last) throw new Error(`${cfnType}: its stack ${stack} is gone`);
  return result(stack, last);
}

/** Deletes the stack and what it holds; a stack that does not exist is deleted already. */
export async function deleteStack(client: Client, stack: string): Promise<void> {
  if (!(await describe(client, stack))) return;
  await api(client, "DeleteStack", { StackName: stack });
  const left = await settle(client, stack);
  if (left) throw new Error(await reason(client, stack, left));
}

/** Forgets a stack whose resource is already gone. */
export async function forgetStack(client: Client, stack: string): Promise<void> {
  try {
    await deleteStack(client, stack);
  } catch {
    await api(client, "DeleteStack", { StackName: stack, DeletionMode: "FORCE_DELETE_STACK" });
    await settle(client, stack);
  }
}

/** The stack of ours that holds a resource, by physical id: for a resource that comes back by import. */
export async function findStack(
  client: Client,
  cfnType: string,
  physicalIds: readonly string[],
): Promise<string | undefined> {
  for (const id of physicalIds) {
    try {
      const found = await api(client, "DescribeStackResources", { PhysicalResourceId: id });
      for (const member of listAt(found, "StackResources", "member")) {
        const stack = textAt(member, "StackName");
        if (
          stack?.startsWith(PREFIX) &&
          textAt(member, "ResourceType") === cfnType &&
          textAt(member, "PhysicalResourceId") === id
        )
          return stack;
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error; // no such physical id
    }
  }
  return undefined;
}

/** Makes a stack around a resource that exists already (CloudFormation's resource import). */
export async function adopt(
  client: Client,
  urn: string,
  cfnType: string,
  properties: CfnProps,
  identifier: Record<string, string>,
): Promise<string> {
  const stack = stackName(urn);
  const resource = JSON.parse(template(cfnType, properties, []));
  resource.Resources[LOGICAL_ID].DeletionPolicy = "Delete";
  // CloudFormation refuses outputs in an import; the next update adds them.
  delete resource.Outputs;
  const params: Record<string, string> = {
    StackName: stack,
    ChangeSetName: "import",
    ChangeSetType: "IMPORT",
    TemplateBody: JSON.stringify(resource),
    ...CAPABILITIES,
    "ResourcesToImport.member.1.ResourceType": cfnType,
    "ResourcesToImport.member.1.LogicalResourceId": LOGICAL_ID,
  };
  for (const [at, [name, value]] of Object.entries(identifier).entries()) {
    params[`ResourcesToImport.member.1.ResourceIdentifier.entry.${at + 1}.key`] = name;
    params[`ResourcesToImport.member.1.ResourceIdentifier.entry.${at + 1}.value`] = value;
  }
  await api(client, "CreateChangeSet", params);
  await api(client, "ExecuteChangeSet", { StackName: stack, ChangeSetName: "import" });
  const found = await settle(client, stack);
  if (textAt(found, "StackStatus") !== "IMPORT_COMPLETE")
    throw new Error(`${cfnType}: ${await reason(client, stack, found)}`);
  return stack;
}

/** Whether the stack stands. */
export async function stackExists(client: Client, stack: string): Promise<boolean> {
  return (await settle(client, stack)) !== undefined;
}
