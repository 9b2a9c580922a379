"""`.sync`: create a SageMaker job, wait for its end, give its description as the Task's result.

Step Functions tags each such job `MANAGED_BY_AWS=STARTED_BY_STEP_FUNCTIONS` and therefore needs `sagemaker:AddTags`
beside Create, Describe and Stop, and `sagemaker:ListTags` (aws-cdk's policies; aws/aws-cdk issues 26012 and 27264).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions as sfn

from rehearsal.states import caller, errors, managed_rules, sagemaker, scope

POLL_SECONDS = 0.3
MANAGED_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}


@dataclass(frozen=True)
class Kind:
    """One kind of job: its name as in the API (`TrainingJob`) and in ARNs (`training-job`)."""

    api: str
    arn: str


KINDS = {
    "createTrainingJob": Kind("TrainingJob", "training-job"),
    "createTransformJob": Kind("TransformJob", "transform-job"),
    "createProcessingJob": Kind("ProcessingJob", "processing-job"),
}


def run(operation: str, arguments: Any) -> dict[str, Any]:
    """Run the job to its end. Raises States.TaskFailed with the description as Cause unless it Completed.

    The job is stopped, as far as the role allows, when the Task times out or its execution is stopped.
    """
    kind = KINDS[operation]
    managed_rules.require(f"arn:aws:states:::sagemaker:{operation}.sync")
    given = dict(arguments) if isinstance(arguments, dict) else arguments
    if isinstance(given, dict):
        _require_tagging(kind, str(given.get(f"{kind.api}Name", "")))
        tags = given.get("Tags")
        given["Tags"] = [*tags, MANAGED_TAG] if isinstance(tags, list) else [MANAGED_TAG] if tags is None else tags
    sagemaker.call("sagemaker", operation, given, optimised=True)
    name = {f"{kind.api}Name": given[f"{kind.api}Name"]}
    task = scope.task.get()
    while True:
        description = sagemaker.call("sagemaker", f"describe{kind.api}", name, optimised=True)
        status = description.get(f"{kind.api}Status")
        if status == "Completed":
            return description
        if status in ("Failed", "Stopped"):
            # Whether AWS fails the Task for a job that ends Stopped is not documented; failing is the safe reading.
            raise sfn._ExecutionError("States.TaskFailed", json.dumps(description, separators=(",", ":")))
        if task is not None and task.cancelled.wait(POLL_SECONDS):
            _stop(kind, name)
            raise scope.ExecutionStopped


def _require_tagging(kind: Kind, name: str) -> None:
    job = f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind.arn}/{name.lower()}"
    family = errors.OPTIMISED["sagemaker"]
    wanted = (("sagemaker:AddTags", {"aws:TagKeys": [MANAGED_TAG["Key"]],
                                     f"aws:RequestTag/{MANAGED_TAG['Key']}": MANAGED_TAG["Value"]}),
              ("sagemaker:ListTags", None))
    for action, context in wanted:
        refused = caller.denial(action, job, context)
        if refused is not None:
            raise sfn._ExecutionError(errors.optimised_name(family, refused.code),
                                      errors.optimised_cause(family, refused.message, refused.code, 400))


def _stop(kind: Kind, name: dict[str, Any]) -> None:
    try:
        sagemaker.call("sagemaker", f"stop{kind.api}", name, optimised=True)
    except sfn._ExecutionError:
        pass  # best effort, as on AWS: the job may have ended, or the role may not stop it
