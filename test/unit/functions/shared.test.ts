/** Small helpers that many functions stand on. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { FlowError } from "../../../contracts/errors.ts";
import { isAlreadyThere, isNotFound } from "../../../functions/shared/aws-errors.ts";
import { readEnvironment } from "../../../functions/shared/environment.ts";
import { bucketName, flag, json } from "../../../functions/shared/environment-types.ts";
import { escapeHtml, html, raw } from "../../../functions/shared/html.ts";
import { defaultProvider } from "../../../functions/shared/lambda-credentials.ts";
import { eachLine } from "../../../functions/shared/lines.ts";
import { count, dollars, figure, moment, percent, signed, timeLeft } from "../../../functions/shared/numbers.ts";
import { parseInput } from "../../../functions/shared/parse.ts";
import { awsError } from "../../functions/support/fake-client.ts";

const Environment = z.object({
  BUCKET: bucketName,
  OPEN: flag,
  RULES: json(z.object({ minimum: z.number(), name: z.string() })),
  PLAIN: z.string(),
});

describe("functions/shared environment", () => {
  it("reads and converts", () => {
    const values = { BUCKET: "a-bucket", OPEN: "false", RULES: '{"minimum":1,"name":"n"}', PLAIN: "p", OTHER: "o" };
    assert.deepEqual(readEnvironment(Environment, values), {
      BUCKET: "a-bucket",
      OPEN: false,
      RULES: { minimum: 1, name: "n" },
      PLAIN: "p",
    });
  });

  it("names everything that is missing or malformed in one message, and prints no value", () => {
    assert.throws(
      () => readEnvironment(Environment, { BUCKET: "", OPEN: "False", RULES: '{"minimum":"secret"}' }),
      (error: Error) => {
        assert.match(error.message, /BUCKET: is missing; OPEN: .*; RULES: minimum .*, name .*; PLAIN: is missing\./);
        assert.doesNotMatch(error.message, /secret|False/);
        return true;
      },
    );
    assert.throws(
      () => readEnvironment(Environment, { BUCKET: "B", OPEN: "true", RULES: "{", PLAIN: "p" }),
      /BUCKET: must be a bucket's name; RULES: must be JSON/,
    );
  });
});

describe("functions/shared parse", () => {
  it("throws an error that a state machine can tell apart, with every fault but no value", () => {
    const schema = z.strictObject({ a: z.string(), b: z.object({ c: z.number() }) });
    assert.throws(
      () => parseInput(schema, { a: 1, b: { c: "secret" }, d: 1 }, "The input"),
      (error: Error) => {
        assert.ok(error instanceof FlowError);
        assert.equal(error.name, "InvalidInput");
        assert.match(error.message, /^The input is not valid: a: .*; b\.c: .*; \(whole\): .*d/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
});

describe("functions/shared html", () => {
  it("lets no value leave its place, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { markup } = html`<a title="${text}">${text}</a>`;
        const inner = markup.slice('<a title="'.length, -"</a>".length);
        assert.doesNotMatch(inner.replace('">', ""), /[<>"']/);
        const back = escapeHtml(text)
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'")
          .replaceAll("&amp;", "&");
        assert.equal(back, text);
      }),
    );
  });

  it("puts templates into templates, joins lists and leaves out what is not there", () => {
    const list = ["<", ">"].map((item) => html`<li>${item}</li>`);
    assert.equal(html`<ul>${list}${undefined}${false}${null}${0}</ul>`.markup, "<ul><li>&lt;</li><li>&gt;</li>0</ul>");
    assert.equal(html`${raw("<b>")}${{ markup: 1 }}`.markup, "<b>[object Object]");
  });
});

describe("functions/shared lines", () => {
  it("gives the same lines however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.integer({ min: 1, max: 5 }),
        async (parts, size) => {
          const lines = parts.map((part) => part.replace(/[\r\n]/g, ""));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
          async function* cut() {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          }
          const seen: string[] = [];
          let watched = 0;
          await eachLine(
            cut(),
            (line) => seen.push(line),
            (chunk) => {
              watched += chunk.length;
            },
          );
          assert.deepEqual(
            seen.map((line) => line.replace("\uFEFF", "")),
            lines.map((line) => line.replace("\uFEFF", "")),
          );
          assert.equal(watched, bytes.length);
        },
      ),
    );
  });
});

describe("functions/shared AWS errors", () => {
  it("knows SageMaker's several words for what is not there and for what is there already", () => {
    for (const error of [
      awsError("ValidationException", 'Could not find endpoint "e".'),
      awsError("ValidationException", "Requested resource not found."),
      awsError("ValidationException", "ModelPackage a does not exist."),
      awsError("ResourceNotFound"),
      awsError("NoSuchKey"),
    ]) {
      assert.equal(isNotFound(error), true, error.message);
    }
    assert.equal(isNotFound(awsError("ValidationException", "1 validation error detected")), false);
    assert.equal(isNotFound(awsError("AccessDenied")), false);
    assert.equal(isNotFound("not found"), false);
    assert.equal(isAlreadyThere(awsError("ValidationException", 'Cannot create already existing endpoint "e".')), true);
    assert.equal(isAlreadyThere(awsError("ResourceInUse")), true);
    assert.equal(isAlreadyThere(awsError("ValidationException", "bad")), false);
  });
});

describe("functions/shared packet facts", () => {
  it("writes differences with a sign and times in UTC", () => {
    assert.deepEqual(
      [signed(0.01), signed(-0.01), signed(0), signed(0.00001), signed(-0.00001)],
      ["+0.0100", "−0.0100", "±0.0000", "±0.0000", "±0.0000"],
    );
    assert.equal(moment(1767916800), "2026-01-09 00:00 UTC");
    assert.deepEqual([figure(12345.678), figure(1e12), figure(Number.NaN)], ["12345.7", "1.000e+12", "not a number"]);
    assert.deepEqual([percent(0.95), percent(0.999), count(1234567)], ["95 %", "99.9 %", "1,234,567"]);
    assert.deepEqual(
      [dollars(0), dollars(0.0000234), dollars(12.345), dollars(1234.5)],
      ["0.00 USD", "0.000023 USD", "12.35 USD", "1,235 USD"],
    );
    const hour = 3_600_000;
    assert.deepEqual(
      [timeLeft(-5), timeLeft(60_000), timeLeft(40 * 60_000), timeLeft(2.9 * hour), timeLeft(49 * hour)],
      ["0 minutes", "1 minute", "40 minutes", "2 hours", "2 days"],
    );
  });
});

describe("functions/shared credentials", () => {
  const kept = { ...process.env };
  afterEach(() => {
    process.env = { ...kept };
  });

  it("reads what Lambda sets, and says so when it is not there", async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" });
    delete process.env.AWS_SESSION_TOKEN;
    assert.deepEqual(await defaultProvider()(), { accessKeyId: "key", secretAccessKey: "secret" });
    process.env.AWS_SESSION_TOKEN = "token";
    assert.deepEqual(await defaultProvider()(), {
      accessKeyId: "key",
      secretAccessKey: "secret",
      sessionToken: "token",
    });
    delete process.env.AWS_ACCESS_KEY_ID;
    await assert.rejects(defaultProvider()(), /Lambda sets them for a function with a role/);
  });
});
