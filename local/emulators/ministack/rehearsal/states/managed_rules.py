"""The EventBridge rule behind each `.sync` integration.

Step Functions learns of a job's end by a rule it manages in the account, under the state machine's role. A role that
may not manage it is refused when the machine is created: `'<role>' is not authorized to create managed-rule`.
Rule names and the three actions: aws-cdk's `.sync` tasks, and AWS's "IAM policies for integrated services".
"""

from __future__ import annotations

import uuid

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions as sfn

from rehearsal import assume, authorize
from rehearsal.states import caller, scope

ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")

_RULES = {
    "sagemaker:createTrainingJob.sync": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob.sync": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    "sagemaker:createProcessingJob.sync": "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
    "sagemaker:createHyperParameterTuningJob.sync": "StepFunctionsGetEventsForSageMakerTuningJobsRule",
    "states:startExecution.sync": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}


def rule_of(resource: str) -> str | None:
    """The ARN of the rule a Task resource needs, or None."""
    name = resource.removeprefix("arn:aws:states:::").removesuffix(":2")
    rule = _RULES.get(name)
    return f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{rule}" if rule else None


def refusal(role_arn: str, resources: set[str], machine_arn: str) -> str | None:
    """AWS's message when `role_arn` may not manage the rules that `resources` need; None when it may."""
    rules = sorted({rule for rule in map(rule_of, resources) if rule})
    if not rules:
        return None
    probe = assume.assume(role_arn, caller.SERVICE, f"check-{uuid.uuid4().hex[:12]}", machine_arn)
    for rule in rules:
        for action in ACTIONS:
            # Step Functions is the manager; policies may ask for that.
            if authorize.check(probe.access_key, action, rule, {"events:ManagedBy": caller.SERVICE}):
                return f"'{role_arn}' is not authorized to create managed-rule."
    return None


def require(resource: str) -> None:
    """Fail the running Task when its role lost the grants after the machine was created."""
    task = scope.task.get()
    if task is None or rule_of(resource) is None:
        return
    problem = refusal(task.role_arn, {resource}, task.machine_arn)
    if problem is not None:
        raise sfn._ExecutionError("States.Permissions", problem)
