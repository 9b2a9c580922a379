import assert from "node:assert/strict";
import { apiTags, stageTags, tagList } from "../../../components/shared/tags.ts";

const site = { stage: "dev", project: "frugal-mlops", owner: "ml-team" };

describe("tags", () => {
  it("say stage, project, owner and component, and what a resource adds", () => {
    assert.deepEqual(stageTags(site, "approval", { role: "decide-approval" }), {
      "frugal:stage": "dev",
      "frugal:project": "frugal-mlops",
      "frugal:owner": "ml-team",
      "frugal:component": "approval",
      "frugal:role": "decide-approval",
    });
  });

  it("have one order, whatever order they came in", () => {
    const list = tagList({ b: "2", a: "1", c: "3" });
    assert.deepEqual(list, [
      { key: "a", value: "1" },
      { key: "b", value: "2" },
      { key: "c", value: "3" },
    ]);
    assert.deepEqual(apiTags({ a: "1" }), [{ Key: "a", Value: "1" }]);
  });

  it("are at most 50", () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, "v"]));
    assert.throws(() => tagList(many), /at most 50 tags, got 51/);
  });
});
