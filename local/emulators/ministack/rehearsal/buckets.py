"""Bucket policies: what a write says about itself, and that root too is bound by a Deny.

AWS gives a write the keys `s3:if-none-match`, `s3:if-match` and the one of its KMS key (its headers; absent without), and
`s3:ObjectCreationOperation`: true for PutObject, CopyObject and CompleteMultipartUpload, false for what only prepares
an object, CreateMultipartUpload, UploadPart and UploadPartCopy (S3 user guide, "Enforce conditional writes on Amazon S3
buckets"; conditional copies: AWS's announcement of 2025). MiniStack has none of these keys, so that a policy which
demands creating writes would never apply. It also lets root past every bucket policy; on AWS an explicit Deny binds the
account's root, except in reading, replacing and deleting that policy (same guide, "Bucket policies").
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import s3

_POLICY_ACTIONS = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})


def write_keys(query_params: dict[str, Any], headers: dict[str, str]) -> dict[str, str]:
    """Condition keys of a request that IAM knows as `s3:PutObject`."""
    prepares = "uploads" in query_params or "partNumber" in query_params
    keys = {"s3:ObjectCreationOperation": "false" if prepares else "true"}
    for name in ("if-none-match", "if-match", "x-amz-server-side-encryption-aws-kms-key-id"):
        if headers.get(name):
            keys[f"s3:{name}"] = headers[name]
    return keys


def _s3_service_context(iam_action: str, query_params: dict[str, Any] | None, path: str = "",
                        headers: dict[str, str] | None = None) -> dict[str, Any]:
    context = _context(iam_action, query_params, path, headers)
    return {**context, **write_keys(query_params or {}, headers or {})} if iam_action == "s3:PutObject" else context


def _enforce(access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*",
             service_context: dict[str, Any] | None = None) -> Any:
    outcome = _judge(access_key_id, iam_action, service, region, resource_arn, service_context)
    if outcome is not None or service != "s3" or iam_action in _POLICY_ACTIONS:
        return outcome
    if not access_key_id or not iam_evaluator.is_root_access_key(access_key_id):
        return outcome
    found = s3.bucket_policy_for_arn(resource_arn) if resource_arn.startswith("arn:") else None
    if found is None:
        return None
    account = get_account_id()
    asked = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{account}:root", principal_type="Root", principal_account=account,
        action=iam_action, resource_arn=resource_arn, region=region,
        service_context={key.lower(): value for key, value in (service_context or {}).items()})
    decided = iam_evaluator.evaluate_resource_policy(found[0], asked)
    if decided.decision != "Deny":
        return None
    decided.resource_policy_arn = resource_arn
    return decided


_context, _judge = iam_actions.s3_service_context, iam_evaluator.enforce


def install() -> None:
    iam_actions.s3_service_context = _s3_service_context
    iam_evaluator.enforce = _enforce
