"""Ends this process, and every Lambda worker it started, when its parent goes: SIGKILL included.

The parent holds the other end of our standard input and never writes to it. Whatever way it dies, the kernel closes the
pipe, and the read below returns. MiniStack's workers share our process group (the parent starts us as a leader), so one
signal to the group reaches them all, however busy their handlers are.
"""

from __future__ import annotations

import os
import signal
import threading


def end(code: int) -> None:
    """Kill the whole group when we lead one, else only ourselves. Never returns."""
    if os.getpgrp() == os.getpid():
        if code == 0:
            os.killpg(0, signal.SIGKILL)
        # A failure keeps its exit code for the parent to read: spare ourselves, there are no workers yet.
    os._exit(code)


def _wait_for_end_of_input() -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    end(0)


def watch() -> None:
    """Start watching standard input. A closed one at start counts as a parent already gone."""
    threading.Thread(target=_wait_for_end_of_input, name="lifeline", daemon=True).start()
