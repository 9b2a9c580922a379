/** RecordLineage against a double of SageMaker's lineage store: the graph, and that nothing is made twice. */
import assert from "node:assert/strict";
import { AddAssociationCommand } from "@aws-sdk/client-sagemaker";
import { awsPorts } from "../../functions/record-lineage/ports.ts";
import { makeHandler } from "../../functions/record-lineage/record.ts";
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
    awsPorts({ sagemaker: store.as() }),
    { DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket, ENDPOINT_PREFIX: "frugal-dev-" },
    log,
  );
  return { store, handler, log };
}

describe("functions/record-lineage", () => {
  it("records which data a training job learned from", async () => {
    const { store, handler } = setup();
    assert.deepEqual(await handler(eventFixture("training-job-completed")), {
      subject: jobArn,
      recorded: true,
      made: 2,
    });
    assert.deepEqual([...store.edges], ["frugal:dataset-version ContributedTo frugal:training-job"]);
    assert.deepEqual(
      store.entities.map(({ uri, status }) => ({ uri, status })),
      [
        { uri: `s3://${datasetFolder}/manifest.json`, status: undefined },
        { uri: jobArn, status: "Completed" },
      ],
    );
  });

  it("brings the status of a training job up to date", async () => {
    const { store, handler } = setup();
    store.job = { TrainingJobArn: jobArn, TrainingJobStatus: "InProgress" };
    await handler(eventFixture("training-job-completed"));
    store.job = { TrainingJobArn: jobArn, TrainingJobStatus: "Failed" };
    const again = await handler(eventFixture("training-job-completed"));
    assert.equal(again.made, 0);
    assert.equal(store.entities.find(({ uri }) => uri === jobArn)?.status, "Failed");
  });

  it("records a package's whole past and its approval", async () => {
    const { store, handler } = setup();
    await handler(eventFixture("model-package-approved"));
    assert.deepEqual([...store.edges].sort(), [
      "frugal:artifact ContributedTo frugal:model-package",
      "frugal:dataset-version ContributedTo frugal:training-job",
      "frugal:model-package AssociatedWith frugal:approval",
      "frugal:training-job Produced frugal:artifact",
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

  it("comes to the same graph when events repeat, come late or in another order", async () => {
    const names = [
      "training-job-completed",
      "model-package-approved",
      "model-package-metadata-only",
      "endpoint-in-service",
    ];
    const once = setup();
    for (const name of names) await once.handler(eventFixture(name));
    const often = setup();
    for (const name of [...names].reverse()) for (let n = 0; n < 3; n++) await often.handler(eventFixture(name));
    const uris = ({ store }: ReturnType<typeof setup>) =>
      store.entities.map(({ uri, type }) => `${type} ${uri}`).sort();
    assert.deepEqual(uris(often), uris(once));
    assert.deepEqual([...often.store.edges].sort(), [...once.store.edges].sort());
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
        store.add("action", "frugal-training-baseline-m1a2b3c4", jobArn, "frugal:training-job", "Completed");
      }
      return answer;
    };
    assert.equal((await handler(eventFixture("training-job-completed"))).recorded, true);
    assert.equal(store.entities.filter(({ uri }) => uri === jobArn).length, 1);
  });

  it("records which package an endpoint in service serves", async () => {
    const { store, handler } = setup();
    await handler(eventFixture("endpoint-in-service"));
    assert.deepEqual([...store.edges], ["frugal:model-package ContributedTo frugal:endpoint"]);
    assert.equal(store.entities.at(-1)?.uri, endpointArn);
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
      "an endpoint whose configuration names no package",
      "endpoint-in-service",
      (store) => {
        store.tags = {};
      },
      /frugal:model-package/,
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
    await handler({ ...event, detail: { ...event.detail, EndpointName: "frugal-prod-breast-cancer" } });
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
