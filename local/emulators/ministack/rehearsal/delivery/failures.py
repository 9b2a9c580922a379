"""What an asynchronously called function failed is kept only where the function's role may send it.

Failure destinations and dead-letter queues are written with the execution role (Lambda developer guide, "Capturing
records of Lambda asynchronous invocations"); without the grant the record is dropped and counted.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch, lambda_svc

from rehearsal.delivery import grants


def _route_async_failure(target_arn: str, func_name: str, event: dict[str, Any], result: dict[str, Any]) -> None:
    config = (lambda_svc._functions.get(func_name) or {}).get("config") or {}
    sender = grants.Sender("lambda.amazonaws.com", config.get("FunctionArn", ""))
    refusal = None
    if grants.action_for(target_arn) is not None:
        refusal = grants.by_role(sender, target_arn, config.get("Role", ""))
    if refusal is None:
        _route(target_arn, func_name, event, result)
        return
    grants.note(f"failure of function {func_name} → {target_arn}", refusal)
    dead_letter = (config.get("DeadLetterConfig") or {}).get("TargetArn") == target_arn
    metric = "DeadLetterErrors" if dead_letter else "DestinationDeliveryFailures"
    cloudwatch.record_metric("AWS/Lambda", metric, 1, "Count", {"FunctionName": func_name})


_route = lambda_svc._route_async_failure


def install() -> None:
    lambda_svc._route_async_failure = _route_async_failure
