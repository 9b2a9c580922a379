"""Every request counts as sent over TLS: AWS's clients use nothing else, and here only loopback lies between.

Without this, a policy that denies clear transport (`aws:SecureTransport` false) would shut everybody out, and
also what the emulator does in threads of its own.
"""

from __future__ import annotations

import contextvars

from ministack import app
from ministack.core import iam_evaluator


def _pin_request_origin(source_ip: str, secure_transport: bool) -> None:
    del secure_transport
    _pin(source_ip, True)


_pin = iam_evaluator.pin_request_origin


def install() -> None:
    # The evaluator looks this variable up by name at each request; only its default differs from MiniStack's.
    iam_evaluator._request_origin = contextvars.ContextVar(
        "rehearsal_request_origin", default=("127.0.0.1", True))
    iam_evaluator.pin_request_origin = _pin_request_origin
    app.pin_request_origin = _pin_request_origin
