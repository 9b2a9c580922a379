import assert from "node:assert/strict";
import rule from "../../../policies/observability/log-group-retained.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, remediate, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const SET = "Set it; absent and 0 keep logs for ever.";
const YEAR = "Keep evidence for a year at least, and not for ever.";
const DECLARE = "Declare the group with a retention and name it here; otherwise Lambda makes one that never ends.";

describe("log-group-retained", () => {
  for (const provider of PROVIDERS) {
    const group = compliant(provider, "logGroup");
    const audit = compliant(provider, "auditLogGroup");
    const nameOfGroup = provider === "native" ? "logGroupName" : "name";
    const nameOfFunction = provider === "native" ? "functionName" : "name";

    it(`${provider}: no end, or one outside the bounds`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [0, "0"],
        [89, "89"],
        [3654, "3654"],
        ["365", '"365"'],
      ] as const) {
        violates(
          await analyze(rule, broken(group, "retentionInDays", value)),
          `log-group-retained/retention: retentionInDays is ${shown}, must be 90 to 3653. ${SET}`,
        );
      }
      for (const value of [90, 3653]) violates(await analyze(rule, broken(group, "retentionInDays", value)));
      notes(
        await analyze(rule, broken(group, "retentionInDays", UNKNOWN)),
        `log-group-retained/waits: retentionInDays is not known yet, must be 90 to 3653. ${LATER}`,
      );
    });

    it(`${provider}: the bounds are settings`, async () => {
      const config = { logDaysLeast: 7, logDaysMost: 90 };
      violates(
        await analyze(rule, group, { config }),
        `log-group-retained/retention: retentionInDays is 365, must be 7 to 90. ${SET}`,
      );
      violates(await analyze(rule, broken(group, "retentionInDays", 7), { config }));
      violates(await analyze(rule, broken(audit, "retentionInDays", 365), { config }));
    });

    it(`${provider}: audit groups are kept a year and have a key`, async () => {
      violates(
        await analyze(rule, broken(audit, "retentionInDays", 364)),
        `log-group-retained/audit: retentionInDays is 364, must be 365 to 3653 in an audit group. ${YEAR}`,
      );
      for (const [value, shown] of [
        [undefined, "absent"],
        ["", "empty"],
      ] as const) {
        violates(
          await analyze(rule, broken(audit, "kmsKeyId", value)),
          `log-group-retained/key: kmsKeyId is ${shown}, must be the ARN of a key in an audit group. Encrypt evidence with a key of the stage's own.`,
        );
      }
      violates(await analyze(rule, broken(audit, "kmsKeyId", undefined), { config: { auditKey: "optional" } }));
      notes(
        await analyze(rule, broken(group, "tags", UNKNOWN)),
        `log-group-retained/waits: tags is not known yet, must be known, as audit groups are kept longer. ${LATER}`,
      );
      const tag = provider === "native" ? "tags[4].value" : 'tags["frugal:audit"]';
      notes(
        await analyze(rule, broken(audit, tag, UNKNOWN)),
        `log-group-retained/waits: ${tag} is not known yet, must be known, as audit groups are kept longer. ${LATER}`,
      );
    });

    it(`${provider}: a function without a declared group, by default name and by the one it names`, async () => {
      const lambda = compliant(provider, "function");
      const limit = "must be the name of a declared log group";
      violates(await analyzeStack(rule, [lambda, group]));
      violates(
        await analyzeStack(rule, [lambda]),
        `log-group-retained/undeclared: loggingConfig.logGroup is "/aws/lambda/frugal-prod-gate", which the program does not declare, ${limit}. ${DECLARE}`,
      );
      violates(
        await analyzeStack(rule, [broken(lambda, nameOfFunction, undefined), group]),
        `log-group-retained/undeclared: loggingConfig.logGroup is absent, ${limit}. ${DECLARE}`,
      );
      const named = broken(lambda, "loggingConfig", { logFormat: "JSON", logGroup: "/frugal/prod/functions" });
      violates(
        await analyzeStack(rule, [named, group]),
        `log-group-retained/undeclared: loggingConfig.logGroup is "/frugal/prod/functions", which the program does not declare, ${limit}. ${DECLARE}`,
      );
      violates(await analyzeStack(rule, [named, broken(group, nameOfGroup, "/frugal/prod/functions")]));
    });

    it(`${provider}: by reference, where names are not known yet`, async () => {
      const lambda = compliant(provider, "function");
      const later = broken(lambda, "loggingConfig", { logGroup: UNKNOWN });
      violates(await analyzeStack(rule, [{ ...later, propertyDependencies: { loggingConfig: ["logGroup"] } }, group]));
      const [waits] = await analyzeStack(rule, [later, group]);
      assert.match(waits?.text ?? "", /^log-group-retained\/waits: loggingConfig\.logGroup is not known yet/);
      assert.equal(waits?.level, "advisory");
      const unnamed = broken(lambda, nameOfFunction, UNKNOWN);
      const after = { ...broken(group, nameOfGroup, UNKNOWN), propertyDependencies: { [nameOfGroup]: ["function"] } };
      violates(await analyzeStack(rule, [unnamed, after]));
      const [open] = await analyzeStack(rule, [unnamed, group]);
      assert.match(open?.text ?? "", new RegExp(`^log-group-retained/waits: ${nameOfFunction} is not known yet`));
    });

    it(`${provider}: remediation gives an end where there is none, and no other`, async () => {
      for (const days of [undefined, 0])
        assert.equal((await remediate(rule, broken(group, "retentionInDays", days)))?.retentionInDays, 30);
      for (const days of [1, 4000, UNKNOWN])
        assert.equal(await remediate(rule, broken(group, "retentionInDays", days)), undefined);
    });
  }
});
