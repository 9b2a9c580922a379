import assert from "node:assert/strict";
import { renderReport } from "../../../local/walkthrough/report.ts";

const about = [{ label: "Node", value: "v24" }];
const startedAt = new Date("2026-01-02T03:04:05Z");
const scene = {
  id: "data",
  title: "a dataset",
  seconds: 1.25,
  facts: [{ label: "version", value: "churn@sha256:ab" }],
};

describe("the report of a run", () => {
  it("tells every scene with its facts and its time, and that all were shown true", () => {
    const html = renderReport({
      startedAt,
      about,
      scenes: [scene, { ...scene, id: "gate", title: "the gate", seconds: 2 }],
    });
    assert.match(html, /All 2 scenes shown true<\/p>|All 2 scenes shown true in 3\.3 s/);
    assert.match(html, /<section id="data">[\s\S]*a dataset[\s\S]*1\.3 s[\s\S]*churn@sha256:ab/);
    assert.match(html, /<section id="gate">/);
    assert.match(html, /Node<\/th><td>v24/);
  });

  it("says that a scene failed, and why", () => {
    const html = renderReport({
      startedAt,
      about,
      scenes: [scene, { ...scene, id: "gate", fault: "the endpoint serves <b>nothing</b>" }],
    });
    assert.match(html, /A scene failed/);
    assert.ok(html.includes("the endpoint serves &lt;b&gt;nothing&lt;/b&gt;"));
    assert.ok(!html.includes("shown true"));
  });

  it("draws the lineage chain, and escapes what it shows", () => {
    const facts = [
      { label: "endpoint", value: `<script>"x"`, link: true as const },
      { label: "dataset version", value: "churn", link: true as const },
      { label: "recorded graph", value: "4 edges" },
    ];
    const html = renderReport({ startedAt, about, scenes: [{ ...scene, id: "lineage", facts }] });
    const chain = /<ol class="chain">.*?<\/ol>/.exec(html)?.[0] ?? "";
    assert.ok(chain.includes("&lt;script&gt;&quot;x&quot;"));
    assert.ok(chain.includes("dataset version"));
    assert.ok(!chain.includes("4 edges"));
    assert.ok(!html.includes("<script"));
  });

  it("holds the pictures itself, each with words for those who do not see it", () => {
    const facts = [...scene.facts, { label: "the page", value: 'asked "now"', picture: Buffer.from("png") }];
    const html = renderReport({ startedAt, about, scenes: [{ ...scene, facts }] });
    assert.match(
      html,
      /<details open><summary>the page<\/summary>.*<img src="data:image\/png;base64,cG5n" alt="asked &quot;now&quot;"/,
    );
    assert.doesNotMatch(html, /<th scope="row">the page/);
    assert.doesNotMatch(html, /(src|href)="(?!data:)/);
  });

  it("loads nothing from elsewhere", () => {
    assert.doesNotMatch(renderReport({ startedAt, about, scenes: [scene] }), /(src|href)=|@import|url\(/);
  });
});
