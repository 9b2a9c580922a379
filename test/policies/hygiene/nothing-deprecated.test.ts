import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import rule from "../../../policies/hygiene/nothing-deprecated.ts";
import DEPRECATED from "../../../policies/support/deprecated.generated.json" with { type: "json" };
import { startRun } from "../../../policies/support/run.ts";
import { PLATFORMS, RUNTIMES } from "../../../policies/support/supported-until.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const root = join(import.meta.dirname, "..", "..", "..");

describe("nothing-deprecated", () => {
  afterEach(() => void startRun());

  it("the list of deprecated types and inputs is the pinned SDK's", () => {
    execFileSync(process.execPath, [join(root, "policies", "generate-deprecated.ts"), "--check"], { cwd: root });
    assert.equal(DEPRECATED.types["aws:s3/bucketV2:BucketV2"], "aws.s3.Bucket");
    assert.ok(Object.keys(DEPRECATED.types).length > 10);
  });

  it("classic: deprecated types, whatever they hold", async () => {
    for (const [type, instead] of Object.entries(DEPRECATED.types)) {
      for (const props of [{}, { acl: UNKNOWN, runtime: "nodejs12.x" }]) {
        violates(
          await analyze(rule, { type, name: "x", props }),
          `nothing-deprecated/type: type is "${type}", must be ${instead}. Use ${instead}; an alias keeps the resource.`,
        );
      }
    }
    violates(await analyze(rule, { type: "aws:s3/bucketV3:BucketV3", name: "x", props: {} }));
    violates(await analyze(rule, { type: "aws:toString:constructor", name: "x", props: {} }));
  });

  it("classic: settings of a bucket that moved to resources of their own", async () => {
    const plain = broken(compliant("classic", "bucket"), "policy", undefined);
    violates(await analyze(rule, plain));
    for (const [path, use] of Object.entries(DEPRECATED.inputs["aws:s3/bucket:Bucket"])) {
      violates(
        await analyze(rule, broken(plain, path, "x")),
        `nothing-deprecated/setting: ${path} is "x", must be absent. Use the ${use}.`,
      );
      notes(
        await analyze(rule, broken(plain, path, UNKNOWN)),
        `nothing-deprecated/waits: ${path} is not known yet, must be absent. ${LATER}`,
      );
    }
    violates(await analyze(rule, broken(plain, "forceDestroy", true)));
  });

  for (const provider of PROVIDERS) {
    for (const [family, path, kind, old, until, good] of [
      ["function", "runtime", "runtime", "nodejs20.x", RUNTIMES["nodejs20.x"] ?? "", "nodejs24.x"],
      [
        "notebook",
        "platformIdentifier",
        "platform",
        "notebook-al2-v3",
        PLATFORMS["notebook-al2-v3"] ?? "",
        "notebook-al2023-v1",
      ],
    ] as const) {
      const resource = compliant(provider, family);
      const past = (today: string, value = old, day = until) =>
        `nothing-deprecated/${kind}: ${path} is "${value}", must be supported on ${today}, which it is until ${day}. Move to a ${kind} that is still patched.`;
      const next = (day: string, days: number) =>
        new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

      it(`${provider} ${family}: supported until its last day`, async () => {
        startRun({ today: until });
        violates(await analyze(rule, broken(resource, path, old)));
        startRun({ today: next(until, 1) });
        violates(await analyze(rule, broken(resource, path, old)), past(next(until, 1)));
        violates(await analyze(rule, broken(resource, path, good)));
        violates(await analyze(rule, broken(resource, path, undefined)));
        notes(
          await analyze(rule, broken(resource, path, UNKNOWN)),
          `nothing-deprecated/waits: ${path} is not known yet, must be a ${kind} that the pack knows. ${LATER}`,
        );
      });

      it(`${provider} ${family}: with notice`, async () => {
        const config = { runtimeNoticeDays: 60 };
        startRun({ today: next(until, -60) });
        violates(await analyze(rule, broken(resource, path, old), { config }));
        const today = next(until, -59);
        startRun({ today });
        violates(
          await analyze(rule, broken(resource, path, old), { config }),
          past(today).replace(`on ${today}`, `60 days beyond ${today}`),
        );
      });

      it(`${provider} ${family}: what the pack does not know`, async () => {
        for (const [value, shown] of [
          ["cobol85", '"cobol85"'],
          ["toString", '"toString"'],
          ["", "empty"],
          [24, "24"],
        ] as const) {
          violates(
            await analyze(rule, broken(resource, path, value)),
            `nothing-deprecated/${kind}: ${path} is ${shown}, must be a ${kind} that the pack knows. Correct it, or take a newer version of the pack.`,
          );
        }
      });
    }
  }

  it("the tables hold days", () => {
    for (const until of [...Object.values(RUNTIMES), ...Object.values(PLATFORMS)])
      assert.ok(until === undefined || /^20\d\d-\d\d-\d\d$/.test(until), String(until));
  });
});
