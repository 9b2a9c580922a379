"""Errors of Lambda functions under their own names.

On AWS a function that throws reports `errorType` (the error's name), and Step Functions matches Retry and Catch by it.
MiniStack's workers report every error as `Runtime.HandlerError` and are killed by it. Here the worker tells the name
and lives on, as an execution environment does after a handled error; one that exits is `Runtime.ExitError`.
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

# Pairs of MiniStack's text and ours. Node's error payload on AWS is {errorType, errorMessage, trace}; Python's has
# stackTrace instead of trace.
_NODE = ('''            status: "error", error: String(err.message || err), trace: err.stack || ""
''', '''            status: "ok", result: null, functionError: {
              errorType: err instanceof Error ? err.name : typeof err,
              errorMessage: err instanceof Error ? err.message : String(err),
              trace: String(err.stack || "").split("\\n")
            }
''')
_NODE_SYNC = ('''        status: "error", error: e.message, trace: e.stack
''', '''        status: "ok", result: null, functionError: {
          errorType: e instanceof Error ? e.name : typeof e,
          errorMessage: e instanceof Error ? e.message : String(e),
          trace: String((e && e.stack) || "").split("\\n")
        }
''')
_PYTHON = ('''{"status": "error", "error": str(e), "trace": traceback.format_exc()}''',
           '''{"status": "ok", "result": None, "functionError": {"errorType": type(e).__name__, '''
           '''"errorMessage": str(e), "stackTrace": traceback.format_exc().splitlines()}}''')
SCRIPTS = {"_NODEJS_WORKER_SCRIPT": (_NODE, _NODE_SYNC), "_PYTHON_WORKER_SCRIPT": (_PYTHON,)}

_DIED = frozenset({"Worker process died", "Worker returned no response"})
_thread = threading.local()


def faults() -> list[str]:
    """Which of the texts to replace a MiniStack of another version no longer has."""
    return [f"ministack.core.lambda_runtime.{name} lacks {old.strip()[:60]!r}"
            for name, pairs in SCRIPTS.items() for old, _ in pairs
            if getattr(lambda_runtime, name, "").count(old) != 1]


def _invoke(self: lambda_runtime.Worker, *args: Any, **kwargs: Any) -> dict[str, Any]:
    response = _original_invoke(self, *args, **kwargs)
    _thread.error = response.get("functionError")
    return response


def _execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    _thread.error = None
    outcome = _original_execute(func, event, request_id)
    error = _thread.error
    if error is not None:
        trace = error.get("trace") or error.get("stackTrace") or []
        log = "\n".join(filter(None, [outcome.get("log", ""), *trace]))
        return {"body": error, "error": True, "log": log}
    body = outcome.get("body")
    if outcome.get("error") and isinstance(body, dict) and body.get("errorMessage") in _DIED:
        body.update(errorType="Runtime.ExitError",
                    errorMessage=f"RequestId: {request_id} Error: Runtime exited without providing a reason")
    return outcome


_original_invoke = lambda_runtime.Worker.invoke
_original_execute = lambda_svc._execute_function_warm


def install() -> None:
    for name, pairs in SCRIPTS.items():
        script = getattr(lambda_runtime, name)
        for old, new in pairs:
            script = script.replace(old, new)
        setattr(lambda_runtime, name, script)
    lambda_runtime.Worker.invoke = _invoke
    lambda_svc._execute_function_warm = _execute_function_warm
