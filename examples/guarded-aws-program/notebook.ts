/** Where somebody explores. The violating one gives its user root and the whole internet, and never stops. */
import * as sagemaker from "@pulumi/aws/sagemaker/index.js";
import { key, roleArn, stage, tags, type Variant } from "./context.ts";
import { modelRoleName } from "./identity.ts";

/** Installs the stopper and says so in a line of its own, by which the rule `idle-shutdown` knows it. */
const START = `#!/bin/bash
set -e
# frugal-idle-stop 1
install -m 700 /home/ec2-user/SageMaker/idle-stop.sh /etc/cron.hourly/idle-stop
`;

export function notebook(variant: Variant): void {
  const good = variant === "compliant";
  const lifecycle = new sagemaker.NotebookInstanceLifecycleConfiguration("explore", {
    name: `guarded-${stage}-explore`,
    onStart: Buffer.from(START).toString("base64"),
    tags: tags("notebook"),
  });
  new sagemaker.NotebookInstance("explore", {
    name: `guarded-${stage}-explore`,
    instanceType: "ml.t3.medium",
    roleArn: roleArn(modelRoleName),
    platformIdentifier: "notebook-al2023-v1",
    directInternetAccess: good ? "Disabled" : "Enabled",
    rootAccess: good ? "Disabled" : "Enabled",
    ...(good
      ? {
          lifecycleConfigName: lifecycle.name,
          subnetId: "subnet-0a1b2c3d",
          securityGroups: ["sg-0a1b2c3d"],
          kmsKeyId: key,
          instanceMetadataServiceConfiguration: { minimumInstanceMetadataServiceVersion: "2" },
        }
      : {}),
    tags: tags("notebook"),
  });
}
