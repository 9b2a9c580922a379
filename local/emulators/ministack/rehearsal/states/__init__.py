"""Step Functions as AWS runs it: MiniStack's engine with its differences repaired.

Each module repairs one thing and says which; `install` puts all of them in place.
"""

from __future__ import annotations


def install() -> None:
    """Replace MiniStack's functions by the repaired ones. Call once, before serving."""
    from rehearsal.states import callbacks, errors, flow, invoke, machines, permissions, tasks

    errors.install()
    flow.install()
    tasks.install()
    callbacks.install()
    permissions.install()
    invoke.install()
    machines.install()
