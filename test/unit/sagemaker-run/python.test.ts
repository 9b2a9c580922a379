import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCRIPTS } from "../../../local/sagemaker/run/child.ts";

/** The scripts tested here need the standard library only. */
const PYTHON = "python3";

interface Plan {
  program: string;
  source: string;
  arguments: string[];
  environment: Record<string, string>;
  error?: string;
}

function plan(hyperparameters: Record<string, string>): Plan {
  const input = {
    base: "/opt/ml",
    hyperparameters,
    channels: { train: { TrainingInputMode: "File" }, "my-test": {} },
    resources: { hosts: ["algo-1"], current_host: "algo-1" },
    environ: { TRAINING_JOB_NAME: "job" },
  };
  return JSON.parse(
    execFileSync(PYTHON, ["-B", join(SCRIPTS, "script_mode.py")], { input: JSON.stringify(input), encoding: "utf8" }),
  );
}

describe("script mode", () => {
  it("hands hyper-parameters over as the toolkit does: sorted, decoded, written as Python writes them", () => {
    const { arguments: args } = plan({
      sagemaker_program: '"train.py"',
      sagemaker_region: '"us-east-1"',
      z: "0.5",
      C: "1.0",
      epochs: "10",
      name: "plain text",
      quoted: '"quoted"',
      flag: "true",
      none: "null",
      list: "[1, 2]",
      map: '{"b": 1, "a": "x"}',
    });
    assert.deepEqual(args, [
      "-C",
      "1.0",
      "--epochs",
      "10",
      "--flag",
      "True",
      "--list",
      "[1, 2]",
      "--map",
      "a=x,b=1",
      "--name",
      "plain text",
      "--none",
      "",
      "--quoted",
      "quoted",
      "-z",
      "0.5",
    ]);
  });

  it("sets the SM_ variables", () => {
    const {
      environment: env,
      program,
      source,
    } = plan({
      sagemaker_program: "bin/train.py",
      sagemaker_submit_directory: '"s3://b/s.tar.gz"',
      "n-estimators": "3",
    });
    assert.deepEqual([program, source], ["bin/train.py", "s3://b/s.tar.gz"]);
    assert.equal(env.SM_MODEL_DIR, "/opt/ml/model");
    assert.equal(env.SM_OUTPUT_DATA_DIR, "/opt/ml/output/data");
    assert.equal(env.SM_CHANNELS, '["my-test","train"]');
    assert.equal(env["SM_CHANNEL_MY-TEST"], "/opt/ml/input/data/my-test");
    assert.equal(env.SM_HPS, '{"n-estimators":3}');
    assert.equal(env["SM_HP_N-ESTIMATORS"], "3");
    assert.equal(env.SM_HOSTS, '["algo-1"]');
    assert.equal(env.SM_NUM_GPUS, "0");
    assert.equal(env.SM_MODULE_NAME, "bin/train");
    assert.equal(env.SM_USER_ARGS, '["--n-estimators","3"]');
    assert.equal(JSON.parse(env.SM_TRAINING_ENV as string).job_name, "job");
  });

  it("refuses a program that is missing or no plain path", () => {
    assert.match(plan({}).error ?? "", /sagemaker_program is missing/);
    for (const name of ["../x.py", "/x.py", "-c", "a b.py", "x;y.py"]) {
      assert.match(
        plan({ sagemaker_program: JSON.stringify(name) }).error ?? "",
        /must be a plain path inside the source/,
        name,
      );
    }
  });
});

describe("archives", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A tar.gz with one member made by Python code over `t` (a TarInfo). */
  function evil(code: string): string {
    const file = join(folder, "evil.tar.gz");
    const script = `import io,sys,tarfile
a=tarfile.open(sys.argv[1],"w:gz"); t=tarfile.TarInfo("good.txt"); t.size=1; a.addfile(t,io.BytesIO(b"x"))
t=tarfile.TarInfo("bad"); t.size=0
${code}
a.addfile(t,io.BytesIO(b"")); a.close()`;
    execFileSync(PYTHON, ["-c", script, file]);
    return file;
  }
  const run = (...args: string[]) =>
    spawnSync(PYTHON, ["-B", join(SCRIPTS, "archive.py"), ...args], { encoding: "utf8" });

  it("come back as they went in", () => {
    const source = join(folder, "source");
    execFileSync(PYTHON, [
      "-c",
      "import os,sys; os.makedirs(sys.argv[1]+'/code'); open(sys.argv[1]+'/code/a.py','w').write('1')",
      source,
    ]);
    assert.equal(run("pack", source, join(folder, "a.tar.gz")).status, 0);
    assert.equal(run("unpack", join(folder, "a.tar.gz"), join(folder, "back")).status, 0);
    assert.equal(readFileSync(join(folder, "back", "code", "a.py"), "utf8"), "1");
  });

  const attacks: Record<string, string> = {
    "a name with ..": 't.name="../out.txt"',
    "an absolute name": 't.name="/tmp/out.txt"',
    "a .. further in": 't.name="a/../../out.txt"',
    "a backslash path": 't.name="..\\\\out.txt"',
    "an absolute link": 't.type=tarfile.SYMTYPE; t.linkname="/etc"',
    "a link that leads out": 't.name="a/b"; t.type=tarfile.SYMTYPE; t.linkname="../../x"',
    "a hard link that leads out": 't.type=tarfile.LNKTYPE; t.linkname="../x"',
    "a device": "t.type=tarfile.CHRTYPE",
    "a pipe": "t.type=tarfile.FIFOTYPE",
  };
  for (const [name, code] of Object.entries(attacks)) {
    it(`are refused whole for ${name}`, () => {
      const target = join(folder, "deep", "target");
      const result = run("unpack", evil(code), target);
      assert.equal(result.status, 1, result.stderr);
      assert.match(result.stderr, /leads outside|outside the archive's folder|device or a pipe/);
      assert.ok(!existsSync(join(target, "good.txt")), "nothing of it is unpacked");
      assert.deepEqual(readdirSync(folder).sort(), ["deep", "evil.tar.gz"]);
    });
  }

  it("are named as unusable when they are none", () => {
    const result = run("unpack", join(SCRIPTS, "archive.py"), join(folder, "x"));
    assert.equal(result.status, 1);
    assert.match(result.stderr, /not a usable tar\.gz/);
  });
});
