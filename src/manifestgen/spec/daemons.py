"""Workloads with a pod on each node."""

from typing import ClassVar, Literal

from manifestgen.spec.base import defaults_of
from manifestgen.spec.controllers import DaemonUpdate
from manifestgen.spec.workloads import LongRunning, Served


class Daemon(Served, LongRunning):
    """A workload with one pod on each node."""

    has_service: ClassVar[bool] = False

    type: Literal["daemon"]
    update_strategy: DaemonUpdate = defaults_of(DaemonUpdate)
    """How a new version replaces the old one."""
