"""The last stage, and the only one that touches the disk: plan what changes, then apply it at once.

``plan`` compares and writes nothing, ``apply`` carries a plan out; ``report`` and ``stale`` put a plan
in words for a render and for ``--check``, ``unified`` shows it as a diff. POSIX only.
"""

from manifestgen.write.commit import apply
from manifestgen.write.compare import plan
from manifestgen.write.diff import unified
from manifestgen.write.findings import report, stale
from manifestgen.write.model import Change, Kept, Outdated, Plan, Reason, Selection

__all__ = [
    "Change",
    "Kept",
    "Outdated",
    "Plan",
    "Reason",
    "Selection",
    "apply",
    "plan",
    "report",
    "stale",
    "unified",
]
