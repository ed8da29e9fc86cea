"""Which kinds of output a spec has: all, those that `targets:` names, those that a command asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from manifestgen import api
from manifestgen.artifact import Artifact
from manifestgen.errors import Exit, ManifestgenError
from manifestgen.spec.platform import TargetName
from manifestgen.targets import REGISTRY
from support.pages import dead_links
from support.specs import as_json, named

NAMES = tuple(target.name for target in REGISTRY)


def _rendered(folder: Path, wanted: Any, *, source: str = "kustomize", **options: Any) -> api.RenderResult:
    spec = named("everything")
    spec["monitoring"]["runbooksUrl"] = "https://runbooks.example.com"
    spec["gitops"] = {**named("ways")["gitops"], "source": source}
    file = folder / "platform.yaml"
    file.write_text(as_json(spec if wanted is None else {**spec, "targets": wanted}), encoding="utf-8")
    return api.render(file, out=folder / "out", **options)


def test_the_spec_knows_the_names_of_all_targets() -> None:
    assert get_args(TargetName) == NAMES


@pytest.mark.parametrize("left_out", NAMES)
def test_each_target_can_be_left_out_and_the_others_stay_as_they_are(left_out: str, tmp_path: Path) -> None:
    source = "helm" if left_out == "kustomize" else "kustomize"  # which GitOps needs
    whole = _rendered(tmp_path, None, source=source)
    assert {artifact.target for artifact in whole.artifacts.values()} == set(NAMES)
    rest = _rendered(tmp_path, [name for name in NAMES if name != left_out], source=source)
    assert without_guides(rest) == {
        path: artifact for path, artifact in without_guides(whole).items() if artifact.target != left_out
    }
    assert rest.removed and not rest.created
    assert {rest.artifacts[path].target for path in rest.changed} <= {"guides"}
    pages = {path: artifact.text for path, artifact in rest.artifacts.items() if path.endswith(".md")}
    assert dead_links(pages, rest.artifacts) == []
    assert all(whole.artifacts[path].target == left_out for path in rest.removed)


def without_guides(result: api.RenderResult) -> dict[str, Artifact]:
    """What is the same whatever else there is: guides tell people of all that there is."""
    return {path: artifact for path, artifact in result.artifacts.items() if artifact.target != "guides"}


def test_a_target_that_the_spec_leaves_out_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ManifestgenError) as raised:
        _rendered(tmp_path, ["kustomize", "vault"], targets=["vault", "helm"])
    assert raised.value.exit_code is Exit.USAGE
    assert [finding.message for finding in raised.value.findings] == ["the spec leaves out the target 'helm'"]
    assert _rendered(tmp_path, ["kustomize", "vault"], targets=["vault"]).ok
