"""Ends this process, and everything it started, when its parent is gone.

The parent keeps the writing end of our stdin open and never writes to it. The kernel closes that end however the
parent dies, SIGKILL included; we then see end of file and kill our own process group. The parent starts us as a group
leader (setsid), so the group holds nothing else.
"""

import os
import signal
import threading


def _end_all():
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(137)


def _watch():
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    _end_all()


def hold():
    """Start watching stdin. Children must be given another stdin."""
    threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def survive_sigterm():
    """Leave SIGTERM to the children of our group: we only wait for them. A handler, since SIG_IGN would be inherited."""
    signal.signal(signal.SIGTERM, lambda *_: None)


def exit_code(returncode):
    """A shell's exit code: 128 + n for a process ended by signal n."""
    return returncode if returncode >= 0 else 128 - returncode
