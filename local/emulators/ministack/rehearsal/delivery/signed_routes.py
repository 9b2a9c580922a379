"""A route of authorization type AWS_IAM takes only requests that are signed for API Gateway.

MiniStack checks the signature and the caller's policies, but takes a signature that was made for another service. AWS
does not: the credential scope names `execute-api` (IAM user guide, "Elements of a Signature V4 request"). An HTTP API
answers every refusal with a plain 403 (API Gateway developer guide, "Control access to HTTP APIs with IAM authorization").
"""

from __future__ import annotations

import re
from typing import Any

from ministack import app

_SERVICE = "execute-api"
_SCOPE = re.compile(r"^AWS4-HMAC-SHA256\s+Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request\b")
_FORBIDDEN = (403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}')


def scoped_service(headers: dict[str, Any], query_params: dict[str, Any]) -> str | None:
    """The service that a request is signed for; None where it is not signed in a way that is known here."""
    values = query_params.get("X-Amz-Credential") or []
    credential = values[0] if isinstance(values, list) and values else values
    if isinstance(credential, str) and credential.count("/") == 4:
        return credential.split("/")[3]
    found = _SCOPE.match(str(headers.get("authorization", "")))
    return found.group(1) if found else None


def _enforce_execute_api(api_id: str, stage: str, method: str, execute_path: str, headers: dict[str, Any],
                         query_params: dict[str, Any], iam_action: str = "execute-api:Invoke") -> Any:
    http_api = app._get_module("apigateway").find_api_scope(api_id) is not None
    if http_api and iam_action == "execute-api:Invoke":
        kind = app._execute_api_authorization_type(api_id, stage, method, execute_path)
        if kind == "AWS_IAM" and scoped_service(headers, query_params) != _SERVICE:
            return _FORBIDDEN
    refusal = _enforce(api_id, stage, method, execute_path, headers, query_params, iam_action)
    return _FORBIDDEN if refusal is not None and http_api else refusal


_enforce = app._enforce_execute_api


def install() -> None:
    app._enforce_execute_api = _enforce_execute_api
