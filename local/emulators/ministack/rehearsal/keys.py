"""What lies under a KMS key is reached only by who may use the key.

S3 asks KMS for the caller: `kms:GenerateDataKey` to write an object, `kms:Decrypt` to read one, both for the parts of an
upload (S3 user guide, "Using server-side encryption with AWS KMS keys"; re:Post, "S3 large file encryption KMS key"). So
does SNS for whoever publishes to an encrypted topic, and SQS for whoever sends to an encrypted queue. MiniStack stores the
key's name and asks nobody. A key's policy and the caller's own both count, with `kms:ViaService`, `kms:ResourceAliases`
and, for S3, the encryption context: the bucket's ARN where it has a bucket key, else the object's (same guide).

Not told apart: HEAD, which S3 answers without the key, is judged as GET.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import kms, s3, sns, sqs

_KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_READS = frozenset({"s3:GetObject", "s3:GetObjectVersion"})
Keys = dict[str, Any]


class Reason(str):
    """The ARN that a refusal names, and the whole sentence in which AWS says why."""

    sentence: str

    @classmethod
    def of(cls, arn: str, sentence: str) -> Reason:
        reason = cls(arn)
        reason.sentence = sentence
        return reason


def aliases_of(key_arn: str) -> list[str]:
    """Names of the aliases that point at the key (`alias/x`)."""
    key_id = key_arn.rsplit("/", 1)[-1]
    return [alias.split(":", 5)[-1] for alias, target in kms._aliases.items() if target == key_id]


def _record(key: str) -> dict[str, Any] | None:
    """The key by id, ARN, alias or alias ARN; None for AWS's own (`alias/aws/s3`), which ask nobody."""
    return kms._resolve_key(key) if key else None


def is_key(key: str) -> bool:
    """Whether the account has such a key and it can be used."""
    record = _record(key)
    return record is not None and record.get("KeyState") == "Enabled"


def _bucket_default(bucket: str) -> tuple[str, bool]:
    """The bucket's key (empty without one) and whether it has a bucket key."""
    headers = s3._bucket_default_sse_headers(bucket)
    raw = s3._bucket_encryption.get(bucket) or ""
    return headers.get("x-amz-server-side-encryption-aws-kms-key-id", ""), "<BucketKeyEnabled>true<" in raw


def _object_needs(action: str, arn: str, asked: Keys) -> tuple[list[str], str, Keys]:
    bucket, _, name = arn.removeprefix("arn:aws:s3:::").partition("/")
    default, bucket_key = _bucket_default(bucket)
    if action in _READS:
        record = (s3._ensure_bucket(bucket) or {}).get("objects", {}).get(name)
        stored = s3._stored_sse_headers(record) if record else {}
        key, actions = stored.get("x-amz-server-side-encryption-aws-kms-key-id", ""), ["kms:Decrypt"]
    else:
        wanted = asked.get("s3:x-amz-server-side-encryption")
        key = "" if wanted == "AES256" else asked.get(_KEY_HEADER) or default
        whole = asked.get("s3:ObjectCreationOperation") != "false"
        actions = ["kms:GenerateDataKey"] if whole else ["kms:GenerateDataKey", "kms:Decrypt"]
    return actions, key, {"kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}" if bucket_key else arn}


def needs(action: str, arn: str, asked: Keys) -> tuple[list[str], str, Keys]:
    """KMS actions, the key, and the encryption context that `action` on `arn` needs besides itself; no actions: nothing."""
    if action in _READS or action == "s3:PutObject":
        return _object_needs(action, arn, asked)
    both = ["kms:GenerateDataKey", "kms:Decrypt"]
    if action == "sns:Publish":
        attributes = (sns._topics.get(arn) or {}).get("attributes") or {}
        return both, attributes.get("KmsMasterKeyId") or "", {"kms:encryptioncontext:aws:sns:topicarn": arn}
    if action == "sqs:SendMessage":
        attributes = (sqs._queue_by_arn(arn) or {}).get("attributes") or {}
        return both, attributes.get("KmsMasterKeyId") or "", {"kms:encryptioncontext:aws:sqs:arn": arn}
    return [], "", {}


def _context(service: str, region: str, key_arn: str, more: Keys) -> Keys:
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:ResourceAliases": aliases_of(key_arn),
            "kms:CallerAccount": get_account_id(), **more}


def _enforce(access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*",
             service_context: Keys | None = None) -> Any:
    if service == "kms" and (record := _record(resource_arn)) is not None:
        service_context = {"kms:ResourceAliases": aliases_of(record["Arn"]), **(service_context or {})}
    outcome = _judge(access_key_id, iam_action, service, region, resource_arn, service_context)
    if outcome is not None:
        return outcome
    actions, key, context = needs(iam_action, resource_arn, service_context or {})
    record = _record(key) if actions else None
    if record is None:
        return None
    arn = record["Arn"]
    for action in actions:
        denied = _judge(access_key_id, action, "kms", region, arn, _context(service, region, arn, context))
        if isinstance(denied, iam_evaluator.EvalResult):
            sentence = iam_actions.identity_denial_message(action, denied.principal_arn, arn, denied.decision == "Deny")
            denied.decision, denied.resource_policy_arn = "Deny", Reason.of(arn, sentence)
        if denied is not None:
            return denied
    return None


def _resource_policy_denial(service: str, action: str, principal_arn: str, resource_arn: str) -> str:
    if isinstance(resource_arn, Reason):
        return resource_arn.sentence
    return _worded(service, action, principal_arn, resource_arn)


def by_key_policy(service: str, actions: list[str], key: str, keys: Keys) -> str | None:
    """Why an AWS service of its own accord cannot use the key, by the key's policy; None when it can, or has none of ours."""
    record = _record(key)
    if record is None:
        return None
    for action in actions:
        asked = iam_evaluator.EvalContext(
            principal_arn="*", principal_type="Service", principal_account="", action=action,
            resource_arn=record["Arn"], region="", secure_transport=True,
            service_context={"aws:principalisawsservice": "true", **{name.lower(): keys[name] for name in keys}})
        if iam_evaluator.evaluate_resource_policy(record.get("Policy") or "", asked, service=service).decision != "Allow":
            return f"{service} is denied {action} on {record['Arn']} by the key's policy"
    return None


_judge, _worded = iam_evaluator.enforce, iam_actions._resource_policy_denial


def install() -> None:
    """After the repairs of bucket policies, whose verdict comes first."""
    global _judge
    _judge = iam_evaluator.enforce
    iam_evaluator.enforce = _enforce
    iam_actions._resource_policy_denial = _resource_policy_denial
