"""What has to be tried with the conditions of an alert: each alone decides once."""

from __future__ import annotations

from typing import NamedTuple

from manifestgen.monitoring.testing.tree import Binary, Node


class Step(NamedTuple):
    """One condition, and whether it shall hold; ``below`` as in ``Solver.hold``."""

    node: Node
    holds: bool
    below: bool = False


Plan = tuple[Step, ...]


def firing_plans(node: Node) -> list[Plan]:
    """Ways in which the alert fires: for ``or`` by each side, for ``!=`` from below and from above."""
    if isinstance(node, Binary) and node.op == "and":
        left, right = firing_plans(node.left), firing_plans(node.right)
        return [*(one + right[0] for one in left), *(left[0] + one for one in right[1:])]
    if isinstance(node, Binary) and node.op == "unless":
        return [one + quiet_plans(node.right)[0] for one in firing_plans(node.left)]
    if isinstance(node, Binary) and node.op == "or":
        left, right = firing_plans(node.left), firing_plans(node.right)
        left = [one + quiet_plans(node.right)[0] for one in left]
        return [*left, *(quiet_plans(node.left)[0] + one for one in right)]
    if isinstance(node, Binary) and node.op == "!=":
        return [(Step(node, holds=True),), (Step(node, holds=True, below=True),)]
    return [(Step(node, holds=True),)]


def quiet_plans(node: Node) -> list[Plan]:
    """Ways in which the alert just does not fire: for ``and`` because of each side alone."""
    if isinstance(node, Binary) and node.op == "and":
        left, right = firing_plans(node.left)[0], firing_plans(node.right)[0]
        return [
            *(one + right for one in quiet_plans(node.left)),
            *(left + one for one in quiet_plans(node.right)),
        ]
    if isinstance(node, Binary) and node.op == "unless":
        left = firing_plans(node.left)[0]
        return [
            *(one + quiet_plans(node.right)[0] for one in quiet_plans(node.left)),
            left + firing_plans(node.right)[0],
        ]
    if isinstance(node, Binary) and node.op == "or":
        return [one + other for one in quiet_plans(node.left)[:1] for other in quiet_plans(node.right)[:1]]
    return [(Step(node, holds=False),)]
