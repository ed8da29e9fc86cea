"""A call that a second process makes meanwhile."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


def is_possible() -> bool:
    """Whether a second process helps, and may be made: threads do not survive the copying of a process."""
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


class Aside(Generic[T]):
    """A call under way in a copy of this process, which needs nothing to be sent to it.

    A context manager: to leave it early ends the copy. Where the call fails, or the copy is killed, the
    result is what the call gives here, be it an exception.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._has_answered = False
        self._reading, writing = os.pipe()
        self._copy = os.fork()
        if self._copy == 0:
            os.close(self._reading)  # or the copy would never learn that nobody listens any more
            _answer(call, writing)
        os.close(writing)

    def __enter__(self) -> Aside[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._reading)
        if not self._has_answered:
            os.kill(self._copy, signal.SIGKILL)  # it holds nothing that anybody else needs
        os.waitpid(self._copy, 0)

    def result(self) -> T:
        """Wait for what the call gives."""
        with open(self._reading, "rb", closefd=False) as pipe:
            answer = pipe.read()
        self._has_answered = True
        if not answer:
            return self._call()
        given: T = pickle.loads(answer)
        return given


def _answer(call: Callable[[], object], writing: int) -> NoReturn:
    """What the copy does: make the call, send what it gives, and be gone, whatever happens."""
    try:
        answer = pickle.dumps(call(), pickle.HIGHEST_PROTOCOL)
        with open(writing, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)
