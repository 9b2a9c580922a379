"""May this AWS service deliver to that target?  By the target's own policy, or by a role handed to the service."""

from __future__ import annotations

import contextvars
import logging
from dataclasses import dataclass
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, sns, sqs
from ministack.services import stepfunctions as sfn

from rehearsal import assume, authorize
from rehearsal import keys as keys_of

_log = logging.getLogger("rehearsal")


@dataclass(frozen=True)
class Refusal:
    """Why nothing is delivered. `code` is EventBridge's ERROR_CODE of a dead letter (user guide, rule-dlq)."""

    code: str
    message: str


@dataclass(frozen=True)
class Sender:
    """The service that delivers, for which of its resources; `owner` adds the older key `aws:SourceOwner`."""

    service: str
    source_arn: str
    owner: bool = False


def action_for(target_arn: str) -> str | None:
    """The IAM action by which a target of this kind is reached; None for kinds that are not judged here."""
    try:
        spec = parse_arn(target_arn)
    except ArnParseError:
        return None
    if spec.service == "events":
        return "events:InvokeApiDestination" if spec.resource.startswith("api-destination/") else "events:PutEvents"
    return {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish",
            "states": "states:StartExecution"}.get(spec.service)


def _policy(target_arn: str) -> tuple[Any, str] | None:
    service = target_arn.split(":")[2]
    if service == "lambda":
        return lambda_svc.function_policy_for_arn(target_arn)
    if service == "sqs":
        return sqs.queue_policy_for_arn(target_arn)
    return sns.topic_policy_for_arn(target_arn)


def by_policy(sender: Sender, target_arn: str) -> Refusal | None:
    """Judged by the policy of the function, queue or topic: None when it lets the service in.

    The service is no principal of the account, so only statements that name it (or everybody) count, under
    `aws:SourceArn` and `aws:SourceAccount`. AWS delivers over TLS.
    """
    action = action_for(target_arn) or ""
    found = _policy(target_arn)
    if found is None:
        return Refusal("NO_RESOURCE", f"{target_arn} does not exist")
    account = get_account_id()
    keys = {"aws:sourcearn": sender.source_arn, "aws:sourceaccount": account, "aws:principalisawsservice": "true",
            "aws:principalservicename": sender.service}
    if sender.owner:
        keys["aws:sourceowner"] = account
    asked = EvalContext(principal_arn="*", principal_type="Service", principal_account="", action=action,
                        resource_arn=target_arn, region=get_region(), secure_transport=True, service_context=keys)
    if evaluate_resource_policy(found[0], asked, service=sender.service).decision == "Allow":
        actions, key, context = keys_of.needs(action, target_arn, {})
        locked = keys_of.by_key_policy(sender.service, actions, key, {**keys, **context})
        return None if locked is None else Refusal("NO_PERMISSIONS", f"{target_arn} is encrypted: {locked}")
    return Refusal("NO_PERMISSIONS", f"{sender.service} is denied {action} on {target_arn}: its resource policy has no "
                   f"statement that allows it for source {sender.source_arn}")


def by_role(sender: Sender, target_arn: str, role_arn: str) -> Refusal | None:
    """Judged by a role: it must trust the service, and be granted the target's action."""
    # In a context of its own: the question must not disturb what is pinned for the request being served.
    return contextvars.copy_context().run(_by_role, sender, target_arn, role_arn)


def _by_role(sender: Sender, target_arn: str, role_arn: str) -> Refusal | None:
    action = action_for(target_arn) or ""
    if target_arn.split(":")[2] == "states" and sfn._resolve_state_machine_arn(target_arn) is None:
        return Refusal("NO_RESOURCE", f"{target_arn} does not exist")
    if target_arn.split(":")[2] in ("lambda", "sqs", "sns") and _policy(target_arn) is None:
        return Refusal("NO_RESOURCE", f"{target_arn} does not exist")
    if not role_arn:
        return Refusal("NO_PERMISSIONS", f"{sender.service} is denied {action} on {target_arn}: no role is given")
    try:
        session = assume.assume(role_arn, sender.service, "delivery", sender.source_arn)
    except assume.NotAssumable as problem:
        return Refusal("FAILED_TO_ASSUME_ROLE", f"{sender.service} is denied {role_arn}: {problem}")
    denial = authorize.check(session.access_key, action, target_arn)
    return None if denial is None else Refusal("NO_PERMISSIONS", f"{sender.service} is denied: {denial.message}")


def note(what: str, refusal: Refusal) -> None:
    """One line in MiniStack's log, for whoever wonders why nothing arrived."""
    _log.warning("rehearsal: %s not delivered: %s", what, refusal.message)
