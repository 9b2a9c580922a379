import assert from "node:assert/strict";
import fc from "fast-check";
import { advance } from "../../../local/sagemaker/control/jobs/training.ts";
import { LineageGraph } from "../../../local/sagemaker/control/lineage/graph.ts";
import { fieldAt, page } from "../../../local/sagemaker/control/listing.ts";
import { applyUpdate, mergedProperties } from "../../../local/sagemaker/control/registry/update.ts";
import { splitUri } from "../../../local/sagemaker/control/s3.ts";
import { type Entry, Store } from "../../../local/sagemaker/control/store.ts";
import { AwsError, failureReason, unimplemented } from "../../../local/sagemaker/server/errors.ts";
import { readSettings } from "../../../local/sagemaker/server/settings.ts";

const entry = (fields: Record<string, unknown>, name = "x"): Entry => ({
  kind: "k",
  name,
  arn: `arn:${name}`,
  tags: [],
  fields,
});

describe("updates of a model package", () => {
  it("merges properties, then removes", () => {
    const input = { CustomerMetadataProperties: { b: "2", c: "3" }, CustomerMetadataPropertiesToRemove: ["a"] };
    assert.deepEqual(mergedProperties({ a: "1", b: "1" }, input), { b: "2", c: "3" });
    assert.equal(mergedProperties({ a: "1" }, { CustomerMetadataPropertiesToRemove: ["a"] }), undefined);
  });

  it("refuses the 51st property, saying how many there would be", () => {
    const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
    assert.equal(Object.keys(mergedProperties(fifty, { CustomerMetadataProperties: { k0: "w" } }) ?? {}).length, 50);
    assert.throws(
      () => mergedProperties(fifty, { CustomerMetadataProperties: { more: "v" } }),
      /at most 50 entries.*would hold 51/,
    );
  });

  it("names what changed as the event does", () => {
    const pack = entry({ ModelPackageVersion: 1 });
    const input = {
      ModelApprovalStatus: "Approved",
      ApprovalDescription: "ok",
      SourceUri: "s3://x",
      ModelLifeCycle: { Stage: "a" },
    };
    assert.deepEqual(applyUpdate(pack, input), [
      "ModelApprovalStatus",
      "ApprovalDescription",
      "ModelLifeCycle",
      "sourceUri",
    ]);
    assert.equal(pack.fields.ApprovalDescription, "ok");
    assert.throws(() => applyUpdate(entry({}), { ModelApprovalStatus: "Approved" }), /versions only/);
  });
});

describe("the lineage graph", () => {
  const graph = new LineageGraph();
  for (const [source, destination] of [
    ["data", "job"],
    ["image", "job"],
    ["job", "model"],
    ["model", "deploy"],
    ["deploy", "endpoint"],
  ] as const)
    graph.add({ source, destination, type: "ContributedTo", createdAt: 0 });

  it("walks one way, both ways, and no further than the depth", () => {
    assert.deepEqual(graph.walk("model", "Ascendants", 10).arns.sort(), ["data", "image", "job"]);
    assert.deepEqual(graph.walk("model", "Descendants", 10).arns, ["deploy", "endpoint"]);
    assert.deepEqual(graph.walk("model", "Descendants", 1).arns, ["deploy"]);
    assert.deepEqual(
      graph.walk("data", "Both", 10).arns,
      ["job", "model", "deploy", "endpoint"],
      "not its sibling image",
    );
    assert.equal(graph.walk("model", "Both", 10).edges.length, 5);
  });

  it("terminates on cycles and finds exactly what is reachable (property)", () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const random = new LineageGraph();
        for (const [a, b] of pairs) random.add({ source: `${a}`, destination: `${b}`, type: "t", createdAt: 0 });
        const reachable = new Set(["0"]);
        for (let round = 0; round < 8; round += 1)
          for (const [a, b] of pairs) if (reachable.has(`${a}`)) reachable.add(`${b}`);
        reachable.delete("0");
        assert.deepEqual(new Set(random.walk("0", "Descendants", 10).arns), reachable);
      }),
    );
  });

  it("knows an edge once, and who is associated", () => {
    graph.add({ source: "data", destination: "job", type: "SameAs", createdAt: 1 });
    assert.equal(graph.get("data", "job")?.type, "ContributedTo");
    assert.equal(graph.touches("endpoint"), true);
    assert.equal(graph.remove("deploy", "endpoint"), true);
    assert.equal(graph.remove("deploy", "endpoint"), false);
    assert.equal(graph.touches("endpoint"), false);
  });
});

describe("pages of a list", () => {
  it("hold every item once, in order (property)", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 20 }), (count, MaxResults) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const seen: number[] = [];
        let NextToken: string | undefined;
        do {
          const answer = page({ operation: "ListModels", input: { MaxResults, NextToken } }, items);
          assert.ok(answer.items.length <= MaxResults);
          seen.push(...answer.items);
          NextToken = answer.next;
        } while (NextToken);
        assert.deepEqual(seen, items);
      }),
    );
  });

  it("are of ten when nothing is said; a foreign token is refused", () => {
    const items = Array.from({ length: 11 }, (_, index) => index);
    const { next, items: first } = page({ operation: "ListModels", input: {} }, items);
    assert.equal(first.length, 10);
    for (const NextToken of [next, "nonsense"])
      assert.throws(() => page({ operation: "ListEndpoints", input: { NextToken } }, items), /Invalid NextToken/);
  });
});

describe("small parts", () => {
  it("a store finds by name and by ARN in any case", () => {
    const store = new Store();
    const made = store.add({ ...entry({}), arn: "arn:aws:x:model-package/churn/1" });
    assert.equal(store.byArn("arn:aws:x:model-package/Churn/1"), made);
    assert.deepEqual(store.counts(), { made: { k: 1 }, automatic: {} });
    store.remove(made);
    assert.equal(store.get("k", "x"), undefined);
    assert.deepEqual(store.counts(), { made: {}, automatic: {} });
  });

  it("training steps end when the next begins; the same step only changes its words", () => {
    const job = entry({ SecondaryStatusTransitions: [{ Status: "Starting", StartTime: 1 }] });
    advance(job, "Training", "a");
    advance(job, "Training", "b");
    const steps = job.fields.SecondaryStatusTransitions as Record<string, unknown>[];
    assert.equal(steps.length, 2);
    assert.equal(typeof steps[0]?.EndTime, "number");
    assert.equal(steps[1]?.StatusMessage, "b");
  });

  it("errors have AWS's body: declared ones spell Message", () => {
    assert.deepEqual(new AwsError("ResourceInUse", "x").body(), { __type: "ResourceInUse", Message: "x" });
    assert.deepEqual(new AwsError("ValidationException", "x").body(), { __type: "ValidationException", message: "x" });
    assert.match(unimplemented("CreateHub").message, /CreateHub.*control\/roster\.ts/);
    assert.equal(failureReason("x".repeat(2000)).length, 1024);
  });

  it("S3 URIs and dotted fields", () => {
    assert.deepEqual(splitUri("s3://b/a/k"), { bucket: "b", key: "a/k" });
    assert.equal(splitUri("https://b/k"), undefined);
    assert.equal(fieldAt({ a: { b: 1 } }, "a.b"), 1);
    assert.equal(fieldAt({}, "a.b"), undefined);
  });

  it("settings: all faults in one message", () => {
    const env = {
      MINISTACK_URL: "http://a",
      MOTO_URL: "http://b/",
      FRONT_WORKDIR: "/w",
      FRONT_PYTHON: "/p",
      AWS_ACCOUNT_ID: "111122223333",
      AWS_REGION: "us-east-1",
    };
    const settings = readSettings(env);
    assert.equal(settings.motoUrl, "http://b");
    assert.equal(settings.artifactDuplicate, "error");
    assert.equal(settings.repeatEvents, true);
    assert.throws(
      () =>
        readSettings({
          ...env,
          MOTO_URL: "moto",
          AWS_ACCOUNT_ID: "1",
          AWS_REGION: "",
          FRONT_REPEAT_EVENTS: "no",
          FRONT_PORT: "x",
        }),
      (error: Error) => {
        for (const part of [
          'MOTO_URL must be a URL, got "moto"',
          "AWS_REGION is not set",
          'AWS_ACCOUNT_ID must be 12 digits, got "1"',
          'FRONT_REPEAT_EVENTS must be on or off, got "no"',
          'FRONT_PORT must be 0 to 65535, got "x"',
        ])
          assert.ok(error.message.includes(part), `${part} in ${error.message}`);
        return true;
      },
    );
  });
});
