"""May this caller do this?  Answered by MiniStack's own IAM evaluator, in AWS's words.

Serves `POST /_rehearsal/authorize` and the Step Functions repairs. Identity policies, permissions boundaries, session
policies and (where the service keeps them in MiniStack) resource policies all count, as in a real request.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region

# The service name under which MiniStack words authentication failures as a JSON 1.1 service does.
_JSON_SERVICE = "ssm"
_JSON_HEADERS = {"x-amz-target": "json"}


class BadRequest(ValueError):
    """The question itself is malformed; the message says which field."""


@dataclass(frozen=True)
class Denial:
    """Why a call is refused: AWS's error code and message, and who asked (empty when unknown)."""

    code: str
    message: str
    principal_arn: str = ""


def context_values(context: dict[str, Any] | None) -> dict[str, Any]:
    """Condition keys as the evaluator compares them: lower-case names, text values.

    A list stays multi-valued, numbers and booleans become text, and null or an empty list means that the key is absent
    (IAM treats a key without values as not present: `Null` is true for it).
    """
    values: dict[str, Any] = {}
    for key, value in (context or {}).items():
        if value is None or value == []:
            continue
        values[key.lower()] = [_text(item) for item in value] if isinstance(value, list) else _text(value)
    return values


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def check(access_key: str, action: str, resource: str, context: dict[str, Any] | None = None,
          region: str | None = None) -> Denial | None:
    """None when the holder of `access_key` may perform `action` (`prefix:Name`) on `resource`; else the refusal."""
    if not access_key:
        return _authentication_denial("MissingAuthenticationToken", "Missing Authentication Token")
    # A background thread inherits the request that started it: its signature is not this caller's.
    if (pinned := iam_evaluator._signed_request.get()) is not None and pinned.access_key_id != access_key:
        iam_evaluator._signed_request.set(None)
    iam_evaluator._anonymous.set(False)
    service = _service(action)
    outcome = iam_evaluator.enforce(access_key, action, service, region or get_region(), resource_arn=resource,
                                    service_context=context_values(context))
    if outcome is None:
        return None
    if isinstance(outcome, iam_evaluator.AuthError):
        return _authentication_denial(outcome.code, outcome.message)
    if outcome.resource_policy_arn:
        message = iam_actions._resource_policy_denial(service, action, outcome.principal_arn,
                                                      outcome.resource_policy_arn)
        return Denial("AccessDeniedException", message, outcome.principal_arn)
    return Denial("AccessDeniedException", _worded(access_key, action, resource, context, outcome),
                  outcome.principal_arn)


def _service(action: str) -> str:
    """MiniStack's service name for an IAM prefix (`cloudwatch` is served as `monitoring`); itself when unknown."""
    prefix = action.partition(":")[0]
    return next((name for name, space in iam_actions.SERVICE_TO_IAM_NAMESPACE.items() if space == prefix), prefix)


def _authentication_denial(code: str, message: str) -> Denial:
    named, _status, text = iam_actions._auth_failure(_JSON_SERVICE, code, message, _JSON_HEADERS)
    return Denial(named, text)


def _worded(access_key: str, action: str, resource: str, context: dict[str, Any] | None,
            outcome: iam_evaluator.EvalResult) -> str:
    """AWS's message: it names the kind of policy that decided (IAM user guide, "access denied message examples")."""
    explicit = outcome.decision == "Deny"
    plain = iam_actions.identity_denial_message(action, outcome.principal_arn, resource, explicit)
    principal = iam_evaluator.resolve_principal(access_key, get_account_id())
    if isinstance(principal, iam_evaluator.AuthError) or not principal.limits:
        return plain
    asked = iam_evaluator.EvalContext(
        principal_arn=principal.arn, principal_type=principal.type, principal_account=principal.account,
        action=action, resource_arn=resource, region=get_region(),
        service_context=context_values(context), principal_keys=principal.keys)
    effect = "Deny" if explicit else "Allow"

    def decides(layer: list[list[iam_evaluator.ParsedStatement]]) -> bool:
        return iam_evaluator._first_match(asked, [stmt for doc in layer for stmt in doc], effect) is not None

    # An explicit deny: the first layer that matches. An implicit one: the first layer without an allow.
    if decides(principal.policies or []) == explicit:
        return plain
    layer = next((layer for layer in principal.limits if decides(layer) == explicit), None)
    if layer is None:
        return plain
    session = principal.type == "AssumedRole" and layer is principal.limits[-1] and _has_session_policy(access_key)
    kind = "session policy" if session else "permissions boundary"
    reason = f"with an explicit deny in a {kind}" if explicit else f"because no {kind} allows the {action} action"
    return f"User: {outcome.principal_arn} is not authorized to perform: {action} on resource: {resource} {reason}"


def _has_session_policy(access_key: str) -> bool:
    from ministack.services import sts

    return bool((sts._sessions.get(access_key) or {}).get("SessionPolicies"))


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The body of `/_rehearsal/authorize`: `{accessKeyId, action, resource, context?, region?, request?}`."""
    for field in ("action", "resource"):
        if not isinstance(question.get(field), str) or not question[field]:
            raise BadRequest(f"{field} must be a non-empty string, got {question.get(field)!r}")
    access_key = question.get("accessKeyId") or ""
    if question.get("request") is not None and not iam_evaluator.is_root_access_key(access_key):
        _pin(question["request"])
    denial = check(access_key, question["action"], question["resource"], question.get("context"),
                   question.get("region"))
    if denial is not None:
        return {"allowed": False, "code": denial.code, "message": denial.message,
                "principalArn": denial.principal_arn}
    principal = iam_evaluator.resolve_principal(access_key, get_account_id())
    return {"allowed": True, "principalArn": getattr(principal, "arn", "")}


def _pin(request: dict[str, Any]) -> None:
    """Hand the request over as it arrived, so that its signature, date and session token are verified."""
    query = request.get("query") or ""
    params = ({key: value if isinstance(value, list) else [value] for key, value in query.items()}
              if isinstance(query, dict) else parse_qs(str(query).lstrip("?"), keep_blank_values=True))
    headers = [(name.lower().encode("latin-1"), str(item).encode("utf-8"))
               for name, value in (request.get("headers") or {}).items()
               for item in (value if isinstance(value, list) else [value])]
    iam_evaluator.pin_signed_request(request.get("method") or "POST", request.get("path") or "/", params, headers)
    iam_evaluator.pin_signed_body(base64.b64decode(request.get("body") or ""))
