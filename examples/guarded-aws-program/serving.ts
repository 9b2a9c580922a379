/** The model in service. The violating one comes from an image and a path instead of an approved package. */
import * as sagemaker from "@pulumi/aws/sagemaker/index.js";
import { account, endpointName, lineage, modelPackage, region, roleArn, stage, tags, type Variant } from "./context.ts";
import { modelRoleName } from "./identity.ts";

export function endpoint(variant: Variant): void {
  const good = variant === "compliant";
  const served = { ...tags("serving"), ...(good ? lineage : {}) };
  const model = new sagemaker.Model("churn", {
    name: `guarded-${stage}-churn-3`,
    executionRoleArn: roleArn(modelRoleName),
    enableNetworkIsolation: good,
    primaryContainer: good
      ? { modelPackageName: modelPackage }
      : {
          image: `${account}.dkr.ecr.${region}.amazonaws.com/churn:latest`,
          modelDataUrl: "s3://somebodys-bucket/latest/model.tar.gz",
        },
    tags: served,
  });
  const config = new sagemaker.EndpointConfiguration("churn", {
    name: `guarded-${stage}-churn-3`,
    productionVariants: [
      {
        variantName: "only",
        modelName: model.name,
        initialVariantWeight: 1,
        ...(good
          ? { serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5 } }
          : { instanceType: "ml.p3.2xlarge", initialInstanceCount: 1 }),
      },
    ],
    tags: served,
  });
  new sagemaker.Endpoint("churn", {
    name: endpointName,
    endpointConfigName: config.name,
    tags: served,
  });
}
