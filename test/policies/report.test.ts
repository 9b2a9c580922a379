/** Reports: whatever a program's names and values hold, they are text, and the formats are what their readers take. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { rules } from "../../policies/index.ts";
import { type EngineEvent, EventsError, verdictOf, verdictOfLog } from "../../policies/report/events.ts";
import type { Finding, Verdict } from "../../policies/report/finding.ts";
import { junitOf } from "../../policies/report/junit.ts";
import { report } from "../../policies/report/main.ts";
import { markdownOf } from "../../policies/report/markdown.ts";
import { placeOf, sarifOf } from "../../policies/report/sarif.ts";
import { textOf } from "../../policies/report/text.ts";

const urn = (name: string): string => `urn:pulumi:prod::shop::aws:s3/bucket:Bucket::${name}`;
const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: "bucket-not-public",
  check: "acl",
  level: "mandatory",
  severity: "critical",
  urn: urn("data"),
  description: "A bucket is open. It leaks.",
  text: 'bucket-not-public/acl: acl is "public-read", must be private. Close it.',
  ...more,
});
const verdict = (...findings: readonly Finding[]): Verdict => ({
  by: "engine",
  pack: "frugal-mlops@v0.1.0",
  resources: 3,
  findings,
  remediated: [],
  remarks: [],
});
const note = finding({
  level: "advisory",
  rule: "bucket-retained",
  check: "uploads",
  text: "bucket-retained/uploads: it is.",
});
/** What a hostile program would call things. */
const HOSTILE = "x](http://evil) <script>alert(1)</script> & \"'` | @everyone \u0007 --> ]]> `code`";

describe("a verdict from the engine's events", () => {
  const policyEvent = {
    resourceUrn: urn("data"),
    message: "<{%fg 13%}>A bucket is open. It leaks.\nbucket-not-public/acl: acl is wrong.<{%reset%}>\n",
    policyName: "bucket-not-public",
    policyPackName: "frugal-mlops",
    policyPackVersion: "0.1.0",
    enforcementLevel: "mandatory",
    severity: "critical",
  };
  const judged: EngineEvent = {
    policyAnalyzeSummaryEvent: { resourceUrn: urn("data"), policyPackName: "frugal-mlops", policyPackVersion: "0.1.0" },
  };
  const whole: EngineEvent[] = [{ policyAnalyzeStackSummaryEvent: {} }, { summaryEvent: { result: "failed" } }];

  it("takes each violation apart", () => {
    assert.deepEqual(verdictOf([judged, { policyEvent }, ...whole]), {
      by: "engine",
      pack: "frugal-mlops@v0.1.0",
      resources: 1,
      findings: [
        {
          rule: "bucket-not-public",
          check: "acl",
          level: "mandatory",
          severity: "critical",
          urn: urn("data"),
          description: "A bucket is open. It leaks.",
          text: "bucket-not-public/acl: acl is wrong.",
        },
      ],
      remediated: [],
      remarks: [],
    });
  });

  it("says what was mended, and when a run did not come to its end", () => {
    const mended = { policyRemediationEvent: { resourceUrn: urn("data"), policyName: "bucket-not-public" } };
    assert.deepEqual(verdictOf([judged, mended, ...whole]).remediated, [
      { rule: "bucket-not-public", urn: urn("data") },
    ]);
    assert.match(verdictOf([judged]).remarks.join(), /broken off/);
    assert.match(
      verdictOf([judged, { summaryEvent: { result: "failed" } }]).remarks.join(),
      /before the stack as a whole/,
    );
  });

  it("refuses a run that no pack has judged, and a file that is no log", () => {
    assert.throws(() => verdictOf([{ summaryEvent: { result: "succeeded" } }]), EventsError);
    assert.throws(() => verdictOfLog("no events"), /line 1 is no event/);
    assert.throws(() => verdictOfLog('{"sequence":0}\n{"other":1}\n'), /line 2 is no event/);
  });
});

describe("the Markdown report", () => {
  it("says first whether it passed, and each rule's sentence once", () => {
    const text = markdownOf(verdict(finding(), finding({ urn: urn("logs") }), note));
    assert.match(text, /^## ❌ Policies: refused\n\n2 mandatory and 1 advisory findings over 3 resources/);
    assert.equal(text.split("A bucket is open. It leaks.").length - 1, 2, "once per rule, here for two rules");
    assert.match(
      text,
      /- \*\*aws:s3\/bucket:Bucket data\*\*: `acl` acl is "public-read", must be private\. Close it\./,
    );
    assert.match(text, /<details><summary>Advisory \(1\)<\/summary>[\s\S]*<\/details>/);
    assert.match(markdownOf(verdict(note)), /^## ⚠️ Policies: passed with remarks/);
    assert.match(markdownOf(verdict()), /^## ✅ Policies: passed\n\nNo finding over 3 resources/);
  });

  it("takes nothing of the program for markup", () => {
    const text = markdownOf(
      verdict(finding({ urn: urn(HOSTILE), text: HOSTILE, description: HOSTILE, source: HOSTILE })),
    );
    assert.ok(!text.includes("<script>"), text);
    assert.ok(!/(?<!\\)\]\(http/.test(text), text);
    assert.ok(!/@everyone/.test(text), text);
  });

  it("fits into a comment, and says what it leaves out", () => {
    const many = rules.flatMap(({ meta }) =>
      Array.from({ length: 30 }, (_, i) => finding({ rule: meta.id, urn: urn(`bucket-${i}`), description: meta.what })),
    );
    const text = markdownOf(verdict(...many));
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /more sections do not fit here/);
  });
});

describe("the SARIF report", () => {
  let holds: ValidateFunction;
  before(() => {
    const file = join(import.meta.dirname, "..", "fixtures", "sarif", "sarif-2.1.0-rtm.5.json");
    // Written for an older draft of JSON Schema, of which only these two words differ here.
    const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(file, "utf8"));
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
    (formats as unknown as (ajv: Ajv) => void)(ajv);
    holds = ajv.compile(schema);
  });
  type Log = { runs: { results: Record<string, unknown>[]; tool: { driver: { rules: { id: string }[] } } }[] };

  it("is what the standard's schema wants, empty or full", () => {
    const strange = finding({ rule: "of-another-pack", check: undefined, urn: "", source: "project:///index.ts#12,3" });
    for (const one of [
      verdict(),
      verdict(finding(), finding(), note, strange, finding({ urn: urn(HOSTILE), text: HOSTILE })),
    ]) {
      const log = sarifOf({ ...one, remarks: ["One remark."] }, rules);
      assert.ok(holds(log), JSON.stringify(holds.errors?.slice(0, 5)));
    }
  });

  it("names every rule, and points each result at its rule", () => {
    const [run] = (sarifOf(verdict(finding(), note), rules) as Log).runs;
    assert.ok(run);
    assert.deepEqual(
      run.tool.driver.rules.map(({ id }) => id),
      rules.map(({ meta }) => meta.id),
    );
    for (const { ruleId, ruleIndex } of run.results)
      assert.equal(run.tool.driver.rules[ruleIndex as number]?.id, ruleId);
    assert.deepEqual(
      run.results.map(({ level }) => level),
      ["error", "warning"],
    );
  });

  it("finds the line of the declaration, and never a place outside of the program", () => {
    assert.deepEqual(placeOf("project:///serving.ts#35,3", "/home/me/shop"), { path: "serving.ts", line: 35 });
    assert.deepEqual(placeOf("project:///file:/home/me/shop/a/b.ts#7", "/home/me/shop"), { path: "a/b.ts", line: 7 });
    assert.equal(placeOf("project:///file:/etc/passwd#1", "/home/me/shop"), undefined);
    assert.equal(placeOf("project:///../../outside.ts#1", "/home/me/shop"), undefined);
    assert.equal(placeOf(undefined, "/home/me/shop"), undefined);
    assert.equal(placeOf("elsewhere", "/home/me/shop"), undefined);
  });

  it("keeps a finding's fingerprint when its line moves, and tells two findings of one check apart", () => {
    const prints = (...findings: readonly Finding[]) =>
      (sarifOf(verdict(...findings), rules) as Log).runs[0]?.results.map(({ partialFingerprints }) =>
        JSON.stringify(partialFingerprints),
      );
    const [first, second] =
      prints(finding({ source: "project:///a.ts#1" }), finding({ source: "project:///a.ts#9" })) ?? [];
    assert.notEqual(first, second);
    assert.deepEqual(prints(finding({ source: "project:///b.ts#77" })), [first]);
  });
});

describe("the JUnit report", () => {
  it("is one case per rule: failed, passed with words, or passed", () => {
    const text = junitOf(verdict(finding(), note), rules);
    assert.match(
      text,
      new RegExp(`^<\\?xml [^\n]*\n<testsuites name="frugal-mlops@v0.1.0" tests="${rules.length}" failures="1"`),
    );
    assert.match(
      text,
      /<testcase classname="policies.data" name="bucket-not-public" time="0">\n {6}<failure message="A bucket is open\. It leaks\." type="critical">/,
    );
    assert.match(text, /name="bucket-retained" time="0">\n {6}<system-out>/);
    assert.match(text, /name="bucket-tls-only" time="0"\/>/);
  });

  it("stays well-formed whatever the program's names hold", () => {
    const text = junitOf(
      { ...verdict(finding({ urn: urn(HOSTILE), text: HOSTILE, description: HOSTILE })), remarks: [HOSTILE] },
      rules,
    );
    assert.ok(!text.includes("\u0007"));
    assert.ok(!text.includes("<script>"));
    assert.ok(!/<!--(?:(?!-->)[\s\S])*--(?!>)/.test(text), "no -- in a comment");
    // Every & begins an entity, and every < a tag of ours.
    assert.ok(!/&(?!(?:amp|lt|gt|quot|apos);)/.test(text));
    assert.ok(!/<(?!\?xml|!--|\/?(?:testsuites?|testcase|failure|system-out)\b)/.test(text));
  });
});

describe("policies:report", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "policies-report-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("writes all formats of one record, and prints a text without any", () => {
    const record = file("verdict.json", JSON.stringify(verdict(finding())));
    const [markdown, sarif, junit] = ["out.md", "out.sarif", "out.xml"].map((name) => join(folder, name));
    assert.deepEqual(report([record, "--markdown", markdown ?? "", "--sarif", sarif ?? "", "--junit", junit ?? ""]), {
      code: 0,
      output: "",
    });
    assert.match(readFileSync(markdown ?? "", "utf8"), /^## ❌/);
    assert.equal(JSON.parse(readFileSync(sarif ?? "", "utf8")).version, "2.1.0");
    assert.match(readFileSync(junit ?? "", "utf8"), /^<\?xml/);
    assert.deepEqual(report([record]), { code: 0, output: textOf(verdict(finding())) });
    assert.match(report([record, "--markdown", "-"]).output, /^## ❌/);
  });

  it("says what is wrong with a call or a record", () => {
    assert.match(report([]).output, /^usage: /);
    assert.equal(report([]).code, 2);
    assert.match(report([join(folder, "none")]).output, /cannot be read/);
    const empty = report([file("empty.jsonl", "")]);
    assert.match(
      empty.output,
      /it is empty; was the preview run with --json and PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true\?/,
    );
    assert.equal(empty.code, 2);
    const unjudged = report([file("unjudged.jsonl", '{"sequence":0}\n')]);
    assert.match(unjudged.output, /no policy pack has judged anything in this run; give the preview --policy-pack/);
    const preview = report([file("preview.json", '{"steps":[]}')]);
    assert.match(preview.output, /it is a preview or an export without verdicts, which npm run policies:check judges/);
    const good = file("good.json", JSON.stringify(verdict(finding())));
    const nowhere = report([good, "--markdown", join(folder, "none", "out.md")]);
    assert.match(nowhere.output, /out\.md cannot be written: ENOENT/);
    assert.equal(nowhere.code, 2);
    assert.match(report([good, good]).output, /^One record is read, but 2 are named/);
    assert.match(report([file("wrong.jsonl", "{}")]).output, /is no event of the engine/);
    assert.match(report([file("v.json", "{}"), "--html", "x"]).output, /--html/);
  });
});
