"""How long manifestgen takes, next to the tools it is measured against, in one run.

Every figure is a ratio of medians over interleaved runs: these machines are noisy, and only what ran side
by side can be compared. Exits with 1 when a ratio is above its limit.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from make_spec import make_spec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.chart import with_stub_dependencies  # noqa: E402 - a module of the tests

TOOLS = ROOT / ".tools" / "bin"
MANIFESTGEN = ROOT / ".venv" / "bin" / "manifestgen"
ENVIRONMENTS = ("staging", "production")
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""Python keeps compiled modules, as it does for a user; some machines of developers forbid it."""
MEMORY_LIMIT = 200
"""The most that a render of 500 workloads may take, in MiB."""
MONITORING_LIMIT = 0.5
"""The most that all monitoring of Corporate Intel may take on top of a render, with lint, in seconds."""


Command = Callable[[], None]


class Ratio(NamedTuple):
    """One figure: what is measured, against what, the most it may be, and how often it is run."""

    title: str
    ours: Command
    theirs: Sequence[Command]
    limit: float
    runs: int


def main() -> int:
    """Measure, print the figures, and say whether all are within their limits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9, help="runs of each command (default 9)")
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{'':52} {'ours':>9} {'theirs':>9} {'ratio':>7} {'limit':>7}")
        within = [_measure(ratio) for ratio in _ratios(Path(scratch), runs)]
        within.append(_memory(Path(scratch)))
        within.append(_monitoring(runs))
        return 0 if all(within) else 1


def _ratios(scratch: Path, runs: int) -> list[Ratio]:
    few = max(3, runs // 3)
    help_ = _command(MANIFESTGEN, "--help")
    python = _command(ROOT / ".venv/bin/python", "-c", "pass")
    corporate = _Case(scratch, "corporate-intel", ROOT / "specs/platform.yaml")
    objects = _Case(scratch, "corporate-intel", _of_targets(scratch, "kustomize", "helm"))
    one, ten, hundred, many = (_equal_workloads(scratch, number) for number in (1, 10, 100, 500))
    both, chart = "kustomize + helm", "helm"
    return [
        Ratio("--help / python -c pass", help_, [python], 6.0, runs),
        Ratio(f"Corporate Intel, its objects / {both}", objects.render, objects.theirs, 1.5, runs),
        Ratio(f"Corporate Intel, everything / {both}", corporate.render, corporate.theirs, 3.0, runs),
        Ratio(f"1 workload / {both}", one.render, one.theirs, 1.0, runs),
        Ratio(f"10 workloads / {both}", ten.render, ten.theirs, 0.8, runs),
        Ratio(f"100 workloads / {both}", hundred.render, hundred.theirs, 0.2, few),
        Ratio(f"100 workloads / {chart} alone", hundred.render, hundred.helm, 3.0, runs),
        Ratio("100 workloads, --check / render", hundred.check, [hundred.render], 1.0, few),
        Ratio("500 workloads / 100 workloads", many.render, [hundred.render], 5.5, few),
    ]


def _of_targets(scratch: Path, *targets: str) -> Path:
    """The spec of Corporate Intel with these targets alone: no neighbour makes what the others make."""
    text = (ROOT / "specs/platform.yaml").read_text(encoding="utf-8")
    spec = scratch / "objects.yaml"
    spec.write_text(f"{text}\ntargets: [{', '.join(targets)}]\n", encoding="utf-8")
    return spec


class _Case:
    """A spec, rendered once: the commands that render it again, and those that read what came out."""

    def __init__(self, scratch: Path, chart_name: str, spec: Path) -> None:
        self._spec = spec
        self._out = scratch / spec.stem
        self._folders = (scratch / f"{spec.stem}-{number}" for number in count())
        _run(self._words(self._out))
        chart = with_stub_dependencies(self._out / "helm" / chart_name, scratch / f"chart-{spec.stem}")
        self.kustomize = [
            _command(TOOLS / "kubectl", "kustomize", self._out / "k8s/overlays" / name)
            for name in ENVIRONMENTS
        ]
        self.helm = [
            _command(TOOLS / "helm", "template", chart_name, chart, "--values", chart / f"values-{name}.yaml")
            for name in ENVIRONMENTS
        ]

    @property
    def theirs(self) -> list[Command]:
        return [*self.kustomize, *self.helm]

    def render(self) -> None:
        # Always a new folder: to delete the old one is not part of the work, and slows down what comes next.
        _run(self._words(next(self._folders)))

    def check(self) -> None:
        _run([*self._words(self._out), "--check"])

    def _words(self, out: Path) -> list[str | Path]:
        return [MANIFESTGEN, "render", "--spec", self._spec, "--out", out]


def _equal_workloads(scratch: Path, number: int) -> _Case:
    spec = scratch / f"{number}.yaml"
    spec.write_text(make_spec(number), encoding="utf-8")
    return _Case(scratch, "bench", spec)


def _measure(ratio: Ratio) -> bool:
    ours: list[float] = []
    theirs: list[float] = []
    ratio.ours()  # once without counting: files are read from the disk's cache from then on
    for _ in range(ratio.runs):
        ours.append(_seconds(ratio.ours))
        theirs.append(sum(_seconds(command) for command in ratio.theirs))
    mine, other = statistics.median(ours), statistics.median(theirs)
    within = mine / other <= ratio.limit
    verdict = "" if within else "  TOO SLOW"
    print(
        f"{ratio.title:52} {mine:8.3f}s {other:8.3f}s {mine / other:7.2f} {ratio.limit:7.2f}{verdict}",
        flush=True,
    )
    return within


def _monitoring(runs: int) -> bool:
    command = [ROOT / ".venv/bin/python", ROOT / "bench" / "monitoring.py", ROOT / "specs" / "platform.yaml"]
    taken = []
    for _ in range(runs):
        done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
        taken.append(float(done.stdout))
    median = statistics.median(taken)
    within = median <= MONITORING_LIMIT
    verdict = "" if within else "  TOO SLOW"
    title = "Monitoring of Corporate Intel, with its checks"
    print(f"{title:52} {median:>8.3f}s {'':16} {MONITORING_LIMIT:>7.2f}{verdict}")
    return within


def _memory(scratch: Path) -> bool:
    """The most that a process takes which renders 500 workloads."""
    words = [MANIFESTGEN, "render", "--spec", scratch / "500.yaml", "--out", scratch / "memory"]
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{words} ended with status {status}")
    mebibytes = _peak(usage)
    within = mebibytes <= MEMORY_LIMIT
    print(f"{'500 workloads, peak memory':52} {mebibytes:8.0f} MiB {'':16} {MEMORY_LIMIT:7}", end="")
    print("" if within else "  TOO MUCH")
    return within


def _peak(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024  # Linux counts in KiB


def _seconds(command: Command) -> float:
    start = time.perf_counter()
    command()
    return time.perf_counter() - start


def _command(*words: str | Path) -> Command:
    return lambda: _run(words)


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)


if __name__ == "__main__":
    sys.exit(main())
