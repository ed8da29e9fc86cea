"""A call that a second process makes meanwhile, and work that the two share."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Generic, NoReturn, TypeVar

T = TypeVar("T")

_MOST_JOBS: Final = 256
"""What one byte can number; a pipe holds as many for sure (POSIX: 512 at least)."""


def is_possible() -> bool:
    """Whether a second process helps, and may be made: threads do not survive the copying of a process."""
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


class Jobs:
    """Numbers from 0 on, each of which one of several processes takes; made before these part.

    A context manager, in the process that made it.
    """

    def __init__(self, count: int) -> None:
        """Raises ValueError for more numbers than a byte can tell."""
        if count > _MOST_JOBS:
            raise ValueError(f"{count} jobs are more than {_MOST_JOBS}")
        self._waiting, writing = os.pipe()
        with open(writing, "wb") as pipe:
            pipe.write(bytes(range(count)))

    def __enter__(self) -> Jobs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._waiting)

    def take(self) -> Iterator[int]:
        """What nobody has taken yet, one after the other, until nothing is left."""
        while number := os.read(self._waiting, 1):
            yield number[0]


class Aside(Generic[T]):
    """A call under way in a copy of this process, which needs nothing to be sent to it.

    A context manager: to leave it early ends the copy.
    """

    def __init__(self, call: Callable[[], T]) -> None:
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

    def result(self) -> T | None:
        """Wait for what the call gives; None where it failed, or the copy was killed."""
        with open(self._reading, "rb", closefd=False) as pipe:
            answer = pipe.read()
        self._has_answered = True
        if not answer:
            return None
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
