"""Events under AWS's own sources.

PutEvents refuses a `Source` that starts with `aws.`, on AWS and in MiniStack alike. The SageMaker stand-in *is* the
service here, so `POST /_rehearsal/events` takes a PutEvents request and publishes it as the service would, and rules
keep their true pattern (`"source": ["aws.sagemaker"]`).
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge

from rehearsal.authorize import BadRequest


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The PutEvents response: `{FailedEntryCount, Entries}`. Raises BadRequest with every fault of every entry."""
    entries = request.get("Entries")
    if not isinstance(entries, list) or not entries:
        raise BadRequest("Entries must be a non-empty list")
    faults = [f"Entries[{index}].{fault}" for index, entry in enumerate(entries) for fault in _faults(entry)]
    if faults:
        raise BadRequest("; ".join(faults))
    _status, _headers, body = eventbridge._put_events(request, allow_aws_source=True)
    return json.loads(body)


def _faults(entry: Any) -> list[str]:
    """MiniStack would accept these and deliver an event no rule can read."""
    if not isinstance(entry, dict):
        return [f" must be an object, got {entry!r}"]
    faults = [f"{field} must be a non-empty string" for field in ("Source", "DetailType")
              if not isinstance(entry.get(field), str) or not entry[field]]
    try:
        detail = json.loads(entry.get("Detail", ""))
    except (TypeError, ValueError):
        detail = None
    if not isinstance(detail, dict):
        faults.append("Detail must be a JSON object in a string")
    return faults
