"""The pure half of script mode: from a job's configuration files to a script's arguments and environment.

Follows the observable behaviour of sagemaker-training 5.1.4, which AWS's scikit-learn container runs. Run as
`script_mode.py` it reads {"base", "hyperparameters", "channels", "resources", "environ"} from stdin and prints
{"program", "source", "arguments", "environment"} (for tests and for a look).
"""

import json
import os
import re
import sys

RESERVED_PREFIX = "sagemaker_"
ENTRY_POINT = re.compile(r"^[A-Za-z0-9._][A-Za-z0-9._+-]*(/[A-Za-z0-9._+-]+)*$")


class ScriptModeError(Exception):
    """The job's configuration does not name a runnable script; the message says why."""


def decode(hyperparameters):
    """Every value is JSON where it parses as JSON, and itself where it does not."""
    decoded = {}
    for key, value in hyperparameters.items():
        try:
            decoded[key] = json.loads(value)
        except (ValueError, TypeError):
            decoded[key] = value
    return decoded


def split(decoded):
    """(those meant for the toolkit, those meant for the script)."""
    ours = {k: v for k, v in decoded.items() if k.startswith(RESERVED_PREFIX) or k == "_tuning_objective_metric"}
    return ours, {k: v for k, v in decoded.items() if k not in ours}


def _argument(value):
    if value is None:
        return ""
    if isinstance(value, dict):
        return ",".join("%s=%s" % item for item in sorted(value.items()))
    return str(value)


def arguments(hyperparameters):
    """`--name value` for each, sorted by name; `-n value` for a name of one letter."""
    result = []
    for key in sorted(hyperparameters):
        result += [("--%s" if len(key) > 1 else "-%s") % key, _argument(hyperparameters[key])]
    return result


def as_text(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def check_program(name):
    """The script's name must be a plain path inside the source folder."""
    if not name:
        raise ScriptModeError("hyperparameter sagemaker_program is missing: it names the script to run, e.g. train.py")
    if not ENTRY_POINT.match(name) or any(part in (".", "..") for part in name.split("/")):
        raise ScriptModeError("hyperparameter sagemaker_program is %r: it must be a plain path inside the source, e.g. train.py" % name)
    return name


def plan(base, hyperparameters, channels, resources, environ):
    """What to run and with what. `base` stands for /opt/ml; `environ` is the container's environment (for the job's name)."""
    decoded = decode(hyperparameters)
    ours, theirs = split(decoded)
    program = check_program(str(ours.get("sagemaker_program") or environ.get("SAGEMAKER_PROGRAM") or ""))
    source = str(ours.get("sagemaker_submit_directory") or os.path.join(base, "code"))
    module = program[:-3] if program.endswith(".py") else program
    args = arguments(theirs)
    hosts, host = resources["hosts"], resources["current_host"]
    folder = lambda *parts: os.path.join(base, *parts)  # noqa: E731
    channel_folders = {name: folder("input", "data", name) for name in channels}
    sm = {
        "hosts": hosts,
        "current_host": host,
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "current_instance_type": resources.get("current_instance_type", "local"),
        "current_instance_group": resources.get("current_group_name", "homogeneousCluster"),
        "instance_groups": [group["instance_group_name"] for group in resources.get("instance_groups", [])],
        "hps": theirs,
        "user_entry_point": program,
        "framework_params": {k: v for k, v in ours.items() if k not in REGISTERED},
        "resource_config": resources,
        "input_data_config": channels,
        "channels": sorted(channels),
        "module_name": module,
        "module_dir": source,
        "log_level": ours.get("sagemaker_container_log_level", 20),
        "framework_module": environ.get("SAGEMAKER_TRAINING_MODULE", "sagemaker_sklearn_container.training:main"),
        "input_dir": folder("input"),
        "input_config_dir": folder("input", "config"),
        "output_dir": folder("output"),
        "output_data_dir": folder("output", "data"),
        "output_intermediate_dir": folder("output", "intermediate"),
        "model_dir": folder("model"),
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "num_neurons": 0,
        "user_args": args,
    }
    whole = dict(sm, hyperparameters=theirs, channel_input_dirs=channel_folders, job_name=environ.get("TRAINING_JOB_NAME", ""))
    whole = {k: v for k, v in whole.items() if k not in ("hps", "user_args", "channels")}
    environment = {"SM_" + name.upper(): as_text(value) for name, value in sm.items()}
    environment["SM_TRAINING_ENV"] = as_text(whole)
    for name, path in channel_folders.items():
        environment["SM_CHANNEL_" + name.upper()] = path
    for name, value in theirs.items():
        environment["SM_HP_" + name.upper()] = as_text(value)
    return {"program": program, "source": source, "arguments": args, "environment": environment}


REGISTERED = (
    "sagemaker_program",
    "sagemaker_submit_directory",
    "sagemaker_region",
    "sagemaker_container_log_level",
    "sagemaker_job_name",
    "sagemaker_s3_output",
    "sagemaker_enable_cloudwatch_metrics",
    "_tuning_objective_metric",
)

if __name__ == "__main__":
    given = json.load(sys.stdin)
    try:
        print(json.dumps(plan(given["base"], given["hyperparameters"], given["channels"], given["resources"], given["environ"])))
    except ScriptModeError as fault:
        print(json.dumps({"error": str(fault)}))
