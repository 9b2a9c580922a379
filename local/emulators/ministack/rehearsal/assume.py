"""Sessions of a role for an AWS service, as the service itself would get them.

Serves `POST /_rehearsal/assume`. STS in MiniStack serves API callers only; here a *service principal* assumes the role
that was passed to it, so the role must exist and its trust policy must name that service, under its conditions.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts

from rehearsal.authorize import BadRequest

SESSION_SECONDS = 3600


class NotAssumable(Exception):
    """The role is missing, or does not trust the service. `code` and the message are AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Session:
    """Temporary credentials of a role. `expires` is in epoch seconds."""

    access_key: str
    secret_key: str
    token: str
    arn: str
    expires: float


def trusts(trust: str | dict[str, Any], service: str, role_arn: str, source_arn: str | None) -> bool:
    """Whether a trust policy lets `service` assume the role; `aws:SourceArn` and `aws:SourceAccount` count.

    MiniStack's own trust evaluation lets a `Service` entry match only its root account, hence this one.
    """
    document = json.loads(trust) if isinstance(trust, str) else trust
    statements = document.get("Statement", [])
    keys: dict[str, Any] = {"aws:principalisawsservice": "true", "aws:sourceaccount": get_account_id()}
    if source_arn:
        keys["aws:sourcearn"] = source_arn
    asked = iam_evaluator.EvalContext(
        principal_arn=service, principal_type="Service", principal_account=get_account_id(),
        action="sts:AssumeRole", resource_arn=role_arn, region=get_region(), service_context=keys)
    allowed = False
    for statement in [statements] if isinstance(statements, dict) else statements:
        if not _applies(statement, service, asked):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = allowed or statement.get("Effect") == "Allow"
    return allowed


def _applies(statement: dict[str, Any], service: str, asked: iam_evaluator.EvalContext) -> bool:
    principal = statement.get("Principal", {})
    named = principal == "*" or iam_evaluator._service_principal_matches(principal, service)
    actions, others = _listed(statement.get("Action")), _listed(statement.get("NotAction"))
    return (named and bool(actions or others) and iam_evaluator._action_matches(asked.action, actions, others)
            and iam_evaluator._conditions_met(statement.get("Condition", {}), asked))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def refusal(role_arn: str, service: str, source_arn: str | None = None) -> NotAssumable | None:
    """Why `service` cannot assume the role, or None when it can."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is not None and role.get("Arn") == role_arn:
        if trusts(role.get("AssumeRolePolicyDocument") or "{}", service, role_arn, source_arn):
            return None
    # AWS tells nobody whether the role is missing or does not trust the caller. Texts as reported by users of
    # CreateTrainingJob (SageMaker) and CreateStateMachine (Step Functions).
    if service.startswith("sagemaker."):
        return NotAssumable("ValidationException", f"Could not assume role {role_arn}. Please ensure that the role "
                            f"exists and allows principal '{service}' to assume the role.")
    if service.startswith("states."):
        return NotAssumable("AccessDeniedException", "Neither the global service principal states.amazonaws.com, nor "
                            "the regional one is authorized to assume the provided role.")
    return NotAssumable("AccessDenied", f"User: {service} is not authorized to perform: sts:AssumeRole on resource: "
                        f"{role_arn}")


def assume(role_arn: str, service: str, session_name: str, source_arn: str | None = None) -> Session:
    """Mint a session, or raise NotAssumable."""
    problem = refusal(role_arn, service, source_arn)
    if problem is not None:
        raise problem
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    session = Session(iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token(),
                      f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}", time.time() + SESSION_SECONDS)
    sts.register_session(session.access_key, {
        "Arn": session.arn, "UserId": f"{sts._role_id(role_arn)}:{session_name}",
        "SecretAccessKey": session.secret_key, "SessionToken": session.token, "Expiration": session.expires,
        "AccountId": account, "PrincipalType": "AssumedRole", "SessionTags": [], "SessionPolicies": None,
    })
    return session


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The body of `/_rehearsal/assume`: `{roleArn, service, sessionName, sourceArn?}`."""
    for field in ("roleArn", "service", "sessionName"):
        if not isinstance(question.get(field), str) or not question[field]:
            raise BadRequest(f"{field} must be a non-empty string, got {question.get(field)!r}")
    if question["roleArn"].count(":") < 5:
        raise BadRequest(f"roleArn must be an ARN, got {question['roleArn']!r}")
    try:
        session = assume(question["roleArn"], question["service"], question["sessionName"], question.get("sourceArn"))
    except NotAssumable as problem:
        return {"error": {"code": problem.code, "message": str(problem)}}
    return {"accessKeyId": session.access_key, "secretAccessKey": session.secret_key, "sessionToken": session.token,
            "assumedRoleArn": session.arn}
