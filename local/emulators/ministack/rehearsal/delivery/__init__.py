"""Deliveries from one service to another, only where AWS would be allowed to make them.

MiniStack delivers events, notifications and failures whatever the target's policy or the role says. Here each delivery
is judged first; what is refused does not arrive, as on AWS, and a line `rehearsal: … denied …` in the log says why.
"""

from __future__ import annotations


def install() -> None:
    """Put the checks before MiniStack's deliveries. Call once, before serving."""
    from rehearsal.delivery import failures, http_api, notifications, rules, signed_routes

    rules.install()
    http_api.install()
    signed_routes.install()
    notifications.install()
    failures.install()
