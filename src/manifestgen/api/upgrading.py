"""What the files on disk say already, next to what is to be written: changes that a cluster would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from manifestgen.artifact import Artifact
from manifestgen.errors import Finding
from manifestgen.kube.objects import Inventory
from manifestgen.resolving import ResolvedPlatform, once_each
from manifestgen.write import Plan, Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from manifestgen.targets.committed import Committed


def refused_changes(
    planned: Plan,
    artifacts: Mapping[str, Artifact],
    select: Selection,
    environments: Mapping[str, tuple[ResolvedPlatform, Inventory]],
) -> list[Finding]:
    """Findings on changes to objects that the tree holds; of no files but those of the kinds concerned."""
    changed = [change.path for change in planned.changes]
    if not changed:
        return []
    from manifestgen.targets.committed import Committed, touched
    from manifestgen.verify.lint.immutable import KINDS

    concerned = touched(changed, KINDS)
    if not concerned:
        return []
    text = _texts(planned, artifacts)
    committed = Committed([*changed, *planned.unchanged], text)
    return once_each(
        {
            name: list(_of_environment(committed, concerned, platform, inventory))
            for name, (platform, inventory) in environments.items()
            if select.environments is None or name in select.environments
        }
    )


def _texts(planned: Plan, artifacts: Mapping[str, Artifact]) -> Callable[[str], str | None]:
    """The text that each file has on disk; of what does not change it is the one that is given."""
    before = {change.path: change.before for change in planned.changes}
    unchanged = frozenset(planned.unchanged)

    def text(path: str) -> str | None:
        data = before.get(path)
        if data is not None:
            return data.decode(errors="replace")
        return artifacts[path].text if path in unchanged else None

    return text


def _of_environment(
    committed: Committed, concerned: list[str], platform: ResolvedPlatform, inventory: Inventory
) -> Iterator[Finding]:
    from manifestgen.verify.lint import Silence, World
    from manifestgen.verify.lint.immutable import changes

    before = committed.objects(concerned, platform.environment or "")
    yield from Silence().heard(platform, changes(World(platform, inventory), before))
