/** How a rehearsal ends: by a signal, by being killed, by `npm run stop`. Nothing is left, and the next one works. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Session } from "../../../local/walkthrough/session.ts";
import { answers, processesOf, root, run, untilNothingRuns } from "./support/terminal.ts";

describe("a rehearsal's end", function () {
  this.timeout(40_000);
  let folder: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "rehearsal-"));
    env = { ...(process.env as Record<string, string>), FRUGAL_REHEARSAL: folder };
  });
  afterEach(async () => {
    for (const line of processesOf(folder)) process.kill(Number(line.split(" ")[0]), "SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const node = (file: string) => run(process.execPath, [path.join(root, file)], env);
  const session = async (): Promise<Session> => JSON.parse(await readFile(path.join(folder, "session.json"), "utf8"));

  interface Play {
    readonly child: ChildProcess;
    readonly output: () => string;
    readonly exit: Promise<number | string>;
  }

  /** Starts a rehearsal and waits until it has said `words`. */
  async function play(words: string): Promise<Play> {
    const child = spawn(process.execPath, [path.join(root, "local/rehearse.ts")], { cwd: root, env, detached: true });
    const exit = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
    let output = "";
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk) => {
          output += chunk;
          if (output.includes(words)) resolve();
        });
      void exit.then((code) => reject(new Error(`the rehearsal ended with ${code}:\n${output}`)));
    });
    return { child, output: () => output, exit };
  }

  it("by Ctrl-C while the emulators start: exit 130, no process, no file", async () => {
    const { child, exit } = await play("starting the emulators");
    child.kill("SIGINT");
    assert.equal(await exit, 130);
    assert.deepEqual(processesOf(folder), []);
    assert.ok(!existsSync(path.join(folder, "session.json")) && !existsSync(path.join(folder, "run")));
  });

  it("by Ctrl-C while the engine works: what it has made is recorded, then everything ends", async () => {
    const { child, exit, output } = await play(" created (");
    child.kill("SIGINT");
    assert.equal(await exit, 130, output());
    assert.deepEqual(processesOf(folder), []);
    assert.ok(!existsSync(path.join(folder, "run")));
  });

  it("by SIGKILL: the emulators, the engine and the pack end by themselves, and the next run works", async () => {
    const { child, exit } = await play("Loading policy packs");
    child.kill("SIGKILL");
    assert.equal(await exit, "SIGKILL");
    assert.deepEqual(await untilNothingRuns(folder), []);
    const next = await play("they answer after");
    next.child.kill("SIGTERM");
    assert.equal(await next.exit, 143);
    assert.deepEqual(processesOf(folder), []);
  });

  it("by the death of the process that owns the emulators: exit 1 with its name and its log", async () => {
    const { exit, output } = await play("Loading policy packs");
    process.kill((await session()).keeperPid, "SIGKILL");
    assert.equal(await exit, 1);
    const log = /the process that owns the emulators ended \(signal SIGKILL\); its log: (.*)/.exec(output())?.[1];
    assert.ok(log && existsSync(log), output());
    assert.deepEqual(await untilNothingRuns(folder), []);
  });

  it("at once where its folder cannot be written to: named, with what to do", async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, "a file stands here");
    const { code, output } = await node("local/rehearse.ts");
    assert.equal(code, 1);
    assert.ok(output.includes(folder) && output.includes("FRUGAL_REHEARSAL"), output);
    assert.doesNotMatch(output, /starting the emulators/);
  });

  it("by `npm run stop` while it is played; a second start is refused meanwhile", async () => {
    const { exit } = await play("they answer after");
    const second = await node("local/rehearse.ts");
    assert.equal(second.code, 1);
    assert.match(second.output, /being played already .*npm run stop/);
    const stop = await node("local/stop.ts");
    assert.equal(stop.code, 0, stop.output);
    assert.equal(await exit, 143);
    assert.deepEqual(processesOf(folder), []);
  });

  it("by `npm run stop` after --keep: ports closed, settings gone", async () => {
    const kept = await node("test/local/cli/support/keep.ts");
    assert.equal(kept.code, 0, kept.output);
    const settings = await readFile(path.join(folder, "env"), "utf8");
    const urls = [...settings.matchAll(/'(http:[^']+)'/g)].map((match) => match[1] ?? "");
    assert.ok(urls.length >= 2 && (await answers(urls[0] ?? "")), "the estate is up after the rehearsal has ended");
    const stop = await node("local/stop.ts");
    assert.match(stop.output, /the rehearsal of just now has ended/);
    assert.deepEqual(processesOf(folder), []);
    assert.deepEqual(
      await Promise.all(urls.map(answers)),
      urls.map(() => false),
    );
    assert.ok(!existsSync(path.join(folder, "env")) && !existsSync(path.join(folder, "run")));
    assert.match((await node("local/stop.ts")).output, /no rehearsal is up/);
  });
});
