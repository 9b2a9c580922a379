/** Datasets: published once under the digest of their content, never overwritten. */
import type * as pulumi from "@pulumi/pulumi";
import { privateBucket } from "./shared/bucket.ts";
import { FlowComponent } from "./shared/component.ts";
import { writeOnce } from "./shared/grants.ts";
import { bucketName, type Site } from "./shared/naming.ts";

export class Dataset extends FlowComponent {
  readonly bucketName: string;
  /** What must exist before a dataset can be published. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: { readonly site: Site }, opts?: pulumi.ComponentResourceOptions) {
    super("dataset", name, args.site, opts);
    const bucket = privateBucket(this, "data", {
      evidence: true,
      statements: writeOnce(args.site, bucketName(args.site, "data"), "datasets/"),
    });
    this.bucketName = bucket.name;
    this.ready = [bucket.resource, bucket.policy];
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
