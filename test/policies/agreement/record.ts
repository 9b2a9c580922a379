/**
 * `npm run policies:agreement`: puts every case to checkov and cdk-nag and records their verdicts in
 * `test/fixtures/policies/agreement.json`. Needs checkov on the PATH (or its path in CHECKOV) and `npm ci` in `bench/peers`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgreementCase, CASES } from "./cases.ts";
import { caseDigest, type Recorded, type Verdict } from "./recorded.ts";
import { cloudFormation, terraform } from "./templates.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const checkov = process.env.CHECKOV ?? "checkov";
const peers = process.env.PEERS ?? join(root, "bench", "peers");
type Half = "good" | "bad";
const halves: readonly Half[] = ["good", "bad"];
const folder = mkdtempSync(join(tmpdir(), "agreement-"));

/** One folder for each half of each case, so that no case sees another's resources; one run of the tool for each language. */
function askCheckov(cases: readonly AgreementCase[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const framework of ["cloudformation", "terraform"] as const) {
    const chosen = cases.filter(({ provider }) => (provider === "native") === (framework === "cloudformation"));
    const base = join(folder, framework);
    for (const one of chosen) {
      for (const half of halves) {
        const dir = join(base, one.id, half);
        mkdirSync(dir, { recursive: true });
        const [name, body] =
          framework === "terraform"
            ? ["main.tf", terraform(one[half])]
            : ["template.json", JSON.stringify(cloudFormation(one[half]), null, 1)];
        writeFileSync(join(dir, name), body);
      }
    }
    const ids = chosen.map(({ id }) => id).join(",");
    const out = execFileSync(
      checkov,
      ["-d", base, "--framework", framework, "--check", ids, "-o", "json", "--soft-fail"],
      {
        encoding: "utf8",
        maxBuffer: 1e8,
        env: { ...process.env, LOG_LEVEL: "ERROR" },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const { results }: CheckovReport = JSON.parse(out);
    const said = (list: readonly Checked[], verdict: Verdict) => {
      for (const { check_id, file_path } of list) {
        const [, id, half] = file_path.split("/");
        if (id === check_id) verdicts.set(`${id} ${half}`, verdict);
      }
    };
    said(results?.passed_checks ?? [], "pass");
    // A failure among several resources of a case is the case's.
    said(results?.failed_checks ?? [], "fail");
  }
  return verdicts;
}

interface Checked {
  readonly check_id: string;
  readonly file_path: string;
}
interface CheckovReport {
  readonly results?: { readonly failed_checks: readonly Checked[]; readonly passed_checks: readonly Checked[] };
}

function askNag(cases: readonly AgreementCase[]): Map<string, Verdict> {
  const templates = Object.fromEntries(
    cases.flatMap((one) => halves.map((half) => [`${one.id} ${half}`, cloudFormation(one[half])])),
  );
  const answer: Record<string, string[]> = JSON.parse(
    execFileSync(process.execPath, [join(peers, "verdicts.mjs")], {
      input: JSON.stringify(templates),
      encoding: "utf8",
    }),
  );
  return new Map(
    Object.entries(answer).map(([name, ids]) => {
      const id = name.split(" ")[0] ?? "";
      return [name, ids.some((found) => found === id || found.startsWith(`${id}[`)) ? "fail" : "pass"];
    }),
  );
}

const verdicts = new Map([
  ...askCheckov(CASES.filter(({ tool }) => tool === "checkov")),
  ...askNag(CASES.filter(({ tool }) => tool === "cdk-nag")),
]);
rmSync(folder, { recursive: true });
const version = (name: string): string =>
  JSON.parse(readFileSync(join(peers, "node_modules", name, "package.json"), "utf8")).version;
const recorded: Recorded = {
  tools: {
    checkov: execFileSync(checkov, ["--version"], { encoding: "utf8" }).trim(),
    "cdk-nag": version("cdk-nag"),
    "aws-cdk-lib": version("aws-cdk-lib"),
  },
  cases: Object.fromEntries(
    CASES.map((one) => [
      one.id,
      {
        digest: caseDigest(one),
        good: verdicts.get(`${one.id} good`) ?? "silent",
        bad: verdicts.get(`${one.id} bad`) ?? "silent",
      },
    ]),
  ),
};
const target = join(root, "test", "fixtures", "policies", "agreement.json");
writeFileSync(target, `${JSON.stringify(recorded, null, 2)}\n`);
for (const [id, { good, bad }] of Object.entries(recorded.cases)) {
  if (good !== "pass" || bad !== "fail") console.log(`${id}: good ${good}, bad ${bad}`);
}
