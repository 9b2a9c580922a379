"""Every request counts as sent over TLS: AWS's clients use nothing else, and here only loopback lies between.

Without this, a bucket policy that denies clear transport (`aws:SecureTransport` false) would shut everybody out.
"""

from __future__ import annotations


def install() -> None:
    from ministack import app
    from ministack.core import iam_evaluator

    original = iam_evaluator.pin_request_origin

    def pin(source_ip: str, secure_transport: bool) -> None:
        del secure_transport
        original(source_ip, True)

    iam_evaluator.pin_request_origin = pin
    app.pin_request_origin = pin
