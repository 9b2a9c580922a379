"""SES v2: sending is authorised on the sender's identity, with AWS's condition keys.

On AWS `ses:SendEmail` is judged on `identity/<address or domain>` with `ses:FromAddress` and `ses:Recipients` (service
authorization reference, Amazon SES v2); MiniStack judges it on `*` without keys, so that a narrow grant never applies.
"""

from __future__ import annotations

import json
from email.utils import parseaddr
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id
from ministack.services import ses, ses_v2

_PATH = "/v2/email/outbound-emails"


def _enforce_ses_v2(method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any],
                    request_id: str) -> Any:
    request = _parsed(body) if method == "POST" and path.rstrip("/") == _PATH else None
    if request is None:
        return _enforce(method, path, headers, body, query_params, request_id)
    address = parseaddr(str(request.get("FromEmailAddress") or ""))[1]
    identity = (f"arn:aws:ses:{app.extract_region(headers, query_params)}:{get_account_id()}:identity/"
                f"{identity_of(address)}")
    keys: dict[str, Any] = {"ses:ApiVersion": "2", "ses:FromAddress": address}
    if recipients := recipients_of(request):
        keys["ses:Recipients"] = recipients
    return app._enforce_data_plane("sesv2", "ses:SendEmail", headers, query_params, request_id,
                                   resource_arn=identity, service_context=keys, named_resource=identity)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None
    return request if isinstance(request, dict) else None


def recipients_of(request: dict[str, Any]) -> list[str]:
    """The plain addresses in To, Cc and Bcc of a SendEmail request."""
    destination = request.get("Destination") or {}
    return [parseaddr(recipient)[1] for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
            for recipient in destination.get(kind) or []]


def identity_of(address: str) -> str:
    """The identity that vouches for an address: the address where it is one, else its domain where that is one."""
    domain = address.rpartition("@")[2]

    def known(name: str) -> bool:
        return name in ses._identities or name in ses_v2._identities

    return domain if not known(address) and known(domain) else address


_enforce = app._enforce_ses_v2


def install() -> None:
    app._enforce_ses_v2 = _enforce_ses_v2
