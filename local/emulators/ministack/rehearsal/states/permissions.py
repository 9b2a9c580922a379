"""A Task may only do what the state machine's role may do.

MiniStack performs every integration with all rights. Here the role is asked first; a refusal fails the Task with the
error name and words AWS gives, so a grant that is missing is found before the account finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

from ministack import app as gateway
from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions as sfn

from rehearsal.states import caller, errors, scope

Need = tuple[str, str]
"""An IAM action and the resource it is asked for."""

_DENIED_CODE = {"sns": "AuthorizationError", "sqs": "AccessDenied", "s3": "AccessDenied", "iam": "AccessDenied",
                "cloudwatch": "AccessDenied", "sts": "AccessDenied", "ec2": "UnauthorizedOperation"}
"""Query and XML services answer with their own code; every other service says AccessDeniedException."""


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"


def function_arn(reference: str, qualifier: str | None = None) -> str:
    """The ARN of a function named by ARN, partial ARN (`111122223333:function:f`) or name, each with a qualifier."""
    arn = reference if reference.startswith("arn:") else _arn("lambda", f"function:{reference.split('function:')[-1]}")
    return f"{arn}:{qualifier}" if qualifier and arn.count(":") == 6 else arn


def _queue_arn(url: str) -> str:
    parts = url.rstrip("/").split("/")
    return f"arn:aws:sqs:{get_region()}:{parts[-2] if len(parts) > 1 else get_account_id()}:{parts[-1]}"


def _bus_arn(name: str | None) -> str:
    return name if name and name.startswith("arn:") else _arn("events", f"event-bus/{name or 'default'}")


def _table_arn(name: str) -> str:
    return name if name.startswith("arn:") else _arn("dynamodb", f"table/{name}")


def needs(resource: str, arguments: Any) -> Iterator[Need]:
    """What the role must be allowed, for the integrations that MiniStack serves by direct function calls."""
    given = arguments if isinstance(arguments, dict) else {}
    name = resource.removeprefix("arn:aws:states:::")
    service, _, operation = name.partition(":")
    if ":function:" in resource:
        yield "lambda:InvokeFunction", resource
    elif service == "lambda":
        yield "lambda:InvokeFunction", function_arn(str(given.get("FunctionName", "")), given.get("Qualifier"))
    elif service == "sns":
        yield "sns:Publish", given.get("TopicArn") or given.get("TargetArn") or "*"
    elif service == "sqs":
        yield "sqs:SendMessage", _queue_arn(str(given.get("QueueUrl", "")))
    elif service == "dynamodb":
        action = operation.split(".")[0]
        yield f"dynamodb:{action[:1].upper()}{action[1:]}", _table_arn(str(given.get("TableName", "")))
    elif service == "events":
        for bus in {_bus_arn(entry.get("EventBusName")) for entry in given.get("Entries", []) or [{}]}:
            yield "events:PutEvents", bus
    elif service == "states":
        machine = str(given.get("StateMachineArn", ""))
        yield "states:StartExecution", machine
        if ".sync" in operation:
            execution = machine.replace(":stateMachine:", ":execution:") + ":*"
            yield "states:DescribeExecution", execution
            yield "states:StopExecution", execution


def family_of(resource: str) -> errors.Family | None:
    """How an optimised integration, or a Task on a function ARN, names its errors; None for anything else."""
    if ":function:" in resource:
        return errors.OPTIMISED["lambda"]
    parts = resource.split(":")
    return errors.OPTIMISED.get(parts[5]) if resource.startswith("arn:aws:states:::") else None


def require(resource: str, arguments: Any) -> None:
    """Raise the Task's failure when the role lacks a grant for an optimised integration."""
    family = family_of(resource)
    if family is None:
        return
    for action, target in needs(resource, arguments):
        refused = caller.denial(action, target)
        if refused is not None:
            service = action.split(":")[0]
            code = _DENIED_CODE.get(service, refused.code)
            status = 403 if service in ("lambda", "sns", "sqs") else 400
            raise sfn._ExecutionError(errors.optimised_name(family, code),
                                      errors.optimised_cause(family, refused.message, code, status))


_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Every `aws-sdk:` integration reaches its service through this one call: ask IAM as for a real request."""

    def call_service_handler_sync(handler: Any, method: str, path: str, headers: dict[str, str], body: Any,
                                  query_params: dict[str, Any], timeout: float | None = None) -> Any:
        task = scope.task.get()
        signed_for = _CREDENTIAL.search(headers.get("authorization", ""))
        if task is None or signed_for is None:
            return original(handler, method, path, headers, body, query_params, timeout)
        _require_request(signed_for.group(1), method, path, headers, body, query_params)
        token = scope.task.set(None)  # what the service does for itself is not the Task's doing
        try:
            return original(handler, method, path, headers, body, query_params, timeout)
        finally:
            scope.task.reset(token)

    return call_service_handler_sync


# The IAM prefix's service as an aws-sdk resource ARN spells it, where they differ.
_SDK_SERVICE = {"states": "sfn", "events": "eventbridge", "monitoring": "cloudwatch", "logs": "cloudwatchlogs",
                "rds-data": "rdsdata"}


def _require_request(service: str, method: str, path: str, headers: dict[str, str], body: Any,
                     query_params: dict[str, Any]) -> None:
    raw = body.encode() if isinstance(body, str) else body or b""
    params = dict(query_params)
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        params.update(parse_qs(raw.decode(), keep_blank_values=True))
    action = iam_actions.extract_iam_action(service, method, path, headers, raw, params)
    if action is None:
        raise sfn._ExecutionError("States.Runtime", f"No IAM action is known for {method} {path} of {service}; add it "
                                  "in local/emulators/ministack/rehearsal/states/permissions.py.")
    target = iam_actions.extract_resource_arn(service, method, path, headers, raw, params, get_region(),
                                              get_account_id())
    context = iam_actions.request_tag_context(service, action, raw, params)
    if service == "dynamodb":
        context = {**context, **iam_actions.dynamodb_service_context(raw)}
    elif service == "s3":
        context = {**context, **iam_actions.s3_service_context(action, params, path, headers)}
    refused = caller.denial(action, target, context)
    if refused is not None:
        name = _SDK_SERVICE.get(service, service)
        code = _DENIED_CODE.get(name, refused.code)
        status = 403 if name in _DENIED_CODE else 400
        raise sfn._ExecutionError(errors.sdk_name(name, code), errors.sdk_cause(name, refused.message, status))


def install() -> None:
    gateway.call_service_handler_sync = _guarded(gateway.call_service_handler_sync)
