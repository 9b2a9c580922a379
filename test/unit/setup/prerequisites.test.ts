import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  faultsMessage,
  findPython,
  nodeFault,
  onPath,
  platformFault,
  pythonFault,
  spaceFault,
  writingFaults,
} from "../../../local/setup/prerequisites.mjs";

describe("prerequisites", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "prerequisites-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A stand-in for a Python: answers the question as one of that version would. */
  function python(name: string, version: number[], lacks: string[] = []): string {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho '${JSON.stringify({ python: file, version, lacks })}'\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it("takes the first Python that is new enough and complete", () => {
    const names = [python("p39", [3, 9, 18]), python("bare", [3, 12, 1], ["ensurepip"]), python("p311", [3, 11, 7])];
    assert.equal(findPython(names).python?.python, names[2]);
    assert.equal(pythonFault(findPython(names)), undefined);
  });

  it("names each Python found with what it lacks, and how to get a good one", () => {
    const names = [python("p39", [3, 9, 18]), python("bare", [3, 12, 1], ["venv", "ensurepip"])];
    const fault = pythonFault(findPython(names)) ?? "";
    assert.match(fault, /^Python 3\.10 or newer, complete with its standard modules, is missing: /);
    assert.ok(fault.includes(`${names[0]} is 3.9.18, too old`), fault);
    assert.ok(fault.includes(`${names[1]} is 3.12.1, without its modules venv, ensurepip`), fault);
    assert.match(fault, /apt install python3 python3-venv/);
    assert.match(fault, /FRUGAL_PYTHON/);
  });

  it("says which names were looked for when there is no Python at all", () => {
    const broken = join(folder, "broken");
    writeFileSync(broken, "#!/bin/sh\nexit 1\n");
    chmodSync(broken, 0o755);
    const fault = pythonFault(findPython([broken, "no-such-python"])) ?? "";
    assert.ok(fault.startsWith(`Python 3.10 or newer is missing: none of ${broken}, no-such-python runs.`), fault);
  });

  it("refuses a Node older than 20 and takes any newer", () => {
    assert.match(nodeFault("18.20.4") ?? "", /^Node 18\.20\.4 is too old: Node 20 or newer is needed/);
    assert.equal(nodeFault("20.0.0"), undefined);
    assert.equal(nodeFault("100.1.0"), undefined);
  });

  it("sends Windows to WSL", () => {
    assert.match(platformFault("win32") ?? "", /WSL/);
    assert.equal(platformFault("darwin"), undefined);
  });

  it("names the folders that cannot be written to", () => {
    assert.deepEqual(writingFaults(folder, folder), []);
    const file = join(folder, "checkout");
    writeFileSync(file, "");
    const faults = writingFaults(file, join(file, "tmp"));
    assert.equal(faults.length, 2);
    assert.ok(faults[0]?.startsWith(`No writing to ${file} (`), faults[0]);
    assert.ok(faults[1]?.includes(`the temporary folder ${join(file, "tmp")}`), faults[1]);
  });

  it("tells a disk too full for the packages", () => {
    assert.equal(spaceFault("/x", 5000), undefined);
    assert.match(spaceFault("/x", 312) ?? "", /\/x has 312 MB left; the packages need about 2000 MB/);
  });

  it("finds a command on a PATH only when it can be executed", () => {
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "tool"), "");
    const path = `/nowhere:${join(folder, "bin")}`;
    assert.equal(onPath("tool", path), false);
    chmodSync(join(folder, "bin", "tool"), 0o755);
    assert.equal(onPath("tool", path), true);
  });

  it("puts every fault into one numbered message", () => {
    assert.equal(faultsMessage(["A is missing."]), "One thing to mend first:\n1. A is missing.");
    assert.equal(faultsMessage(["A.", "B."]), "2 things to mend first:\n1. A.\n2. B.");
  });
});
