"""Requests and limits."""

from __future__ import annotations

from typing import Any

from manifestgen.kinds.views import present
from manifestgen.spec.containers import Amounts, Resources


def resource_amounts(resources: Resources) -> dict[str, dict[str, Any]]:
    """Requests and limits as Kubernetes writes them, without what is not given.

    Devices are limits only: their request is the same by itself, and may not be another.
    """
    devices = {name: str(count) for name, count in resources.devices.items()}
    both = {"requests": _amounts(resources.requests), "limits": {**_amounts(resources.limits), **devices}}
    return {key: amounts for key, amounts in both.items() if amounts}


def _amounts(amounts: Amounts) -> dict[str, str]:
    return present(cpu=amounts.cpu, memory=amounts.memory) | (
        {"ephemeral-storage": amounts.ephemeral_storage} if amounts.ephemeral_storage else {}
    )
