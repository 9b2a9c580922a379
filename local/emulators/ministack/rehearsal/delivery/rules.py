"""EventBridge rules and schedules reach their targets only as their grants allow.

A rule reaches a function, queue or topic by the target's policy (principal events.amazonaws.com, the rule as
`aws:SourceArn`), or by the target's RoleArn where it has one; a state machine always by RoleArn. EventBridge does not
try again without permission: the event goes straight to the target's dead-letter queue, when that queue lets it in, and
else is lost (EventBridge user guide, rule-dlq). A schedule reaches everything by its role, the queue included.

Functions are called asynchronously, as on AWS: their errors are tried again and end at their failure destination.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eventbridge, lambda_svc

from rehearsal.delivery import grants, queues

_NAMESPACE = "AWS/Events"
_Json = dict[str, Any]


def _is_schedule(rule: _Json) -> bool:
    return str(rule.get("Arn", "")).startswith("arn:aws:scheduler:")


def _sender(rule: _Json) -> grants.Sender:
    if _is_schedule(rule):
        # A schedule's role is assumed for its group (EventBridge Scheduler user guide, confused deputy prevention).
        group = rule.get("GroupName") or "default"
        source = f"arn:aws:scheduler:{get_region()}:{get_account_id()}:schedule-group/{group}"
        return grants.Sender("scheduler.amazonaws.com", source)
    return grants.Sender("events.amazonaws.com", str(rule.get("Arn", "")))


def _refusal(target: _Json, rule: _Json) -> grants.Refusal | None:
    arn, role = str(target.get("Arn", "")), str(target.get("RoleArn") or "")
    action = grants.action_for(arn)
    if action is None:
        return None  # MiniStack says itself that it has no such target
    if _is_schedule(rule) or role or action in ("states:StartExecution", "events:InvokeApiDestination"):
        return grants.by_role(_sender(rule), arn, role)
    if action == "events:PutEvents":
        return None  # a bus of the same account without a role: what AWS asks for there was not verified
    return grants.by_policy(_sender(rule), arn)


def _invoke_target(target: _Json, event: _Json, rule: _Json, view: Any = None) -> None:
    refusal = _refusal(target, rule)
    if refusal is None:
        _invoke(target, event, rule, view)
        return
    kind = "schedule" if _is_schedule(rule) else "rule"
    grants.note(f"{kind} {rule.get('Name')} → {target.get('Arn')}", refusal)
    _count(rule, "FailedInvocations")
    _bury(target, event, rule, view, refusal)


def _bury(target: _Json, event: _Json, rule: _Json, view: Any, refusal: grants.Refusal) -> None:
    queue = str((target.get("DeadLetterConfig") or {}).get("Arn") or "")
    if not queue:
        return
    schedule = _is_schedule(rule)
    blocked = (grants.by_role(_sender(rule), queue, str(target.get("RoleArn") or "")) if schedule
               else grants.by_policy(_sender(rule), queue))
    if blocked is None:
        view = view or eventbridge._pattern_event_view(event)
        queues.put(queue, json.dumps(view.event_with_detail()), {
            "RULE_ARN": "" if schedule else str(rule.get("Arn", "")), "TARGET_ARN": str(target.get("Arn", "")),
            "ERROR_CODE": refusal.code, "ERROR_MESSAGE": refusal.message})
    else:
        grants.note(f"dead letter of {rule.get('Name')} → {queue}", blocked)
    _count(rule, "InvocationsSentToDlq" if blocked is None else "InvocationsFailedToBeSentToDlq")


def _count(rule: _Json, metric: str) -> None:
    if not _is_schedule(rule):
        cloudwatch.record_metric(_NAMESPACE, metric, 1, "Count", {"RuleName": str(rule.get("Name", ""))})


def _dispatch_to_lambda(arn: str, payload: str) -> None:
    """MiniStack's calls the function once and forgets the outcome."""
    func, config, _name = lambda_svc._get_func_record_for_ref(arn)
    if func and config:
        lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), json.loads(payload))


_invoke = eventbridge._invoke_target


def install() -> None:
    eventbridge._invoke_target = _invoke_target
    eventbridge._dispatch_to_lambda = _dispatch_to_lambda
