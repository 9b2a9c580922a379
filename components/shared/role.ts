/** A role: who may take it, and the union of the grants of its steps, inline, so that it dies with them. */
import * as iam from "@pulumi/aws-native/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../contracts/iam.ts";
import { createFirst, type FlowComponent } from "./component.ts";
import { keyGrants } from "./encryption.ts";
import { inlinePolicy, type RoleService, trustPolicy } from "./grants.ts";
import { boundaryArn, physicalName, roleArn } from "./naming.ts";

export interface ServiceRole {
  /** Known before the role exists; whoever uses it says so with dependsOn. */
  readonly arn: string;
  readonly resource: iam.Role;
}

/**
 * @param purpose stands in the role's name and in its tag frugal:role, by which policies know whose duty it is
 */
export function serviceRole(
  component: FlowComponent,
  purpose: string,
  args: {
    readonly service: RoleService;
    readonly description: string;
    readonly grants: readonly Statement[];
    /** Ends the role's name; a role with another ending is made before this one goes, so that both stand for a while. */
    readonly edition?: string;
  },
  parent: pulumi.Resource = component,
): ServiceRole {
  const { site } = component;
  const roleName = physicalName(site, "role", args.edition ? `${purpose}-${args.edition}` : purpose);
  const grants = [...args.grants, ...keyGrants(site, args.grants, { jobs: args.service === "sagemaker" })];
  const options = { parent, dependsOn: [...(site.ready ?? [])] };
  const resource = new iam.Role(
    `${purpose}-role`,
    {
      roleName,
      description: args.description,
      assumeRolePolicyDocument: trustPolicy(site, args.service),
      permissionsBoundary: boundaryArn(site),
      policies: [{ policyName: "grants", policyDocument: inlinePolicy(grants) }],
      tags: component.tags({ role: purpose }),
    },
    args.edition ? { ...options, ...createFirst } : options,
  );
  return { arn: roleArn(site, roleName), resource };
}
