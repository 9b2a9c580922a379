/** A trace as text, Mermaid and SVG. */
import assert from "node:assert/strict";
import { formatMermaid, shortName } from "../../../cli/trace/mermaid.ts";
import { flowOnly, type NodeKind, type Trace, type TraceNode } from "../../../cli/trace/model.ts";
import { formatSvg } from "../../../cli/trace/svg.ts";
import { formatTree } from "../../../cli/trace/tree.ts";

const node = (arn: string, kind: NodeKind, name: string, facts: [string, string][] = []): TraceNode => ({
  arn,
  kind,
  name,
  uri: name,
  facts,
});
const hex = "0123456789ab".padEnd(64, "c");
const trace: Trace = {
  subject: "package",
  nodes: [
    node("package", "model package", "arn:pkg/7", [["status", "Approved"]]),
    node("artefact", "artefact", `sha256:${hex}`),
    node("job", "training job", "first-1", [["status", "Completed"]]),
    node("data", "dataset version", `churn@sha256:${hex}`),
    node("run", "run", 'a <run> "x" & y'),
    node("image", "image", "scikit"),
    node("channel", "data", "s3://data/train/"),
    node("approval", "approval", "Approved", [["by", "ada@example.com"]]),
    node("endpoint", "endpoint", "frugal-dev", [
      ["status", "InService"],
      ["serves", "arn:pkg/7"],
    ]),
  ],
  edges: [
    { from: "data", to: "job", type: "ContributedTo" },
    { from: "run", to: "job", type: "AssociatedWith" },
    { from: "image", to: "job", type: "ContributedTo" },
    { from: "channel", to: "job", type: "ContributedTo" },
    { from: "job", to: "artefact", type: "Produced" },
    { from: "artefact", to: "package", type: "ContributedTo" },
    { from: "package", to: "approval", type: "AssociatedWith" },
    { from: "package", to: "endpoint", type: "ContributedTo" },
    { from: "approval", to: "endpoint", type: "ContributedTo" },
  ],
  more: { up: false, down: true },
};

describe("trace: forms", () => {
  it("as a tree, both directions, without SageMaker's bookkeeping", () => {
    assert.equal(
      formatTree(flowOnly(trace)),
      `model package  arn:pkg/7  (status Approved, in service)

comes from
└─ artefact  sha256:${hex}
   └─ training job  first-1  (status Completed)
      ├─ dataset version  churn@sha256:${hex}
      ├─ run  a <run> "x" & y
      └─ image  scikit

leads to
├─ approval  Approved  (by ada@example.com)
└─ endpoint  frugal-dev  (status InService)
… more than the limit; see --limit`,
    );
  });

  it("says so when nothing is recorded in a direction", () => {
    const alone = { ...trace, edges: [], more: { up: false, down: false } };
    assert.equal(formatTree(alone).match(/nothing is recorded/g)?.length, 2);
  });

  it("as a Mermaid flow chart whose labels cannot break out", () => {
    const text = formatMermaid(flowOnly(trace));
    assert.match(text, /^flowchart LR\n/);
    assert.ok(text.includes('(["run<br/>a #60;run#62; #34;x#34; #38; y"])'), text);
    assert.ok(text.includes("n2 -->|Produced| n1"));
    assert.ok(text.includes("-.->|AssociatedWith|"));
    assert.ok(text.endsWith("class n0 subject"));
    assert.equal(text.includes("s3://data/train/"), false);
  });

  it("as an SVG with a box a node, a line an association, and escaped texts", () => {
    const svg = formatSvg(trace);
    assert.equal(svg.match(/<rect x=/g)?.length, 9);
    assert.equal(svg.match(/marker-end/g)?.length, 9);
    assert.ok(svg.includes("a &lt;run&gt; &quot;x&quot; &amp; y"));
    // From left to right: data, job, artefact, package, approval, endpoint.
    const x = (name: string): number =>
      Number(new RegExp(`<title>${name}[^<]*</title><rect x="(\\d+)"`).exec(svg)?.[1]);
    const places = ["churn", "first-1", "sha256", "arn:pkg/7", "Approved", "frugal-dev"].map(x);
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
    assert.equal(new Set(places).size, places.length);
  });

  it("ends for a graph with a circle", () => {
    const circle = { ...trace, edges: [...trace.edges, { from: "endpoint", to: "data", type: "DerivedFrom" }] };
    assert.ok(formatSvg(circle).endsWith("</svg>\n"));
    assert.ok(formatTree(circle).includes("see above"));
  });

  it("shortens digests by their tail and long names by their middle", () => {
    assert.equal(shortName(`churn@sha256:${hex}`, 48), "churn@sha256:0123456789ab…");
    const short = shortName("arn:aws:sagemaker:us-east-1:111122223333:model-package/frugal-dev-breast-cancer/7", 40);
    assert.ok(short.length <= 40);
    assert.ok(short.endsWith("breast-cancer/7"));
  });
});
