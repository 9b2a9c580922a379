"""The Task state: one attempt after another, each with its own token, time limits and size limits.

Replaces MiniStack's, which measures no sizes, ignores HeartbeatSeconds and expressions in TimeoutSeconds, keeps one
token for all attempts, and cannot be stopped. (SFN_MOCK_CONFIG, MiniStack's canned answers, is not supported here.)
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from typing import Any

from ministack.services import stepfunctions as sfn

from rehearsal.states import callbacks, caller, invoke, scope

MOST_BYTES = 262_144
"""Largest input, result or output of a state, in bytes of UTF-8 (Step Functions quotas)."""

CALLBACK = ".waitForTaskToken"
_log = logging.getLogger("rehearsal")

State = dict[str, Any]


def check_size(what: str, value: Any) -> None:
    """Raise States.DataLimitExceeded, which no wildcard catches, when a payload is too large."""
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()) > MOST_BYTES:
        raise sfn._ExecutionError("States.DataLimitExceeded", f"The state/task '{what}' returned a result with a size "
                                  "exceeding the maximum number of bytes service limit.")


class Attempt:
    """One call of a Task, settled by whichever comes first: its result, an error, or a callback."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._outcome: tuple[bool, Any] | None = None
        self._beat = time.monotonic()

    def succeed(self, result: Any) -> bool:
        return self._settle((True, result))

    def fail(self, error: sfn._ExecutionError) -> bool:
        return self._settle((False, error))

    def beat(self) -> None:
        """A heartbeat: the HeartbeatSeconds start anew."""
        with self._changed:
            self._beat = time.monotonic()
            self._changed.notify_all()

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _settle(self, outcome: tuple[bool, Any]) -> bool:
        with self._changed:
            if self._outcome is not None:
                return False
            self._outcome = outcome
            self._changed.notify_all()
            return True

    def wait(self, within: scope.Scope, timeout: float | None, heartbeat: float | None) -> Any:
        """The result. Raises the error, States.Timeout, States.HeartbeatTimeout, or ExecutionStopped."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self._outcome is None:
                within.check()
                now = time.monotonic()
                if deadline is not None and now >= deadline:
                    self._outcome = (False, sfn._ExecutionError("States.Timeout", ""))
                elif heartbeat is not None and now >= self._beat + heartbeat:
                    self._outcome = (False, sfn._ExecutionError("States.HeartbeatTimeout", ""))
                else:
                    ends = [end for end in (deadline, heartbeat and self._beat + heartbeat) if end]
                    self._changed.wait(min(ends) - now if ends else None)
        succeeded, value = self._outcome
        if not succeeded:
            raise value
        return value


def _seconds(state: State, field: str, raw_input: Any, ctx: State) -> float | None:
    """TimeoutSeconds or HeartbeatSeconds: a number, a JSONata expression, or (JSONPath) a `…Path`."""
    if field in state:
        value = state[field]
        if isinstance(value, str) and sfn._state_query_language(state, ctx) == "JSONata":
            value = sfn._jsonata_state_field(state, field, "number", raw_input, ctx)
    elif f"{field}Path" in state:
        value = sfn._resolve_path_or_ctx(state[f"{field}Path"], raw_input, ctx)
    else:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 or value != int(value):
        raise sfn._ExecutionError("States.Runtime", f"{field} must be a positive integer, but was {json.dumps(value)}")
    return float(value)


def _service(resource: str) -> tuple[str, str]:
    """A Task's resourceType and resource as the execution history shows them: ("sagemaker", "createModel")."""
    if not resource.startswith("arn:aws:states:::"):
        return "lambda", resource
    *kind, name = resource.removeprefix("arn:aws:states:::").split(":")
    return ":".join(kind), name


def execute_task(state: State, raw_input: Any, execution: State, ctx: State) -> tuple[Any, str | None]:
    """Run the state with its Retry and Catch; its output and the next state's name."""
    retries: dict[int, int] = {}
    while True:
        ctx["State"]["RetryCount"] = sum(retries.values())
        try:
            return _attempt(state, raw_input, execution, ctx)
        except sfn._ExecutionError as failure:
            retrier, index = sfn._find_matching_retrier(state.get("Retry", []), failure.error, retries)
            if retrier is None:
                return _caught(state, raw_input, ctx, failure)
            count = retries.get(index, 0)
            pause = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count
            sfn._scaled_sleep(min(pause, retrier.get("MaxDelaySeconds", pause)))
            retries[index] = count + 1


def _caught(state: State, raw_input: Any, ctx: State, failure: sfn._ExecutionError) -> tuple[Any, str]:
    catcher = sfn._find_matching_catcher(state.get("Catch", []), failure.error)
    if catcher is None:
        raise failure
    # Limits of the API: error 256, cause 32,768 characters.
    output = {"Error": str(failure.error)[:256], "Cause": str(failure.cause)[:32_768]}
    return sfn._apply_catcher(catcher, raw_input, ctx, sfn._state_query_language(state, ctx), output), catcher["Next"]


def _attempt(state: State, raw_input: Any, execution: State, ctx: State) -> tuple[Any, str | None]:
    scope.here().check()
    jsonata = sfn._state_query_language(state, ctx) == "JSONata"
    resource = state.get("Resource", "")
    kind, name = _service(resource)
    attempt, token = Attempt(), None
    if resource.endswith(CALLBACK):
        token = callbacks.issue(attempt)
        ctx["Task"] = {"Token": token}
    about = {"resourceType": kind, "resource": name}
    try:
        if jsonata:
            arguments = sfn._apply_jsonata_arguments(state, raw_input, ctx)
        else:
            arguments = sfn._apply_parameters(state, sfn._apply_input_path(state, raw_input, ctx), ctx)
        check_size(ctx["State"]["Name"], arguments)
        timeout = _seconds(state, "TimeoutSeconds", raw_input, ctx)
        heartbeat = _seconds(state, "HeartbeatSeconds", raw_input, ctx)
        machine = ctx.get("StateMachine", {}).get("Id", "")
        running = scope.Task(ctx.get("Execution", {}).get("Id", ""), machine, caller.role_of(machine),
                             ctx["State"]["Name"], len(execution.get("events", [])))
        sfn._add_event(execution, "TaskScheduled", {"taskScheduledEventDetails": {
            **about, "parameters": json.dumps(arguments, default=str)}})
        result = _run(attempt, running, resource, arguments, token, timeout, heartbeat)
        check_size(kind, result)
        sfn._add_event(execution, "TaskSucceeded", {"taskSucceededEventDetails": {
            **about, "output": json.dumps(result)}})
        return _output(state, raw_input, ctx, result, jsonata), sfn._next_or_end(state)
    except sfn._ExecutionError as failure:
        ended = "TimedOut" if failure.error in ("States.Timeout", "States.HeartbeatTimeout") else "Failed"
        sfn._add_event(execution, f"Task{ended}", {f"task{ended}EventDetails": {
            **about, "error": failure.error, "cause": failure.cause}})
        raise
    finally:
        if token is not None:
            callbacks.close(token)


def _output(state: State, raw_input: Any, ctx: State, result: Any, jsonata: bool) -> Any:
    if jsonata:
        output = sfn._apply_jsonata_output(state, raw_input, ctx, result=result, default=result)
        sfn._apply_state_assign(state, raw_input, ctx, result=result)
    else:
        output = sfn._apply_result_path(state, raw_input, sfn._apply_result_selector(state, result))
        output = sfn._apply_output_path(state, output, ctx)
    check_size(ctx["State"]["Name"], output)
    return output


def _run(attempt: Attempt, running: scope.Task, resource: str, arguments: Any, token: str | None,
         timeout: float | None, heartbeat: float | None) -> Any:
    within = scope.here()

    def work() -> None:
        scope.task.set(running)
        try:
            result = invoke.call(resource.removesuffix(CALLBACK), arguments)
            if token is None:
                attempt.succeed(result)
        except sfn._ExecutionError as failure:
            attempt.fail(failure)
        except Exception as failure:
            _log.exception("Task %s of %s broke", running.state, running.execution_arn)
            attempt.fail(sfn._ExecutionError("States.Runtime", f"{type(failure).__name__}: {failure}"))

    def stop() -> None:
        running.cancelled.set()
        attempt.wake()

    if not within.watch(stop):
        raise scope.ExecutionStopped
    try:
        # A copy of this thread's context carries the account, the region and the scope (MiniStack stores by them).
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True,
                         name=f"task-{running.state}").start()
        return attempt.wait(within, timeout, heartbeat)
    finally:
        within.forget(stop)
        running.cancelled.set()


def install() -> None:
    sfn._execute_task = execute_task
