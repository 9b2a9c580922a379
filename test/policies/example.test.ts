/**
 * The example of a program that is not this project's, through the plain CLI and the real engine; and the same program judged
 * without an engine from what the engine recorded of it.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { check } from "../../policies/check/main.ts";
import { verdictOfLog } from "../../policies/report/events.ts";
import type { Finding, Verdict } from "../../policies/report/finding.ts";
import { type Cli, type Ran, startCli } from "./support/cli.ts";
import { PACK } from "./support/engine.ts";
import { BASELINE, PROD } from "./support/example-findings.ts";
import { type RegistryServer, startRegistry } from "./support/registry-server.ts";

const program = join(import.meta.dirname, "..", "..", "examples", "guarded-aws-program");
/** Its own configuration, at prod's levels, and the pack's for programs that begin. */
const CONFIG = { prod: join(program, "policies.json"), baseline: join(PACK, "config", "baseline.json") };
type Config = keyof typeof CONFIG;

/** `rule/check resource`, once for each pair. */
const pairs = (findings: readonly Finding[]): string[] =>
  [
    ...new Set(
      findings.map(
        ({ rule, check: code, urn }) => `${rule}/${code} ${urn.split("::")[2]?.split("/")[0]} ${urn.split("::")[3]}`,
      ),
    ),
  ].sort();

/** Everything that must be the same however it was judged. */
const whole = (findings: readonly Finding[]): string[] =>
  findings
    .map(({ rule, level, severity, urn, text, description }) =>
      JSON.stringify([rule, level, severity, urn, description, text]),
    )
    .sort();

describe("the example program", function () {
  this.timeout(180_000);
  let cli: Cli;
  let registry: RegistryServer;
  const runs = new Map<string, Promise<{ ran: Ran; verdict: Verdict }>>();

  before(async () => {
    registry = await startRegistry();
    Object.assign(process.env, registry.env);
    cli = await startCli(program, "prod");
  });
  after(async () => {
    await cli?.close();
    await registry?.close();
  });

  const variantOf = (variant: string) => ({ "aws:region": "us-east-1", "guarded:variant": variant });

  /** One preview with the pack, recorded as a pull request script would. */
  const guarded = (variant: string, config: Config) => {
    const key = `${variant} ${config}`;
    const run = async () => {
      const ran = await cli.pulumi(
        ["preview", "--json", "--policy-pack", PACK, "--policy-pack-config", CONFIG[config]],
        { config: variantOf(variant), env: { ...registry.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" } },
      );
      const events = ran.stdout.split("\n").filter((line) => line.startsWith("{"));
      return { ran, verdict: verdictOfLog(events.join("\n")) };
    };
    const found = runs.get(key) ?? run();
    runs.set(key, found);
    return found;
  };

  /** `policies:check` of a text, in this process. */
  const checked = async (text: string, config: Config): Promise<{ code: number; verdict: Verdict }> => {
    const file = join(cli.folder, "recorded.json");
    await writeFile(file, text);
    const { code, output } = await check([file, "--config", CONFIG[config], "--json"]);
    return { code, verdict: JSON.parse(output) };
  };

  it("compliant: nothing to say at prod's levels", async () => {
    const { ran, verdict } = await guarded("compliant", "prod");
    assert.deepEqual(whole(verdict.findings), []);
    assert.equal(ran.code, 0, ran.output);
    assert.deepEqual(verdict.remarks, []);
  });

  it("violating: refused at prod's levels, for exactly these reasons", async () => {
    const { ran, verdict } = await guarded("violating", "prod");
    assert.notEqual(ran.code, 0);
    assert.deepEqual(pairs(verdict.findings), PROD);
  });

  it("violating with the baseline: only advice, and the preview passes", async () => {
    const { ran, verdict } = await guarded("violating", "baseline");
    assert.equal(ran.code, 0, ran.output);
    assert.deepEqual(
      verdict.findings.filter(({ level }) => level === "mandatory"),
      [],
    );
    assert.deepEqual(pairs(verdict.findings), BASELINE);
  });

  it("compliant with the baseline: one word on what it costs, which its own configuration allows", async () => {
    const { ran, verdict } = await guarded("compliant", "baseline");
    assert.deepEqual(pairs(verdict.findings), ["stage-monthly-bill/idle pulumi:pulumi:Stack guarded-prod"]);
    assert.equal(ran.code, 0, ran.output);
  });

  for (const config of ["prod", "baseline"] as const) {
    it(`check says of the preview's JSON what the engine said, at ${config}'s levels`, async () => {
      const { verdict } = await guarded("violating", config);
      const preview = await cli.pulumi(["preview", "--json", "--show-sames"], { config: variantOf("violating") });
      const found = await checked(preview.stdout, config);
      assert.deepEqual(whole(found.verdict.findings), whole(verdict.findings));
      assert.equal(found.code, config === "prod" ? 1 : 0);
      const placed = found.verdict.findings.filter(({ source }) => source?.includes("serving.ts#"));
      assert.ok(placed.length > 0, "the record says where a resource is declared");
    });
  }

  it("check says of the export what the engine says of it", async () => {
    const up = await cli.pulumi(["up", "--yes", "--skip-preview"], { config: variantOf("violating") });
    assert.equal(up.code, 0, up.output);
    const exported = await cli.pulumi(["stack", "export"]);
    const file = join(cli.folder, "export.json");
    await writeFile(file, exported.stdout);
    const analyzed = await cli.pulumi(
      ["policy", "analyze", "--json", "--policy-pack", PACK, "--policy-pack-config", CONFIG.prod],
      { env: registry.env },
    );
    assert.notEqual(analyzed.code, 0);
    const events = analyzed.stdout.split("\n").filter((line) => line.startsWith("{"));
    const found = await checked(exported.stdout, "prod");
    assert.deepEqual(whole(found.verdict.findings), whole(verdictOfLog(events.join("\n")).findings));
    assert.equal(found.code, 1);
  });
});
