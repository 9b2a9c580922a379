"""A training container in script mode, without the container: `train.py BASE [SOURCE_ARCHIVE]`.

BASE stands for /opt/ml and holds input/config/*.json as SageMaker writes them. The source archive (already fetched from
sagemaker_submit_directory) is unpacked into BASE/code, the script run there with the hyper-parameters as arguments and
the SM_* variables, and its exit code becomes ours. A fault of the set-up is written to BASE/output/failure.
"""

import json
import os
import subprocess
import sys

import archive
import lifeline
import script_mode


def read(base, name):
    with open(os.path.join(base, "input", "config", name), encoding="utf-8") as file:
        return json.load(file)


def command(program, arguments, code):
    """As the toolkit: a shell script by sh, a package (setup.py) as a module, a .py file by this interpreter."""
    if program.endswith(".sh"):
        os.chmod(os.path.join(code, program), 0o755)
        return ["/bin/sh", "./" + program] + arguments
    if os.path.exists(os.path.join(code, "setup.py")):
        return [sys.executable, "-m", program[:-3] if program.endswith(".py") else program] + arguments
    return [sys.executable, program] + arguments


def prepare(base, source):
    plan = script_mode.plan(
        base,
        read(base, "hyperparameters.json"),
        read(base, "inputdataconfig.json"),
        read(base, "resourceconfig.json"),
        os.environ,
    )
    code = os.path.join(base, "code")
    if source:
        try:
            archive.unpack(source, code)
        except archive.ArchiveError as fault:
            raise script_mode.ScriptModeError("%s: %s" % (plan["source"], fault)) from fault
    if not os.path.isfile(os.path.join(code, plan["program"])):
        found = ", ".join(sorted(os.listdir(code))) or "nothing"
        raise script_mode.ScriptModeError(
            "%s is not in the source %s, which holds: %s" % (plan["program"], plan["source"], found)
        )
    return code, command(plan["program"], plan["arguments"], code), plan["environment"]


def main(base, source=None):
    lifeline.hold()
    lifeline.survive_sigterm()
    try:
        code, argv, environment = prepare(base, source)
    except script_mode.ScriptModeError as fault:
        print("Reporting training FAILURE: %s" % fault, flush=True)
        with open(os.path.join(base, "output", "failure"), "w", encoding="utf-8") as file:
            file.write(str(fault))
        return 1
    paths = [code] + [path for path in [os.environ.get("PYTHONPATH")] if path]
    env = dict(os.environ, **environment, PYTHONPATH=os.pathsep.join(paths))
    print("Invoking script with the following command: %s" % " ".join(["python"] + argv[1:]), flush=True)
    child = subprocess.Popen(argv, cwd=code, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    return lifeline.exit_code(child.wait())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
