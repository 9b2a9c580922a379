/** A log group: how long it keeps what it holds, and whether that is evidence. */
import * as logs from "@pulumi/aws-native/logs/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { FlowComponent } from "./component.ts";

/** Flow words whose logs say who decided what. */
const DECIDING = ["approval", "submission"];
/** Days that evidence is kept at least. */
const EVIDENCE_DAYS = 365;

/**
 * In a protected stage the logs of decisions are evidence: kept for a year at least, under the stage's key where it has one, and
 * not to be deleted.
 *
 * @param args.retentionDays days that logs are kept; a value that CloudWatch knows
 */
export function logGroup(
  component: FlowComponent,
  name: string,
  args: { readonly logGroupName: string; readonly retentionDays: number },
  parent: pulumi.Resource = component,
): logs.LogGroup {
  const { site } = component;
  const { logGroupName, retentionDays } = args;
  if (!site.protect || !DECIDING.includes(component.word)) {
    return new logs.LogGroup(
      name,
      { logGroupName, retentionInDays: retentionDays, tags: component.tags() },
      { parent },
    );
  }
  return new logs.LogGroup(
    name,
    {
      logGroupName,
      retentionInDays: Math.max(retentionDays, EVIDENCE_DAYS),
      kmsKeyId: site.key?.arn,
      deletionProtectionEnabled: true,
      tags: component.tags({ audit: "true" }),
    },
    { ...component.keptPart(site.ready), parent },
  );
}
