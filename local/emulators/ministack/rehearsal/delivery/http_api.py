"""An HTTP API calls a function only as the function's policy allows, or the integration's own credentials.

AWS names the call's source `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`, with the route's path as it is
written (`/items/{id}`), and `API/STAGE/$default` for the catch-all route. Without permission the caller gets a plain
500 (API Gateway developer guide, "Troubleshooting issues with HTTP API Lambda integrations").
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway

from rehearsal.delivery import grants
from rehearsal.states.permissions import function_arn

_SERVICE = "apigateway.amazonaws.com"


def source_arn(api_id: str, stage: str, method: str, route_key: str) -> str:
    """Which route calls. A route of method ANY is named by the request's method (not verified on AWS)."""
    written, _, path = route_key.partition(" ")
    route = f"{method if written == 'ANY' else written}/{path.lstrip('/')}" if path else route_key
    return f"arn:aws:execute-api:{get_region()}:{get_account_id()}:{api_id}/{stage}/{route}"


async def _invoke_lambda_proxy(integration: dict[str, Any], api_id: str, stage: str, path: str, method: str,
                               headers: Any, body: Any, query_params: Any, route_key: str = "$default",
                               path_params: Any = None, **more: Any) -> tuple[int, dict[str, Any], bytes]:
    sender = grants.Sender(_SERVICE, source_arn(api_id, stage, method, route_key))
    target = function_arn(apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", "")))
    credentials = integration.get("credentialsArn")
    refusal = grants.by_role(sender, target, credentials) if credentials else grants.by_policy(sender, target)
    if refusal is None:
        return await _invoke(integration, api_id, stage, path, method, headers, body, query_params, route_key,
                             path_params, **more)
    grants.note(f"HTTP API {api_id} {route_key} → {target}", refusal)
    return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'


_invoke = apigateway._invoke_lambda_proxy


def install() -> None:
    apigateway._invoke_lambda_proxy = _invoke_lambda_proxy
