"""What runs inside an execution, and how it is told to stop.

MiniStack's states run on and on after StopExecution, a machine's timeout or a failed sibling branch. A scope is one
execution, or one Map or Parallel state inside it; stopping it wakes every wait and every Task within.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class ExecutionStopped(SystemExit):
    """Unwinds a thread whose execution or branch is over.

    A SystemExit, because MiniStack turns every `Exception` into an error that a Catch may handle, and because Python
    lets a thread end by SystemExit without a traceback.
    """


class Scope:
    """A part of an execution that stops together."""

    def __init__(self, parent: Scope | None = None, together: bool = True) -> None:
        self.together = together
        """Whether one failed branch ends the others; items of a distributed Map may fail by themselves."""
        self._stopped = threading.Event()
        self._watchers: set[Callable[[], None]] = set()
        self._lock = threading.Lock()
        self._parent = parent
        if parent is not None and not parent.watch(self.stop):
            self._stopped.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Stop everything inside. Repeating it does nothing."""
        with self._lock:
            if self._stopped.is_set():
                return
            self._stopped.set()
            watchers, self._watchers = self._watchers, set()
        for watcher in watchers:
            watcher()

    def watch(self, watcher: Callable[[], None]) -> bool:
        """Call `watcher` on stop. False when this is stopped already; the watcher is then never called."""
        with self._lock:
            if self._stopped.is_set():
                return False
            self._watchers.add(watcher)
            return True

    def forget(self, watcher: Callable[[], None]) -> None:
        with self._lock:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """This part is over; its parent need not stop it any more."""
        if self._parent is not None:
            self._parent.forget(self.stop)

    def check(self) -> None:
        """Raise ExecutionStopped when this is stopped."""
        if self.stopped:
            raise ExecutionStopped

    def sleep(self, seconds: float) -> None:
        """Sleep, unless stopped meanwhile: then raise ExecutionStopped."""
        if self._stopped.wait(max(seconds, 0)):
            raise ExecutionStopped


@dataclass
class Task:
    """The Task state being run by this thread: what the integrations need to know of it."""

    execution_arn: str
    machine_arn: str
    role_arn: str
    state: str
    entered_event: int
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when nobody waits for the result any more: timed out, stopped, or a sibling failed."""
    session: Any = None
    """The role's session, once a call needed one."""


current: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("rehearsal_scope", default=None)
task: contextvars.ContextVar[Task | None] = contextvars.ContextVar("rehearsal_task", default=None)


def here() -> Scope:
    """The scope of this thread; outside any execution (TestState) a new one that nobody stops."""
    return current.get() or Scope()
