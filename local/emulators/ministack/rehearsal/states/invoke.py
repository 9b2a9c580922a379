"""One Task's call: SageMaker by the stand-in, everything else by MiniStack once the role was asked."""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.services import stepfunctions as sfn

from rehearsal.states import errors, managed_rules, permissions, sagemaker

# A function that crashed, ran out of memory or ran too long has no error type of its own on AWS ("Handling errors in
# Step Functions workflows": Lambda.Unknown); MiniStack reports its sandbox's words.
_SANDBOX_ERRORS = frozenset({"Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory"})
_UNKNOWN_CAUSE = ("The cause could not be determined because Lambda did not return an error type. "
                  "Returned payload: ")


def _renamed(resource: str, failure: sfn._ExecutionError) -> sfn._ExecutionError:
    """The failure under the name AWS gives it, where MiniStack's differs."""
    family = permissions.family_of(resource)
    error, cause = str(failure.error), str(failure.cause)
    if family is None or error.startswith("States."):
        return failure
    if family.prefix == "Lambda":
        return sfn._ExecutionError("Lambda.Unknown", _UNKNOWN_CAUSE + cause) if error in _SANDBOX_ERRORS else failure
    if error == "SNS.PublishFailed":
        code, message = (_element(cause, "Code") or "InternalError", _element(cause, "Message") or cause)
    else:
        code, message = error.removeprefix(f"{family.prefix}."), cause
    if code.startswith("Amazon") or code.endswith(family.generic):
        return failure
    return sfn._ExecutionError(errors.optimised_name(family, code),
                               errors.optimised_cause(family, message, code, 400))


def _element(xml: str, name: str) -> str | None:
    found = re.search(rf"<{name}>(.*?)</{name}>", xml, re.DOTALL)
    return found.group(1) if found else None


def _child_failure(failure: sfn._ExecutionError, resource: str) -> sfn._ExecutionError:
    """A child that fails fails its caller with States.TaskFailed, whatever the child's own error was.

    MiniStack re-raises the child's error itself; AWS gives the child's description as the Cause.
    """
    cause = json.dumps({"Cause": str(failure.cause), "Error": str(failure.error), "Status": "FAILED"})
    return sfn._ExecutionError("States.TaskFailed", cause)


def call(resource: str, arguments: Any) -> Any:
    """Perform a Task's call under the state machine's role; `resource` without `.waitForTaskToken`."""
    if sagemaker.owns(resource):
        return sagemaker.invoke(resource, arguments)
    permissions.require(resource, arguments)
    managed_rules.require(resource)
    try:
        return _original(resource, arguments)
    except sfn._ExecutionError as failure:
        if ":states:startExecution.sync" in resource and not _is_start_refusal(failure):
            raise _child_failure(failure, resource) from None
        raise _renamed(resource, failure) from None


def _is_start_refusal(failure: sfn._ExecutionError) -> bool:
    return str(failure.error) in ("StateMachineDoesNotExist", "ValidationException", "InvalidName",
                                  "ExecutionAlreadyExists", "InvalidExecutionInput")


_original = sfn._invoke_resource


def install() -> None:
    sfn._invoke_resource = call
