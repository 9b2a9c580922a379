/**
 * Process: an application of the CDK that declares the resources of a file, judged by cdk-nag's AwsSolutions rules:
 *
 *   cdk synth --app "node nag.mjs <file>"
 *
 * The file lists `{type, name, inputs}` of `aws-native`, whose properties are CloudFormation's own and so those of the
 * constructs that add nothing to them. Findings end it with an error, as they end a preview.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
// Of the CDK only those services are loaded that are asked for by name.
const cdk = require("aws-cdk-lib");
const { AwsSolutionsChecks } = require("cdk-nag");

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node nag.mjs <file>");
const app = new cdk.App({ autoSynth: false });
const stack = new cdk.Stack(app, "bench");
for (const { type, name, inputs } of JSON.parse(readFileSync(file, "utf8"))) {
  const [, service, kind] = type.split(":");
  const construct = cdk[`aws_${service}`]?.[`Cfn${kind}`];
  if (construct === undefined) throw new Error(`the CDK has no construct for ${type}`);
  new construct(stack, name, inputs);
}
cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
