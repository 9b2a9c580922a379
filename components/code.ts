/** The bucket that function code is deployed from. */
import type * as pulumi from "@pulumi/pulumi";
import { privateBucket } from "./shared/bucket.ts";
import type { Bundle } from "./shared/bundle.ts";
import { FlowComponent } from "./shared/component.ts";
import type { CodeSource } from "./shared/function.ts";
import type { Site } from "./shared/naming.ts";

export class Code extends FlowComponent {
  /** What the functions' code is taken from. */
  readonly source: CodeSource;

  constructor(
    name: string,
    args: { readonly site: Site; readonly bundles: ReadonlyMap<string, Bundle> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("code", name, args.site, opts);
    const bucket = privateBucket(this, "code", { evidence: false });
    this.source = { bucketName: bucket.name, ready: [bucket.resource, bucket.policy], bundles: args.bundles };
    this.registerOutputs({ bucketName: bucket.name });
  }
}
