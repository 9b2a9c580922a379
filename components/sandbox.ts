/**
 * The sandbox: people start training and processing jobs of their own, from notebooks or by hand. IAM sees to it that each
 * job says which data and which line of work it belongs to, on machines and for times that the stage allows, so that
 * interactive work is traced like everything else.
 */
import * as iam from "@pulumi/aws-native/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Dataset } from "./dataset.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { keyGrants } from "./shared/encryption.ts";
import { inlinePolicy, trustPeople } from "./shared/grants.ts";
import { boundaryArn, physicalName, roleArn, type Site } from "./shared/naming.ts";
import { sandboxGrants } from "./shared/sandbox-grants.ts";
import type { StageSettings } from "./shared/settings.ts";
import type { Training } from "./training.ts";

export interface SandboxArgs {
  readonly site: Site;
  readonly dataset: Dataset;
  readonly registry: Registry;
  readonly training: Training;
  readonly sandbox: StageSettings["sandbox"];
}

/** Seconds that one sign-in lasts: a working day (IAM's limit is twelve hours). */
const SESSION_SECONDS = 8 * 3600;

export class Sandbox extends FlowComponent {
  /** The role that people take; known before it exists. */
  readonly roleArn: string;

  constructor(name: string, args: SandboxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sandbox", name, args.site, opts);
    const { site, sandbox } = args;
    const roleName = physicalName(site, "role", "sandbox");
    this.roleArn = roleArn(site, roleName);
    const grants = sandboxGrants(site, {
      dataBucket: args.dataset.bucketName,
      artifactBucket: args.registry.bucketName,
      trainingRoleArn: args.training.roleArn,
      limits: sandbox,
    });
    new iam.Role(
      "sandbox-role",
      {
        roleName,
        description: `Interactive work in stage ${site.stage}: traced jobs within limits`,
        assumeRolePolicyDocument: trustPeople(site, sandbox.principals),
        maxSessionDuration: SESSION_SECONDS,
        permissionsBoundary: boundaryArn(site),
        policies: [{ policyName: "grants", policyDocument: inlinePolicy([...grants, ...keyGrants(site, grants)]) }],
        tags: this.tags({ role: "sandbox" }),
      },
      this.part([...(site.ready ?? []), ...args.training.ready]),
    );
    this.registerOutputs({ roleArn: this.roleArn });
  }
}
