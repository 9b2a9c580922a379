"""SES v2: sending is authorised on the sender's identity, with AWS's condition keys.

On AWS `ses:SendEmail` is judged on `identity/<address or domain>` with `ses:FromAddress` and `ses:Recipients` (service
authorization reference, Amazon SES v2); MiniStack judges it on `*` without keys, so that a narrow grant never applies.
"""

from __future__ import annotations

import json
from email.utils import parseaddr

_PATH = "/v2/email/outbound-emails"


def install() -> None:
    from ministack import app
    from ministack.core.responses import get_account_id

    original = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: dict, body: bytes, query_params: dict, request_id: str):
        if method != "POST" or path.rstrip("/") != _PATH:
            return original(method, path, headers, body, query_params, request_id)
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return original(method, path, headers, body, query_params, request_id)
        region = app.extract_region(headers, query_params)
        address = parseaddr(request.get("FromEmailAddress") or "")[1]
        destination = request.get("Destination") or {}
        recipients = [
            parseaddr(recipient)[1]
            for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
            for recipient in destination.get(kind) or []
        ]
        identity = f"arn:aws:ses:{region}:{get_account_id()}:identity/{_identity(address)}"
        context = {"ses:FromAddress": address, "ses:Recipients": recipients, "ses:ApiVersion": "2"}
        return app._enforce_data_plane(
            "sesv2", "ses:SendEmail", headers, query_params, request_id,
            resource_arn=identity, service_context=context, named_resource=identity)

    app._enforce_ses_v2 = enforce


def _identity(address: str) -> str:
    """The identity that vouches for an address: the address when it is one, else its domain."""
    from ministack.services import ses, ses_v2

    domain = address.rpartition("@")[2]
    known = {key[-1] if isinstance(key, tuple) else key
             for store in (ses._identities, ses_v2._identities) for key in store.to_dict()}
    return domain if address not in known and domain in known else address
