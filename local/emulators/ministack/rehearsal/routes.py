"""`/_rehearsal/*` before MiniStack's own routes, for callers on this machine only."""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region

from rehearsal import assume, authorize, events, pinned

PREFIX = "/_rehearsal/"
_MOST_BYTES = 8 * 1024 * 1024
_log = logging.getLogger("rehearsal")

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_POSTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "assume": assume.answer,
    "authorize": authorize.answer,
    "events": events.answer,
}


def wrap(inner: Application) -> Application:
    """The ASGI application that answers `/_rehearsal/*` itself and passes everything else on."""

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            status, body = await _respond(scope, receive)
            payload = json.dumps(body).encode()
            await send({"type": "http.response.start", "status": status, "headers": [
                (b"content-type", b"application/json"), (b"content-length", str(len(payload)).encode())]})
            await send({"type": "http.response.body", "body": payload})
        else:
            await inner(scope, receive, send)

    return application


async def _respond(scope: Message, receive: Receive) -> tuple[int, dict[str, Any]]:
    if not _is_local(scope.get("client")):
        return 403, {"error": {"code": "AccessDenied", "message": "only this machine may ask"}}
    name = scope["path"][len(PREFIX):]
    if scope["method"] == "GET" and name == "health":
        return 200, {"ministack": pinned.VERSION}
    handler = _POSTS.get(name) if scope["method"] == "POST" else None
    if handler is None:
        known = ", ".join(f"POST {PREFIX}{path}" for path in _POSTS)
        return 404, {"error": {"code": "NotFound", "message": f"{scope['method']} {scope['path']}; there are {known}"}}
    # Requiring JSON keeps web pages out: a browser asks before it sends this type across origins.
    if not _header(scope, b"content-type").startswith("application/json"):
        return 415, {"error": {"code": "UnsupportedMediaType", "message": "send application/json"}}
    set_request_account_id("")
    set_request_region(None)
    try:
        return 200, handler(_parsed(await _body(receive)))
    except authorize.BadRequest as fault:
        return 400, {"error": {"code": "BadRequest", "message": str(fault)}}
    except Exception as failure:  # the caller must see a failure here as a failure, never as "allowed"
        _log.exception("%s failed", scope["path"])
        return 500, {"error": {"code": "InternalFailure", "message": f"{type(failure).__name__}: {failure}"}}


def _is_local(client: tuple[str, int] | None) -> bool:
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _header(scope: Message, name: bytes) -> str:
    return next((value.decode("latin-1").lower() for key, value in scope["headers"] if key.lower() == name), "")


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as fault:
        raise authorize.BadRequest(f"the body is not JSON: {fault}") from None
    if not isinstance(body, dict):
        raise authorize.BadRequest("the body must be a JSON object")
    return body


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > _MOST_BYTES:
            raise authorize.BadRequest(f"the body is larger than {_MOST_BYTES} bytes")
        if not message.get("more_body"):
            return b"".join(parts)
