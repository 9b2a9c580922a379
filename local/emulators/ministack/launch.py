"""Starts MiniStack, with what it lacks for the rehearsal mended inside its process.

Run by `local/emulators/start.ts`:  `python launch.py`, configured by environment alone (GATEWAY_PORT, BIND_HOST, AUTH,
MINISTACK_ACCOUNT_ID, MINISTACK_REGION, AWS_ENDPOINT_URL_SAGEMAKER …). State machine definitions, event patterns and
roles stay byte for byte what they are on AWS, because the differences are repaired here and not in them.

Exit codes: 3 = this MiniStack is not the version these repairs were written against.
"""

from __future__ import annotations

import os
import sys

# The emulated account must never meet a person's own credentials or profile.
os.environ["AUTH"] = "true"


def main() -> None:
    """Watch the parent, check the pinned names, mend, serve. Returns when MiniStack stops."""
    from rehearsal import lifeline, pinned

    lifeline.watch()
    _refuse(pinned.faults())
    from ministack import app as gateway

    from rehearsal import (
        buckets,
        delivery,
        functions,
        keys,
        logs,
        mail,
        objects,
        principals,
        put_events,
        routes,
        states,
        transport,
    )

    _refuse(functions.faults())
    for repair in (
        principals,
        put_events,
        states,
        transport,
        buckets,
        keys,
        logs,
        objects,
        mail,
        functions,
        delivery,
    ):
        repair.install()
    gateway.app = routes.wrap(gateway.app)
    sys.argv = ["ministack"]  # main() parses the command line; every setting here is an environment variable
    try:
        gateway.main()
    finally:
        lifeline.end(0)


def _refuse(faults: list[str]) -> None:
    from rehearsal import lifeline, pinned

    if faults:
        print(pinned.explain(faults), file=sys.stderr, flush=True)
        lifeline.end(3)


if __name__ == "__main__":
    main()
