"""How long manifestgen takes, next to the tools it is measured against, in one run.

Every figure is a ratio of medians over interleaved runs: these machines are noisy, and only what ran side
by side can be compared. Exits with 1 when a ratio is above its limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.chart import with_stub_dependencies  # noqa: E402 - a module of the tests

TOOLS = ROOT / ".tools" / "bin"
MANIFESTGEN = ROOT / ".venv" / "bin" / "manifestgen"
ENVIRONMENTS = ("staging", "production")


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure: what is measured, against what, and the most it may be."""

    title: str
    ours: Callable[[], None]
    theirs: Sequence[Callable[[], None]]
    limit: float


def main() -> int:
    """Measure, print the figures, and say whether all are within their limits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9, help="runs of each command (default 9)")
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        ratios = _ratios(Path(scratch))
        print(f"{'':44} {'ours':>9} {'theirs':>9} {'ratio':>7} {'limit':>7}")
        within = [_measure(ratio, runs) for ratio in ratios]
        return 0 if all(within) else 1


def _ratios(scratch: Path) -> list[Ratio]:
    out = scratch / "out"
    _run(_render(out))
    chart = with_stub_dependencies(out / "helm" / "corporate-intel", scratch / "chart")
    kustomize = [_command(TOOLS / "kubectl", "kustomize", out / "k8s/overlays" / env) for env in ENVIRONMENTS]
    helm = [
        _command(
            TOOLS / "helm", "template", "corporate-intel", chart, "--values", chart / f"values-{env}.yaml"
        )
        for env in ENVIRONMENTS
    ]

    folders = count()

    def fresh() -> None:
        # Always a new folder: to delete the old one is not part of the work.
        _run(_render(scratch / f"fresh-{next(folders)}"))

    return [
        Ratio(
            "--help / python -c pass",
            _command(MANIFESTGEN, "--help"),
            [_command(ROOT / ".venv/bin/python", "-c", "pass")],
            7.0,
        ),
        Ratio("render, all files written / kustomize + helm", fresh, [*kustomize, *helm], 1.5),
        Ratio(
            "render --check, unchanged / kustomize + helm",
            _command(*_render(out), "--check"),
            [*kustomize, *helm],
            1.5,
        ),
    ]


def _render(out: Path) -> list[str | Path]:
    return [MANIFESTGEN, "render", "--spec", ROOT / "specs/platform.yaml", "--out", out]


def _measure(ratio: Ratio, runs: int) -> bool:
    ours: list[float] = []
    theirs: list[float] = []
    ratio.ours()  # once without counting: files are read from the disk's cache from then on
    for _ in range(runs):
        ours.append(_seconds(ratio.ours))
        theirs.append(sum(_seconds(command) for command in ratio.theirs))
    mine, other = statistics.median(ours), statistics.median(theirs)
    within = mine / other <= ratio.limit
    verdict = "" if within else "  TOO SLOW"
    print(
        f"{ratio.title:44} {mine:8.3f}s {other:8.3f}s {mine / other:7.2f} {ratio.limit:7.2f}{verdict}",
        flush=True,
    )
    return within


def _seconds(command: Callable[[], None]) -> float:
    start = time.perf_counter()
    command()
    return time.perf_counter() - start


def _command(*words: str | Path) -> Callable[[], None]:
    return lambda: _run(words)


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, env={**os.environ})


if __name__ == "__main__":
    sys.exit(main())
