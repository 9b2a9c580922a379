"""State machines and executions: what AWS checks at creation, at start, and when time is up.

- Create and Update (by API and by CloudFormation) refuse a role Step Functions cannot assume, a role that may not
  manage the rules of `.sync` Tasks, and SageMaker integrations that do not exist.
- StartExecution is idempotent for a running execution of the same name and input.
- StopExecution and the machine's TimeoutSeconds end what runs, and nothing overwrites the status afterwards.
- What an execution's own event starts by a rule is no part of that execution, and does not end with it.
"""

from __future__ import annotations

import contextvars
import json
import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, now_iso
from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners

from rehearsal import assume
from rehearsal.states import caller, callbacks, managed_rules, sagemaker, scope, tasks

Response = tuple[int, dict[str, str], bytes]
_running: dict[str, scope.Scope] = {}
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def _tasks(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each Task's Resource and where it stands in the definition."""
    if isinstance(node, dict):
        if node.get("Type") == "Task" and isinstance(node.get("Resource"), str):
            yield node["Resource"], f"{path}/Resource"
        for key, value in node.items():
            yield from _tasks(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _tasks(value, f"{path}[{index}]")


def fault(definition_text: str, role_arn: str, machine_arn: str) -> tuple[str, str] | None:
    """Why AWS refuses to create this machine: error code and message; or None."""
    try:
        definition = json.loads(definition_text)
    except (TypeError, ValueError) as problem:
        return "InvalidDefinition", f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {problem}'"
    found = list(_tasks(definition))
    unknown = [f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized. The value is not a "
               f"valid resource ARN, or the resource is not available in this region. at {path}"
               for resource, path in found if sagemaker.owns(resource) and sagemaker.unsupported(resource)]
    if unknown:
        return "InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(unknown)}'"
    problem = assume.refusal(role_arn, caller.SERVICE, machine_arn)
    if problem is not None:
        return problem.code, str(problem)
    refused = managed_rules.refusal(role_arn, {resource for resource, _ in found}, machine_arn)
    return ("AccessDeniedException", refused) if refused else None


def _machine_arn(name: str) -> str:
    return f"arn:aws:states:{get_region()}:{get_account_id()}:stateMachine:{name}"


def _create_state_machine(data: dict[str, Any]) -> Response:
    found = fault(data.get("definition", ""), data.get("roleArn", ""), _machine_arn(data.get("name", "")))
    return error_response_json(*found, 400) if found else _create(data)


def _update_state_machine(data: dict[str, Any]) -> Response:
    machine = sfn._state_machines.get(data.get("stateMachineArn"))
    if machine is not None:
        found = fault(data.get("definition") or machine["definition"], data.get("roleArn") or machine["roleArn"],
                      machine["stateMachineArn"])
        if found:
            return error_response_json(*found, 400)
    return _update(data)


def _create_by_cloudformation(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    """MiniStack writes the record without any check; the resource handler on AWS calls CreateStateMachine."""
    name = props.get("StateMachineName") or ""
    found = fault(provisioners._sfn_definition(props), props.get("RoleArn", ""), _machine_arn(name))
    if found is None and name and _machine_arn(name) in sfn._state_machines:
        found = "StateMachineAlreadyExists", f"State Machine Already Exists: '{_machine_arn(name)}'"
    if found is not None:
        code, message = found
        raise ValueError(f'Resource handler returned message: "{message} (Service: AWSStepFunctions; Status Code: 400; '
                         f'Error Code: {code}; Request ID: {uuid.uuid4()}; Proxy: null)"')
    return _cloudformation_create(logical_id, props, stack_name)


def _start_execution(data: dict[str, Any]) -> Response:
    name, given = data.get("name"), data.get("input", "{}")
    if name is not None and not _NAME.fullmatch(name):
        return error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
    try:
        json.loads(given)
    except (TypeError, ValueError) as problem:
        return error_response_json(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'", 400)
    if len(given.encode()) > tasks.MOST_BYTES:
        return error_response_json("ValidationException", "1 validation error detected: Value at 'input' failed to "
                                   "satisfy constraint: Member must have length less than or equal to "
                                   f"{tasks.MOST_BYTES}", 400)
    machine = sfn._state_machines.get(sfn._resolve_state_machine_arn(data.get("stateMachineArn", "")) or "")
    if name is not None and machine is not None:
        arn = machine["stateMachineArn"].replace(":stateMachine:", ":execution:") + f":{name}"
        existing = sfn._executions.get(arn)
        if existing is not None and existing["status"] == "RUNNING" and existing["input"] == given:
            return json_response({"executionArn": arn, "startDate": existing["startDate"]})
    return _start(data)


def _stop_execution(data: dict[str, Any]) -> Response:
    response = _stop(data)
    if response[0] == 200 and (running := _running.get(data.get("executionArn", ""))):
        running.stop()
    return response


def _test_state(data: dict[str, Any]) -> Response:
    """TestState runs one Task under the role it is given."""
    token = scope.task.set(scope.Task("", "", data.get("roleArn", ""), data.get("stateName") or "TestState", 0))
    try:
        return _test(data)
    finally:
        scope.task.reset(token)


def _run_execution(execution_arn: str) -> None:
    """Run to the end, in a scope of its own inside the caller's (a `.sync` parent stops its child)."""
    execution = sfn._executions.get(execution_arn)
    if execution is None:
        return
    own = scope.Scope(parent=scope.current.get())
    token = scope.current.set(own)
    _running[execution_arn] = own
    timer = _limit(execution, own)
    try:
        _run(execution_arn)
    except scope.ExecutionStopped:
        if execution["status"] == "RUNNING":
            _end(execution, "ABORTED", "ExecutionAborted", None)
    finally:
        if timer is not None:
            timer.cancel()
        own.stop()
        own.close()
        scope.current.reset(token)
        _running.pop(execution_arn, None)


def _limit(execution: dict[str, Any], own: scope.Scope) -> threading.Timer | None:
    """The machine's own TimeoutSeconds, which MiniStack does not know."""
    machine = sfn._state_machines.get(execution["stateMachineArn"]) or {}
    seconds = json.loads(machine.get("definition") or "{}").get("TimeoutSeconds")
    if not isinstance(seconds, int | float):
        return None

    def expire() -> None:
        if execution["status"] == "RUNNING":
            _end(execution, "TIMED_OUT", "ExecutionTimedOut", "States.Timeout")
            own.stop()

    timer = threading.Timer(seconds, contextvars.copy_context().run, (expire,))
    timer.daemon = True
    timer.start()
    return timer


def _end(execution: dict[str, Any], status: str, event: str, error: str | None) -> None:
    execution.update(status=status, stopDate=now_iso(), **({"error": error} if error else {}))
    details = f"{event[0].lower()}{event[1:]}EventDetails"
    sfn._add_event(execution, event, {details: {"error": error} if error else {}})
    sfn._emit_execution_status_event(execution)


def _emit_status(execution: dict[str, Any]) -> None:
    """MiniStack delivers the event on the execution's own thread; a machine that a rule starts must not inherit its scope."""

    def outside() -> None:
        scope.current.set(None)
        scope.task.set(None)
        _emit(execution)

    contextvars.copy_context().run(outside)


def _fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
    if execution["status"] == "RUNNING":
        _fail(execution, error, cause)


def _reset() -> None:
    for running in list(_running.values()):
        running.stop()
    _reset_store()
    callbacks.forget_all()


_create, _update, _start, _stop = (
    sfn._create_state_machine, sfn._update_state_machine, sfn._start_execution, sfn._stop_execution)
_test = sfn._test_state
_run, _fail, _reset_store = sfn._run_execution, sfn._fail_execution, sfn.reset
_emit = sfn._emit_execution_status_event
_cloudformation_create = provisioners._sfn_state_machine_create


def install() -> None:
    sfn._create_state_machine = _create_state_machine
    sfn._update_state_machine = _update_state_machine
    sfn._start_execution = _start_execution
    sfn._stop_execution = _stop_execution
    sfn._test_state = _test_state
    sfn._run_execution = _run_execution
    sfn._fail_execution = _fail_execution
    sfn._emit_execution_status_event = _emit_status
    sfn.reset = _reset
    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]["create"] = _create_by_cloudformation
    provisioners._sfn_state_machine_create = _create_by_cloudformation
