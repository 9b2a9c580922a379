"""Messages put on a queue by a service itself."""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import sqs


def put(queue_arn: str, body: str, attributes: dict[str, str]) -> bool:
    """Append a message with these text attributes; False when the queue does not exist."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return False
    given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
    now = time.time()
    message: dict[str, Any] = {"id": new_uuid(), "body": body, "message_attributes": given,
                               "md5_attrs": sqs._md5_msg_attrs(given), "sent_at": now,
                               "visible_at": now + sqs.queue_delay(queue)}
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    return True
