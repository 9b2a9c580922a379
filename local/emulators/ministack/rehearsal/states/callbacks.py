"""Task tokens: issued once per attempt, good until the attempt ends, refused afterwards as AWS refuses them."""

from __future__ import annotations

import base64
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions as sfn

if TYPE_CHECKING:
    from rehearsal.states.tasks import Attempt

_MOST_OUTPUT = 262_144
_open: dict[str, Attempt] = {}
_closed: set[str] = set()
_lock = threading.Lock()


def issue(attempt: Attempt) -> str:
    """A new token. Like AWS's it holds `/`, `+` and `=`, so code that forgets to encode it in a URL fails here too."""
    token = "AQCEAAAAKgAAAAMAAAAA/+" + base64.b64encode(os.urandom(300)).decode() + "=="
    with _lock:
        _open[token] = attempt
    return token


def close(token: str) -> None:
    """The attempt is over; the token is known but of no use any more."""
    with _lock:
        _open.pop(token, None)
        _closed.add(token)


def forget_all() -> None:
    with _lock:
        _open.clear()
        _closed.clear()


def _find(token: Any) -> Attempt | tuple[int, dict[str, str], bytes] | None:
    """The attempt; or AWS's refusal; or None for a token of an activity, which MiniStack handles itself."""
    with _lock:
        attempt = _open.get(token)
        closed = token in _closed
    if attempt is not None:
        return attempt
    if closed:
        return _timed_out()
    if token in sfn._task_tokens:
        return None
    return error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)


def _timed_out() -> tuple[int, dict[str, str], bytes]:
    # AWS's words for every token whose task has ended, by whatever way.
    return error_response_json("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)


def send_task_success(data: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    output = data.get("output")
    try:
        result = json.loads(output) if isinstance(output, str) else None
        valid = isinstance(output, str)
    except ValueError:
        result, valid = None, False
    if not valid:
        return error_response_json("InvalidOutput", "Invalid Output: the output must be JSON", 400)
    if len(output.encode()) > _MOST_OUTPUT:
        return error_response_json("ValidationException", "1 validation error detected: Value at 'output' failed to "
                                   "satisfy constraint: Member must have length less than or equal to "
                                   f"{_MOST_OUTPUT}", 400)
    found = _find(data.get("taskToken"))
    if found is None:
        return _success(data)
    if isinstance(found, tuple):
        return found
    return json_response({}) if found.succeed(result) else _timed_out()


def send_task_failure(data: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    found = _find(data.get("taskToken"))
    if found is None:
        return _failure(data)
    if isinstance(found, tuple):
        return found
    failed = found.fail(sfn._ExecutionError(data.get("error", ""), data.get("cause", "")))
    return json_response({}) if failed else _timed_out()


def send_task_heartbeat(data: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    found = _find(data.get("taskToken"))
    if found is None:
        return _heartbeat(data)
    if isinstance(found, tuple):
        return found
    found.beat()
    return json_response({})


_success, _failure, _heartbeat = sfn._send_task_success, sfn._send_task_failure, sfn._send_task_heartbeat


def install() -> None:
    sfn._send_task_success = send_task_success
    sfn._send_task_failure = send_task_failure
    sfn._send_task_heartbeat = send_task_heartbeat
