/** What may be traced, and how far a walk goes. */
import assert from "node:assert/strict";
import {
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  ListAssociationsCommand,
} from "@aws-sdk/client-sagemaker";
import { readSubject } from "../../../cli/trace/subject.ts";
import { walk } from "../../../cli/trace/walk.ts";
import { awsError, FakeClient } from "../../functions/support/fake-client.ts";

const buckets = { dataBucket: "data", artifactBucket: "artifacts" };
const hex = "c".repeat(64);
const arn = (rest: string): string => `arn:aws:sagemaker:us-east-1:111122223333:${rest}`;
const gone = () => awsError("ValidationException", "Could not find it.");

function account(there: { endpoint?: boolean; job?: boolean } = {}): FakeClient {
  return new FakeClient()
    .on(DescribeEndpointCommand, () => (there.endpoint ? { EndpointArn: arn("endpoint/x") } : gone()))
    .on(DescribeTrainingJobCommand, () => (there.job ? { TrainingJobArn: arn("training-job/x") } : gone()));
}

describe("trace: subjects", () => {
  const known: [string, string, string][] = [
    [`churn@sha256:${hex}`, "artifact", `s3://data/datasets/churn/${hex}/manifest.json`],
    [`sha256:${hex}`, "artifact", `s3://artifacts/models/sha256/${hex}/model.tar.gz`],
    [hex, "artifact", `s3://artifacts/models/sha256/${hex}/model.tar.gz`],
    [arn("model-package/group/3"), "artifact", arn("model-package/group/3")],
    [arn("processing-job/p"), "job", arn("processing-job/p")],
    [arn("endpoint/e"), "context", arn("endpoint/e")],
  ];
  for (const [text, kind, uri] of known)
    it(`${text.slice(0, 60)} needs no call`, async () => {
      const client = account();
      const source = await readSubject(client.as(), text, buckets);
      assert.deepEqual([source.kind, source.sourceUri], [kind, uri]);
      assert.equal(client.calls.length, 0);
    });

  it("a name is an endpoint's or a training job's, whichever there is", async () => {
    const at = async (there: Parameters<typeof account>[0], text: string) =>
      (await readSubject(account(there).as(), text, buckets)).sourceUri;
    assert.equal(await at({ endpoint: true }, "x"), arn("endpoint/x"));
    assert.equal(await at({ job: true }, "x"), arn("training-job/x"));
    assert.equal(await at({ endpoint: true, job: true }, "training-job/x"), arn("training-job/x"));
    assert.equal(await at({ endpoint: true, job: true }, "endpoint/x"), arn("endpoint/x"));
  });

  it("says what is wrong with any other", async () => {
    const refused = (there: Parameters<typeof account>[0], text: string, message: RegExp) =>
      assert.rejects(readSubject(account(there).as(), text, buckets), { name: "UserError", message });
    await refused(
      { endpoint: true, job: true },
      "x",
      /an endpoint and a training job: say endpoint\/x or training-job\/x/,
    );
    await refused({}, "x", /there is no endpoint and no training job "x"/);
    await refused({}, "endpoint/x", /there is no endpoint "x"/);
    await refused({}, "churn@sha256:12", /is nothing that can be traced: name an endpoint/);
  });

  it("does not take a denied call for something that is not there", async () => {
    const client = account().on(DescribeEndpointCommand, () => awsError("AccessDeniedException", "not authorized"));
    await assert.rejects(readSubject(client.as(), "x", buckets), { name: "AccessDeniedException" });
  });
});

describe("trace: walk", () => {
  /** A node whose descendants are counted by its own number: n leads to 2n+1 and 2n+2, and 0 to a long list besides. */
  const tree = (fan: number) =>
    new FakeClient().on(ListAssociationsCommand, ({ SourceArn, DestinationArn, NextToken }) => {
      const at = Number(SourceArn ?? DestinationArn);
      if (DestinationArn !== undefined) {
        const above = at === 0 ? [] : [Math.floor((at - 1) / 2)];
        return { AssociationSummaries: above.map((from) => ({ SourceArn: String(from), DestinationArn })) };
      }
      const below =
        at === 0 ? Array.from({ length: fan }, (_, n) => 1000 + n) : at > 100 ? [] : [2 * at + 1, 2 * at + 2];
      const start = Number(NextToken ?? 0);
      const page = below.slice(start, start + 100).map((to) => ({ SourceArn, DestinationArn: String(to) }));
      return { AssociationSummaries: page, NextToken: start + 100 < below.length ? String(start + 100) : undefined };
    });

  it("goes up to everything before, with one call an entity", async () => {
    const client = tree(0);
    const { arns, edges, more } = await walk(client.as(), "100", "up", 50);
    assert.deepEqual(arns, ["49", "24", "11", "5", "2", "0"]);
    assert.deepEqual([edges.length, more, client.calls.length], [6, false, 7]);
  });

  it("reads on over pages, and stops at the limit in the middle of one", async () => {
    const whole = await walk(tree(250).as(), "0", "down", 1000);
    assert.deepEqual([whole.arns.length, whole.more], [250, false]);
    const client = tree(10_000);
    const cut = await walk(client.as(), "0", "down", 150);
    assert.deepEqual([cut.arns.length, cut.edges.length, cut.more], [150, 150, true]);
    assert.ok(client.calls.length <= 2 + 150, `${client.calls.length} calls`);
  });

  it("shows whole chains where the limit cuts, not the first links of many", async () => {
    // A dataset with 1,000 jobs, each with an artefact, a package, an endpoint.
    const client = new FakeClient().on(ListAssociationsCommand, ({ SourceArn = "", NextToken }) => {
      const start = Number(NextToken ?? 0);
      const jobs = Array.from({ length: 100 }, (_, n) => `${start + n}.`);
      const below = SourceArn === "data" ? jobs : SourceArn.length < 8 ? [`${SourceArn}.`] : [];
      const page = below.map((to) => ({ SourceArn, DestinationArn: to }));
      return {
        AssociationSummaries: page,
        NextToken: SourceArn === "data" && start < 900 ? `${start + 100}` : undefined,
      };
    });
    const { arns, more } = await walk(client.as(), "data", "down", 200);
    assert.deepEqual([arns.length, more], [200, true]);
    const ends = arns.filter((arn) => arn.length >= 8).length;
    assert.ok(ends > 20, `${ends} chains are whole`);
  });

  it("meets an entity once, however many ways lead to it, and ends in a circle", async () => {
    const client = new FakeClient().on(ListAssociationsCommand, ({ SourceArn }) => ({
      AssociationSummaries: ["a", "b", "c"].map((to) => ({
        SourceArn,
        DestinationArn: to,
        AssociationType: "Produced",
      })),
    }));
    const { arns, edges } = await walk(client.as(), "a", "down", 10);
    assert.deepEqual([[...arns].sort(), edges.length], [["b", "c"], 9]);
    assert.equal(client.calls.length, 3);
  });
});
