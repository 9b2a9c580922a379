/**
 * Process: an application of the CDK with some eighty resources, synthesised and judged by cdk-nag's AwsSolutions rules.
 * What it synthesises is thrown away; the exit code is 0 whatever was found.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  App,
  aws_iam,
  aws_lambda,
  aws_logs,
  aws_s3,
  aws_sagemaker,
  aws_stepfunctions,
  Stack,
  Validations,
} from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

const outdir = mkdtempSync(join(tmpdir(), "bench-nag-"));
const app = new App({ outdir });
const stack = new Stack(app, "bench");
const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
// Ten times eight resources, by the constructs that add nothing of their own.
for (let i = 0; i < 10; i++) {
  const roleArn = "arn:aws:iam::111122223333:role/model";
  new aws_s3.CfnBucket(stack, `bucket${i}`, { bucketName: `bench-${i}` });
  new aws_iam.CfnRole(stack, `role${i}`, { assumeRolePolicyDocument: trust });
  new aws_logs.CfnLogGroup(stack, `log${i}`, { retentionInDays: 365 });
  new aws_lambda.CfnFunction(stack, `function${i}`, {
    role: roleArn,
    code: { s3Bucket: "c", s3Key: "k" },
    runtime: "nodejs24.x",
    handler: "i.h",
  });
  new aws_stepfunctions.CfnStateMachine(stack, `machine${i}`, { roleArn, definitionString: "{}" });
  new aws_sagemaker.CfnModel(stack, `model${i}`, { executionRoleArn: roleArn });
  new aws_sagemaker.CfnEndpointConfig(stack, `config${i}`, { productionVariants: [] });
  new aws_sagemaker.CfnNotebookInstance(stack, `notebook${i}`, { instanceType: "ml.t3.medium", roleArn });
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  app.synth();
} catch {
  // Findings end it with an error; here only the time counts.
}
rmSync(outdir, { recursive: true, force: true });
