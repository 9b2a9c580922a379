"""IAM: the condition key `aws:PrincipalArn` is the role's ARN for whoever has taken a role, not the session's.

MiniStack resolves it to the session's ARN (`arn:aws:sts::…:assumed-role/…`), so that a condition on a role never applies; AWS
gives the role's, with its path (IAM user guide, "AWS global condition context keys", aws:PrincipalArn).
"""

from __future__ import annotations

import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

_SESSION = re.compile(r"^arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


def role_of(arn: str) -> str:
    """The role's ARN of a session; any other ARN as it is."""
    found = _SESSION.match(arn)
    if not found:
        return arn
    role = iam._roles.get_scoped(found["account"], None, found["role"]) or {}
    return str(role.get("Arn") or f"arn:{found['partition']}:iam::{found['account']}:role/{found['role']}")


def _resolve_condition_key(key: str, ctx: Any) -> Any:
    value = _resolve(key, ctx)
    return role_of(str(value)) if key.lower() == "aws:principalarn" and value else value


_resolve = iam_evaluator._resolve_condition_key


def install() -> None:
    iam_evaluator._resolve_condition_key = _resolve_condition_key
