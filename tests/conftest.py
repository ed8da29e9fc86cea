"""What every test may ask for: the repository and the real tools."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools" / "bin"


def pytest_configure() -> None:
    """What holds for all tests of a process."""
    # Look for garbage less often: a worker holds a great many objects, and most of them stay.
    gc.set_threshold(50_000, 20, 20)
    # How long one example takes says more about the machine than about what is tested.
    settings.register_profile("suite", deadline=None)
    settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """What has been imported and collected by now stays: no need to look through it ever again."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: what starts servers waits for them much of its time."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The folder of pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """The path of a real program: ``tool("kubectl")``.

    Fetched ones come before those on PATH. A missing one skips the test, or fails it where the proof
    is required (MANIFESTGEN_REQUIRE_TOOLS=1, as in CI).
    """

    def find(name: str) -> Path:
        found = shutil.which(name, path=os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)]))
        if found is not None:
            return Path(found)
        message = f"{name} is neither in .tools/bin nor on PATH: run `make tools`"
        if os.environ.get("MANIFESTGEN_REQUIRE_TOOLS") == "1":
            pytest.fail(message)
        pytest.skip(message)

    return find


@pytest.fixture(scope="module")
def warm_renders() -> Iterator[None]:
    """For modules that render again and again in this process: compile templates and read schemas once.

    Own templates are compiled each time, as they may change between two renders.
    """
    from support.rendering import warm  # much of the program, which most single tests have no need of

    with warm():
        yield
