"""The state machine's role at work: its session, and whether it may do what a Task asks."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import stepfunctions as sfn

from rehearsal import assume, authorize
from rehearsal.states import scope

SERVICE = "states.amazonaws.com"


def role_of(machine_arn: str) -> str:
    """The role ARN of a state machine; empty for one that is gone."""
    return (sfn._state_machines.get(machine_arn) or {}).get("roleArn", "")


def session() -> assume.Session:
    """Credentials of the running Task's state machine role.

    Raises States.Permissions when the role does not trust Step Functions (any more); AWS's name for that case at run
    time is not documented.
    """
    task = scope.task.get()
    if task is None:
        raise sfn._ExecutionError("States.Runtime", "no Task is running in this thread")
    if task.session is None:
        try:
            # AWS names these sessions by 32 random letters; the state is easier to find in a message.
            name = "".join(letter if letter.isalnum() else "-" for letter in task.state)[:64] or "task"
            task.session = assume.assume(task.role_arn, SERVICE, name, task.machine_arn or None)
        except assume.NotAssumable as problem:
            raise sfn._ExecutionError("States.Permissions", str(problem)) from None
    return task.session


def denial(action: str, resource: str, context: dict[str, Any] | None = None) -> authorize.Denial | None:
    """Why the running Task's role may not do this, or None."""
    return authorize.check(session().access_key, action, resource, context, get_region())
