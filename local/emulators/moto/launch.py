"""Starts moto's server, and ends it when the parent goes: SIGKILL included.

Run by `local/emulators/start.ts`:  `python launch.py -H 127.0.0.1 -p PORT`, with the account in MOTO_ACCOUNT_ID.
The parent holds our standard input open and never writes to it, so its end of file means that the parent has died.
"""

from __future__ import annotations

import os
import sys
import threading


def _end_with_parent() -> None:
    try:
        while os.read(0, 4096):
            pass
    finally:
        os._exit(0)


def main() -> None:
    """Serve until told to stop."""
    threading.Thread(target=_end_with_parent, name="lifeline", daemon=True).start()
    from moto.server import main as serve

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
