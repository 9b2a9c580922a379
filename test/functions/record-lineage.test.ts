/** RecordLineage against a double of SageMaker's lineage store: the graph, and that nothing is made twice. */
import assert from "node:assert/strict";
import { AddAssociationCommand } from "@aws-sdk/client-sagemaker";
import { makeHandler } from "../../functions/record-lineage/record.ts";
import { awsStore } from "../../functions/record-lineage/store.ts";
import { awsTruth } from "../../functions/record-lineage/truth.ts";
import { awsError } from "./support/fake-client.ts";
import { endpointArn, FakeLineage } from "./support/fake-lineage.ts";
import { fakeLog } from "./support/fake-log.ts";
import { eventFixture } from "./support/fixtures.ts";
import {
  approvedMetadata,
  artifactBucket,
  artifactHex,
  dataBucket,
  datasetFolder,
  jobArn,
  packageArn,
} from "./support/samples.ts";

function setup() {
  const store = new FakeLineage();
  const log = fakeLog();
  const handler = makeHandler(
    awsTruth(store.as()),
    awsStore(store.as()),
    { stage: "dev", dataBucket, artifactBucket, endpointPrefix: "frugal-dev-" },
    log,
  );
  return { store, handler, log };
}

describe("functions/record-lineage", () => {
  it("records which data a training job learned from, and in which run", async () => {
    const { store, handler } = setup();
    assert.deepEqual(await handler(eventFixture("training-job-completed")), {
      subject: jobArn,
      recorded: true,
      changes: 5,
    });
    assert.deepEqual(
      [...store.edges],
      ["frugal:dataset-version ContributedTo frugal:job", "frugal:run AssociatedWith frugal:job"],
    );
    assert.deepEqual(
      store.entities.map(({ uri, status }) => ({ uri, status })),
      [
        { uri: jobArn, status: "Completed" },
        { uri: `s3://${datasetFolder}/manifest.json`, status: undefined },
        { uri: "frugal:run/baseline", status: undefined },
      ],
    );
  });

  it("hangs a job's lineage on the trial component that SageMaker made for it", async () => {
    const { store, handler } = setup();
    store.add("experiment-trial-component", "theirs", jobArn, "TrialComponent");
    await handler(eventFixture("training-job-completed"));
    assert.deepEqual(
      [...store.edges],
      ["frugal:dataset-version ContributedTo TrialComponent", "frugal:run AssociatedWith TrialComponent"],
    );
    assert.equal(store.named("CreateActionCommand").length, 0);
  });

  it("brings the status of a job up to date where it stands in for SageMaker's entity", async () => {
    const { store, handler } = setup();
    store.job = { ...store.job, TrainingJobStatus: "InProgress" };
    await handler(eventFixture("training-job-completed"));
    store.job = { ...store.job, TrainingJobStatus: "Failed" };
    const again = await handler(eventFixture("training-job-completed"));
    assert.equal(again.changes, 1);
    assert.equal(store.entities.find(({ uri }) => uri === jobArn)?.status, "Failed");
  });

  it("records a package's whole past and its approval", async () => {
    const { store, handler } = setup();
    await handler(eventFixture("model-package-approved"));
    assert.deepEqual([...store.edges].sort(), [
      "frugal:artifact ContributedTo frugal:model-package",
      "frugal:dataset-version ContributedTo frugal:job",
      "frugal:job Produced frugal:artifact",
      "frugal:model-package AssociatedWith frugal:approval",
      "frugal:run AssociatedWith frugal:job",
    ]);
    assert.ok(
      store.entities.some(({ uri }) => uri === `s3://${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`),
    );
    const [approval] = store.named("CreateActionCommand").filter(({ ActionType }) => ActionType === "frugal:approval");
    assert.deepEqual(approval?.Properties, {
      decision: "Approved",
      decidedBy: "ada@example.com",
      decidedAt: "2026-01-02T03:04:05.000Z",
      comment: "-",
      packetDigest: `sha256:${"d".repeat(64)}`,
    });
  });

  it("records no approval while a package waits, nor for one that the gate stopped", async () => {
    const { "frugal:decision": _, ...undecided } = approvedMetadata();
    for (const ModelApprovalStatus of ["PendingManualApproval", "Rejected"]) {
      const { store, handler } = setup();
      store.modelPackage = { ModelApprovalStatus, CustomerMetadataProperties: undecided };
      await handler(eventFixture("model-package-approved"));
      assert.equal(
        [...store.edges].some((edge) => edge.includes("approval")),
        false,
      );
    }
  });

  it("keeps the approval when somebody rejects the package by hand, and records that as well", async () => {
    const { store, handler } = setup();
    store.modelPackage = { ModelApprovalStatus: "Rejected", CustomerMetadataProperties: approvedMetadata() };
    await handler(eventFixture("model-package-approved"));
    const approvals = store.named("CreateActionCommand").filter(({ ActionType }) => ActionType === "frugal:approval");
    assert.deepEqual(
      approvals.map(({ Properties }) => {
        const { decision, decidedBy } = Properties as Record<string, string>;
        return [decision, decidedBy];
      }),
      [
        ["Approved", "ada@example.com"],
        ["Rejected", "by-hand"],
      ],
    );
  });

  for (const [what, status, by, comment] of [
    [
      "several approvers",
      "Approved",
      "ada@example.com joan@example.com",
      "ada@example.com approved: fine joan@example.com approved: me too",
    ],
    ["a rejection", "Rejected", "joan@example.com", "Too few rows."],
    ["an expiry", "Rejected", "expiry", "Too few answered within 168 hours."],
    ["a failure", "Rejected", "failure", "The submission was stopped."],
  ] as const) {
    it(`records ${what} with who, when, why and the digest of what was shown`, async () => {
      const { store, handler } = setup();
      store.modelPackage = {
        ModelApprovalStatus: status,
        ApprovalDescription: comment,
        CustomerMetadataProperties: approvedMetadata({ "frugal:decision": status, "frugal:approved-by": by }),
      };
      await handler(eventFixture("model-package-approved"));
      const approvals = store.named("CreateActionCommand").filter(({ ActionType }) => ActionType === "frugal:approval");
      assert.deepEqual(
        approvals.map(({ Properties }) => Properties),
        [
          {
            decision: status,
            decidedBy: by,
            decidedAt: "2026-01-02T03:04:05.000Z",
            comment,
            packetDigest: `sha256:${"d".repeat(64)}`,
          },
        ],
      );
    });
  }

  it("says so when an approval was made by hand", async () => {
    const { store, handler } = setup();
    const lineageOnly = Object.fromEntries(Object.entries(approvedMetadata()).slice(0, 4));
    store.modelPackage = { ModelApprovalStatus: "Approved", CustomerMetadataProperties: lineageOnly };
    await handler(eventFixture("model-package-approved"));
    const [approval] = store.named("CreateActionCommand").filter(({ ActionType }) => ActionType === "frugal:approval");
    assert.equal((approval?.Properties as Record<string, string> | undefined)?.decidedBy, "by-hand");
  });

  it("joins the artifact that SageMaker made for the same source", async () => {
    const { store, handler } = setup();
    const theirs = store.add("artifact", "theirs", packageArn, "ModelPackage");
    await handler(eventFixture("model-package-approved"));
    assert.deepEqual(
      store.entities.filter(({ uri }) => uri === packageArn),
      [theirs],
    );
    assert.ok(store.edges.has("frugal:artifact ContributedTo ModelPackage"));
  });

  it("does not take an action of another kind with the same source for its own", async () => {
    const { store, handler } = setup();
    store.add("action", "theirs", jobArn, "SomethingElse");
    await handler(eventFixture("training-job-completed"));
    assert.equal(store.entities.filter(({ uri }) => uri === jobArn).length, 2);
  });

  it("takes the other's entity when two events meet", async () => {
    const { store, handler } = setup();
    let first = true;
    const list = store.send.bind(store);
    store.send = async (command) => {
      const answer = await list(command);
      if (command.constructor.name === "ListActionsCommand" && first) {
        first = false;
        store.add("action", "frugal-training-job-baseline-m1a2b3c4", jobArn, "frugal:job", "Completed");
      }
      return answer;
    };
    assert.equal((await handler(eventFixture("training-job-completed"))).recorded, true);
    assert.equal(store.entities.filter(({ uri }) => uri === jobArn).length, 1);
  });

  it("records which package an endpoint in service serves, with all its past", async () => {
    const { store, handler } = setup();
    await handler(eventFixture("endpoint-in-service"));
    assert.ok(store.edges.has("frugal:model-package ContributedTo frugal:endpoint"));
    assert.ok(store.edges.has("frugal:approval ContributedTo frugal:endpoint"));
    assert.ok(store.edges.has("frugal:dataset-version ContributedTo frugal:job"));
    assert.ok(store.entities.some(({ uri }) => uri === endpointArn));
  });

  it("goes by the configuration's tag where a model does not name its package", async () => {
    const { store, handler } = setup();
    store.model = awsError("ValidationException", 'Could not find model "v7".');
    await handler(eventFixture("endpoint-in-service"));
    assert.ok(store.edges.has("frugal:model-package ContributedTo frugal:endpoint"));
  });

  const nothing: [string, string, (store: FakeLineage) => void, RegExp][] = [
    [
      "a job without a dataset version",
      "training-job-completed",
      (store) => {
        store.tags = {};
      },
      /frugal:dataset-version is missing/,
    ],
    [
      "a job whose tag names no dataset version",
      "training-job-completed",
      (store) => {
        store.tags = { [jobArn]: { "frugal:dataset-version": "v1" } };
      },
      /names no dataset version/,
    ],
    [
      "a job of nobody's stage",
      "training-job-completed",
      (store) => {
        store.job = { TrainingJobArn: jobArn };
      },
      /not of stage dev/,
    ],
    [
      "a package without a lineage record",
      "model-package-approved",
      (store) => {
        store.modelPackage = {};
      },
      /no true lineage record/,
    ],
    [
      "an endpoint that is not in service",
      "endpoint-in-service",
      (store) => {
        store.endpoint = { EndpointStatus: "Updating" };
      },
      /status is Updating/,
    ],
    [
      "an endpoint that serves no package",
      "endpoint-in-service",
      (store) => {
        store.tags = {};
        store.model = { ModelArn: "model", PrimaryContainer: { Image: "image" } };
      },
      /names a model package/,
    ],
    [
      "something that is gone",
      "endpoint-in-service",
      (store) => {
        store.endpoint = awsError("ValidationException", 'Could not find endpoint "x".');
      },
      /it is gone/,
    ],
  ];
  for (const [what, fixture, change, because] of nothing) {
    it(`records nothing for ${what}, and says why`, async () => {
      const { store, handler, log } = setup();
      change(store);
      assert.equal((await handler(eventFixture(fixture))).recorded, false);
      assert.equal(store.entities.length, 0);
      assert.match(log.text(), because);
    });
  }

  it("leaves endpoints of other stages alone", async () => {
    const { store, handler } = setup();
    const event = eventFixture("endpoint-in-service");
    await handler({ ...event, detail: { ...event.detail, EndpointArn: endpointArn.replace("-dev-", "-prod-") } });
    assert.equal(store.calls.length, 0);
  });

  it("lets other errors through, so that the event is delivered again", async () => {
    const { store, handler } = setup();
    store.on(AddAssociationCommand, () => awsError("ThrottlingException", "Rate exceeded"));
    await assert.rejects(handler(eventFixture("training-job-completed")), { name: "ThrottlingException" });
  });

  it("refuses an event of a kind it does not know", async () => {
    await assert.rejects(setup().handler({ "detail-type": "SageMaker Model State Change", detail: {} }), {
      name: "InvalidInput",
    });
  });
});
