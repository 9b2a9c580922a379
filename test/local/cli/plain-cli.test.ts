/** The program and the policy pack under the plain `pulumi` command, with the settings that `.rehearsal/env` has. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { type Keeper, startKeeper } from "../../../local/walkthrough/keeper-client.ts";
import { type Life, makeClients } from "../../../local/walkthrough/life.ts";
import { leftovers } from "../../../local/walkthrough/scenes/teardown.ts";
import { terminalEnvironment, terminalText } from "../../../local/walkthrough/terminal.ts";
import { openWorkspace } from "../../../local/walkthrough/workspace.ts";
import { type Ran, root, run, untilNothingRuns } from "./support/terminal.ts";

const packed = ["--policy-pack", "policies", "--policy-pack-config", "policies/config/dev.json"];

describe("the plain pulumi command", function () {
  this.timeout(90_000);
  this.bail(true);
  let folder: string;
  let keeper: Keeper;
  let env: Record<string, string>;
  let checkedIn: Buffer;

  const pulumi = (...args: string[]): Promise<Ran> => run("pulumi", [...args, "--non-interactive"], env);
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, output } = await pulumi(...args);
    assert.equal(code, 0, output);
    return output;
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "cli-"));
    checkedIn = await readFile(path.join(root, "Pulumi.dev.yaml"));
    const engine = await ensureEngine();
    keeper = await startKeeper(folder);
    const workspace = await openWorkspace(folder, keeper, engine);
    // A person's own PATH; no language host is on it unless the machine has the official one.
    env = { HOME: folder, ...terminalEnvironment(workspace, engine, "/usr/local/bin:/usr/bin:/bin") };
  });

  after(async () => {
    await keeper?.stop();
    if (folder) assert.deepEqual(await untilNothingRuns(folder), []);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it("brings up stage dev, guarded by the policy pack", async () => {
    await succeeds("stack", "init", "dev");
    const output = await succeeds("up", "--stack", "dev", "--yes", "--skip-preview", ...packed);
    assert.match(output, /Policies:[\s\S]*frugal-mlops@v/);
    assert.match(await succeeds("stack", "output", "--stack", "dev"), /endpointName\s+frugal-dev-breast-cancer/);
  });

  it("wants no change right after, and leaves the checkout as it is", async () => {
    await succeeds("preview", "--stack", "dev", "--expect-no-changes", ...packed);
    assert.deepEqual(await readFile(path.join(root, "Pulumi.dev.yaml")), checkedIn);
  });

  it("refuses a program that the pack forbids, and names the rule", async () => {
    const project = path.join(folder, "forbidden");
    await mkdir(project);
    await symlink(path.join(root, "node_modules"), path.join(project, "node_modules"));
    await writeFile(path.join(project, "package.json"), '{ "type": "module" }');
    await writeFile(
      path.join(project, "Pulumi.yaml"),
      "name: forbidden\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n",
    );
    await writeFile(
      path.join(project, "index.ts"),
      `import * as iam from "@pulumi/aws-native/iam/index.js";
      const Statement: object[] = [{ Effect: "Allow", Action: "*", Resource: "*" }];
      new iam.ManagedPolicy("admin", { policyDocument: { Version: "2012-10-17", Statement } });`,
    );
    const pack = path.join(root, "policies");
    const here = ["-C", project, "--stack", "dev"];
    await succeeds("stack", "init", "-C", project, "dev");
    await succeeds("preview", ...here);
    const { code, output } = await pulumi("up", "--yes", ...here, "--policy-pack", pack);
    assert.notEqual(code, 0, output);
    assert.match(output, /iam-no-wildcard/);
    assert.match(output, /\[mandatory\]/);
  });

  it("says what a program's own fault is", async () => {
    await writeFile(path.join(folder, "forbidden", "index.ts"), 'throw new Error("the words of the fault");');
    const { code, output } = await pulumi("preview", "-C", path.join(folder, "forbidden"), "--stack", "dev");
    assert.notEqual(code, 0);
    assert.match(output, /the words of the fault/);
  });

  it("destroys the stage and leaves nothing", async () => {
    await succeeds("destroy", "--stack", "dev", "--yes", "--skip-preview");
    assert.deepEqual(await leftovers({ clients: makeClients(keeper.env) } as Life), []);
  });

  it("is what the closing text of --keep tells a person to type", () => {
    const text = terminalText(keeper, env, { env: ".rehearsal/env", python: "/venv/bin/python" });
    for (const line of ["set -a; . .rehearsal/env; set +a", `pulumi preview --stack dev ${packed.join(" ")}`])
      assert.ok(text.includes(`  ${line}\n`), text);
  });
});
