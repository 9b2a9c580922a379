"""EventBridge: PutEvents is judged with the keys `events:source` and `events:detail-type`, as AWS judges it.

MiniStack brings no key of the entries, so that a grant for one source never applies (EventBridge user guide, "Using IAM
policy conditions"; service authorization reference, PutEvents). Entries of several sources are judged together here.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

_KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}


def keys_of(body: bytes) -> dict[str, Any]:
    """The condition keys of a PutEvents request; none where it cannot be read."""
    try:
        entries = json.loads(body or b"{}").get("Entries") or []
    except (ValueError, AttributeError):
        return {}
    found: dict[str, Any] = {}
    for key, field in _KEYS.items():
        values = sorted({entry[field] for entry in entries
                         if isinstance(entry, dict) and isinstance(entry.get(field), str)})
        if values:
            found[key] = values[0] if len(values) == 1 else values
    return found


def _request_tag_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
    context = _context(service, iam_action, body, params)
    return {**context, **keys_of(body)} if iam_action == "events:PutEvents" else context


_context = iam_actions.request_tag_context


def install() -> None:
    iam_actions.request_tag_context = _request_tag_context
