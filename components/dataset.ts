/** Datasets: published once under the digest of their content, never overwritten and never deleted. */
import type * as pulumi from "@pulumi/pulumi";
import { privateBucket } from "./shared/bucket.ts";
import { FlowComponent } from "./shared/component.ts";
import { keepObjects, writeOnce } from "./shared/grants.ts";
import { bucketName, type Site } from "./shared/naming.ts";
import type { StageSettings } from "./shared/settings.ts";

export class Dataset extends FlowComponent {
  readonly bucketName: string;
  /** What must exist before a dataset can be published. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: { readonly site: Site; readonly data: StageSettings["data"] },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("dataset", name, args.site, opts);
    const bucket = privateBucket(this, "data", {
      evidence: true,
      lock: { days: args.data.objectLockDays, mode: args.data.objectLockMode },
      statements: [writeOnce, keepObjects].flatMap((rule) =>
        rule(args.site, bucketName(args.site, "data"), "datasets/"),
      ),
    });
    this.bucketName = bucket.name;
    this.ready = [bucket.resource, bucket.policy];
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
