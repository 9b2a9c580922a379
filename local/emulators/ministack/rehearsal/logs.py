"""Log groups: a key whose policy lets the service use it, and protection from deletion.

AWS refuses a group under a key that CloudWatch Logs may not use (user guide, "Encrypt log data in CloudWatch Logs using
AWS KMS": the principal is `logs.<region>.amazonaws.com`, the encryption context `aws:logs:arn` the group's ARN), and every
deletion of a protected group (botocore logs, CreateLogGroupRequest.deletionProtectionEnabled). MiniStack knows neither.
The words of the second refusal are ours: AWS documents none.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

from rehearsal import keys

_TYPE = "AWS::Logs::LogGroup"
_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
Json = dict[str, Any]


def locked(name: str, key: str) -> str | None:
    """AWS's words when the group cannot be under the key; None when it can, or has none."""
    if not key:
        return None
    arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{name}"
    asked = {"aws:sourceaccount": get_account_id(), "kms:EncryptionContext:aws:logs:arn": arn}
    service = f"logs.{get_region()}.amazonaws.com"
    if keys.is_key(key) and keys.by_key_policy(service, _ACTIONS, key, asked) is None:
        return None
    return f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}'"


def _name_of(identifier: str) -> str:
    return identifier.split(":log-group:")[-1].removesuffix(":*")


def _protect(name: str, on: Any) -> None:
    if (group := cloudwatch_logs._log_groups.get(name)) is not None:
        group["deletionProtectionEnabled"] = on is True or str(on).lower() == "true"


def _put_protection(data: Json) -> Any:
    name = _name_of(data.get("logGroupIdentifier") or "")
    if name not in cloudwatch_logs._log_groups:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    _protect(name, data.get("deletionProtectionEnabled"))
    return json_response({})


def _create_log_group(data: Json) -> Any:
    refusal = locked(str(data.get("logGroupName") or ""), data.get("kmsKeyId") or "")
    if refusal is not None:
        return error_response_json("InvalidParameterException", refusal, 400)
    answer = _create(data)
    if answer[0] == 200:
        _protect(data["logGroupName"], data.get("deletionProtectionEnabled"))
    return answer


def _delete_log_group(data: Json) -> Any:
    name = data.get("logGroupName")
    if (cloudwatch_logs._log_groups.get(name) or {}).get("deletionProtectionEnabled"):
        return error_response_json("ValidationException", f"Log group {name} cannot be deleted: deletion protection is "
                                   "enabled for it", 400)
    return _delete(data)


def _describe_log_groups(data: Json) -> Any:
    status, headers, body = _describe(data)
    if status != 200:
        return status, headers, body
    answer = json.loads(body)
    for group in answer["logGroups"]:
        record = cloudwatch_logs._log_groups.get(group["logGroupName"]) or {}
        group["deletionProtectionEnabled"] = bool(record.get("deletionProtectionEnabled"))
    return json_response(answer)


async def _handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Json) -> Any:
    if headers.get("x-amz-target", "").endswith(".PutLogGroupDeletionProtection"):
        return _put_protection(json.loads(body or b"{}"))
    return await _handle(method, path, headers, body, query_params)


def _provision(original: Any) -> Any:
    """Creation and update by CloudFormation: the key first, the protection after."""

    def make(*arguments: Any, **named: Any) -> Any:
        properties = arguments[1] if len(arguments) == 3 else arguments[2]
        refusal = locked(str(properties.get("LogGroupName") or ""), properties.get("KmsKeyId") or "")
        if refusal is not None:
            raise ValueError(refusal)
        made = original(*arguments, **named)
        _protect(made[0], properties.get("DeletionProtectionEnabled"))
        return made

    return make


def _remove(physical_id: str, properties: Json) -> None:
    status, _headers, body = _delete_log_group({"logGroupName": physical_id})
    if status != 200 and "ResourceNotFound" not in str(body):
        raise ValueError(json.loads(body).get("message"))


_create, _delete = cloudwatch_logs._create_log_group, cloudwatch_logs._delete_log_group
_describe, _handle = cloudwatch_logs._describe_log_groups, cloudwatch_logs.handle_request


def install() -> None:
    cloudwatch_logs._create_log_group = _create_log_group
    cloudwatch_logs._delete_log_group = _delete_log_group
    cloudwatch_logs._describe_log_groups = _describe_log_groups
    cloudwatch_logs.handle_request = _handle_request
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    handlers.update(create=_provision(handlers["create"]), update=_provision(handlers["update"]), delete=_remove)
