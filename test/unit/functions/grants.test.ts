/** Grants and the catalogue: every function has both, nothing is wider than it says why. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import type { Statement } from "../../../contracts/iam.ts";
import { catalogue, functionEntry } from "../../../functions/catalogue.ts";
import { grants as checkPackage } from "../../../functions/check-package/grants.ts";
import { grants as decideApproval } from "../../../functions/decide-approval/grants.ts";
import { grants as evaluate } from "../../../functions/evaluate/grants.ts";
import { grants as gate } from "../../../functions/gate/grants.ts";
import { grants as planTraining } from "../../../functions/plan-training/grants.ts";
import { grants as reconcileLineage } from "../../../functions/reconcile-lineage/grants.ts";
import { grants as recordDecision } from "../../../functions/record-decision/grants.ts";
import { grants as recordLineage } from "../../../functions/record-lineage/grants.ts";
import { grants as recordTraining } from "../../../functions/record-training/grants.ts";
import { grants as requestApproval } from "../../../functions/request-approval/grants.ts";
import { grants as stageArtifact } from "../../../functions/stage-artifact/grants.ts";
import { grants as startRollout } from "../../../functions/start-rollout/grants.ts";

const folder = new URL("../../../functions/", import.meta.url);
const scope = { account: "111122223333", region: "us-east-1" };
const group = "frugal-dev-breast-cancer";
const buckets = { dataBucket: "data", artifactBucket: "artifacts" };
const table = "arn:aws:dynamodb:us-east-1:111122223333:table/frugal-dev-approvals";

const all: Record<(typeof catalogue)[number]["name"], Statement[]> = {
  "stage-artifact": stageArtifact({ ...scope, ...buckets, trainingOutputs: [{ bucket: "artifacts", keys: "runs/*" }] }),
  "plan-training": planTraining({ ...scope, ...buckets, jobPrefix: "frugal-dev-" }),
  "record-training": recordTraining({ ...scope, artifactBucket: "artifacts", jobPrefix: "frugal-dev-" }),
  evaluate: evaluate(buckets),
  gate: gate({ ...scope, modelPackageGroup: group, artifactBucket: "artifacts" }),
  "request-approval": requestApproval({
    ...scope,
    approvalsTableArn: table,
    topicArn: "arn:aws:sns:us-east-1:111122223333:frugal-dev-notices",
    sender: "models@example.com",
  }),
  "decide-approval": decideApproval({ ...scope, approvalsTableArn: table }),
  "record-decision": recordDecision({ ...scope, modelPackageGroup: group, approvalsTableArn: table }),
  "start-rollout": startRollout({ ...scope, modelPackageGroup: group, rolloutStateMachineArn: "arn:rollout" }),
  "check-package": checkPackage({
    ...scope,
    modelPackageGroup: group,
    artifactBucket: "artifacts",
    endpointName: group,
  }),
  "record-lineage": recordLineage({
    ...scope,
    modelPackageGroups: [group],
    endpointPrefix: "frugal-dev-",
    dataBucket: "data",
  }),
  "reconcile-lineage": reconcileLineage({
    ...scope,
    modelPackageGroups: [group],
    endpointPrefix: "frugal-dev-",
    dataBucket: "data",
  }),
};

/** Actions that AWS gives no resource type for; anything else must name its resources. */
const withoutResource = [
  "states:SendTaskSuccess",
  "sagemaker:ListModelPackages",
  "sagemaker:ListArtifacts",
  "sagemaker:ListActions",
  "sagemaker:ListContexts",
  "sagemaker:ListTrialComponents",
  "sagemaker:ListAssociations",
  "sagemaker:ListTrainingJobs",
  "sagemaker:ListProcessingJobs",
  "sagemaker:ListTransformJobs",
  "sagemaker:ListEndpoints",
];

describe("functions/catalogue", () => {
  it("lists every function there is, and nothing else", () => {
    const folders = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "shared")
      .map(({ name }) => name);
    assert.deepEqual([...catalogue.map(({ name }) => name)].sort(), folders.sort());
  });

  it("keeps to Lambda's limits", () => {
    for (const { name } of catalogue) {
      const { description, timeoutSeconds, memoryMb } = functionEntry(name);
      assert.ok(timeoutSeconds >= 1 && timeoutSeconds <= 900);
      assert.ok(memoryMb >= 128 && memoryMb <= 10_240);
      // botocore lambda 2015-03-31, Description: at most 256 characters.
      assert.ok(description.length > 0 && description.length <= 256);
    }
  });
});

describe("functions/*/grants", () => {
  for (const [name, statements] of Object.entries(all)) {
    it(`${name}: has a handler and grants no more than named actions on named resources`, () => {
      assert.ok(existsSync(new URL(`${name}/handler.ts`, folder)));
      assert.equal(new Set(statements.map(({ Sid }) => Sid)).size, statements.length);
      for (const { Sid, Effect, Action, Resource } of statements) {
        assert.match(Sid ?? "", /^[A-Za-z0-9]+$/);
        assert.equal(Effect, "Allow");
        for (const action of [Action].flat()) {
          assert.doesNotMatch(action, /\*/);
          const wide = [Resource].flat().includes("*");
          assert.equal(wide, withoutResource.includes(action), `${action} on ${Resource}`);
        }
      }
    });
  }

  it("lets record-decision alone set a status, and none but the two that end the waiting", () => {
    const who = Object.entries(all).filter(([, statements]) =>
      statements.some(({ Action }) => [Action].flat().includes("sagemaker:UpdateModelPackage")),
    );
    assert.deepEqual(
      who.map(([name]) => name),
      ["record-decision"],
    );
    assert.deepEqual(
      all["record-decision"].find(({ Sid }) => Sid === "DecidePackage"),
      {
        Sid: "DecidePackage",
        Effect: "Allow",
        Action: "sagemaker:UpdateModelPackage",
        Resource: `arn:aws:sagemaker:us-east-1:111122223333:model-package/${group}/*`,
        Condition: { StringEquals: { "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"] } },
      },
    );
  });

  it("lets mails go out from one address only", () => {
    assert.deepEqual(
      all["request-approval"].find(({ Sid }) => Sid === "MailApprovers"),
      {
        Sid: "MailApprovers",
        Effect: "Allow",
        Action: "ses:SendEmail",
        Resource: "arn:aws:ses:us-east-1:111122223333:identity/models@example.com",
        Condition: { StringEquals: { "ses:FromAddress": "models@example.com" } },
      },
    );
  });
});
