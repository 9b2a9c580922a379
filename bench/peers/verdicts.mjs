/**
 * Process: what cdk-nag says of CloudFormation templates. Reads `{name: template}` from standard input, writes `{name: ids}`
 * with the id of every rule of its AwsSolutions and NIST 800-53 R5 packs that a template violates.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { App, Stack, Validations } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks, NIST80053R5Checks } = require("cdk-nag");

const folder = mkdtempSync(join(tmpdir(), "verdicts-"));
// What it would print of its findings must not come between the answer's lines.
console.log = () => {};

function violated(template) {
  const outdir = join(folder, "out");
  const templateFile = join(folder, "template.json");
  writeFileSync(templateFile, JSON.stringify(template));
  const app = new App({ outdir, autoSynth: false });
  new CfnInclude(new Stack(app, "stack"), "template", { templateFile });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
  try {
    app.synth();
  } catch {
    // Findings end it with an error; the report has them.
  }
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, "validation-report.json"), "utf8"));
  rmSync(outdir, { recursive: true });
  return pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

const templates = JSON.parse(readFileSync(0, "utf8"));
const answer = Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, violated(template)]));
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(answer));
