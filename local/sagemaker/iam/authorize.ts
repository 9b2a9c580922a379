/** Asks the emulated IAM for every permission a call needs, as AWS does, before anything else happens. */

import type { Entry, Tag } from "../control/store.ts";
import { AwsError } from "../server/errors.ts";
import type { Front, Json, RawRequest } from "../server/front.ts";
import { deep, serviceContext, tagContext } from "./context-keys.ts";
import type { Check } from "./rehearsal.ts";
import { resourcesOf } from "./resources.ts";

/** Access key id of a SigV4 request (header or presigned query); undefined when it is not signed. */
export function accessKeyOf(request: Pick<RawRequest, "headers" | "query">): string | undefined {
  const header = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? "")?.[1];
  return header ?? new URLSearchParams(request.query).get("X-Amz-Credential")?.split("/")[0];
}

const asTags = (value: unknown): Tag[] =>
  Array.isArray(value)
    ? value.filter((tag): tag is Tag => typeof tag === "object" && tag !== null && "Key" in tag)
    : [];

/** Roles a request hands to SageMaker. */
export function passedRoles(operation: string, input: Json): string[] {
  if (!/^(Create|Update|Start)/.test(operation)) return [];
  const found = ["RoleArn", "ExecutionRoleArn", "ExecutionRole"].flatMap((member) => deep(input, member));
  return [...new Set(found.filter((role): role is string => typeof role === "string" && role.startsWith("arn:")))];
}

type Scope = Pick<Front, "settings" | "store">;

/** Every permission a call needs, in the order in which AWS complains. `tagsOf` gives the tags a resource already has. */
export async function checksFor(
  front: Scope,
  operation: string,
  input: Json,
  tagsOf: (arn: string) => Promise<readonly Tag[]> | readonly Tag[],
): Promise<Check[]> {
  const requested = asTags(input.Tags);
  const resources = resourcesOf(front, operation, input);
  const checks: Check[] = [];
  for (const resource of resources) {
    const entry: Entry | undefined = front.store.byArn(resource);
    const current = entry?.kind === "model-package" ? entry.fields : undefined;
    const context = {
      ...serviceContext(front, operation, input, current),
      ...tagContext(requested, await tagsOf(resource)),
    };
    if (operation === "DeleteTags" && Array.isArray(input.TagKeys)) context["aws:TagKeys"] = input.TagKeys.map(String);
    checks.push({ action: `sagemaker:${operation}`, resource, context });
  }
  const resource = resources[0] ?? "*";
  if (operation.startsWith("Create") && requested.length > 0)
    checks.push({
      action: "sagemaker:AddTags",
      resource,
      context: { ...tagContext(requested, []), "sagemaker:TaggingAction": operation },
    });
  for (const role of passedRoles(operation, input))
    checks.push({
      action: "iam:PassRole",
      resource: role,
      context: { "iam:PassedToService": "sagemaker.amazonaws.com", "iam:AssociatedResourceArn": resource },
    });
  return checks;
}

/** Tags of a resource, whoever owns it. */
async function existingTags(front: Front, arn: string): Promise<readonly Tag[]> {
  const entry = front.store.byArn(arn);
  if (entry) return entry.tags;
  return arn.includes("*") ? [] : front.moto.tags(arn);
}

/** The caller's ARN; throws AWS's refusal for the first permission that is missing. */
export async function authorize(front: Front, operation: string, input: Json, raw: RawRequest): Promise<string> {
  const key = accessKeyOf(raw);
  if (!key) throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
  const checks = await checksFor(front, operation, input, (arn) => existingTags(front, arn));
  let principal = "";
  for (const [index, check] of checks.entries())
    principal = await front.rehearsal.authorize(key, check, index === 0 ? raw : undefined);
  return principal;
}
