"""Specs of several files: bases, parts, and what holds for all files together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import manifestgen
from manifestgen import cli
from manifestgen.errors import ManifestgenError
from manifestgen.pipeline import load
from manifestgen.resolving import SpecFiles
from manifestgen.resolving.assembly import assemble
from manifestgen.yamlio import compose, read
from support.specs import Spec, as_json

Files = dict[str, Spec]

WORKLOAD = {
    "type": "worker",
    "image": {"repository": "ghcr.io/example/api", "tag": "1.0.0"},
    "replicas": 1,
}
REQUESTS = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}
COMPANY: Spec = {
    "metadata": {"owner": "company"},
    "cluster": {"kubernetesVersion": "1.32"},
    "defaults": {"workloads": {"resources": REQUESTS, "priorityClass": "usual"}},
    "workloads": {"agent": WORKLOAD, "debugger": WORKLOAD},
    "environments": {
        "staging": {"workloads": {"agent": None}},
        "production": {"workloads": {"debugger": None}, "metadata": {"version": "2.0.0"}},
    },
}


def written(folder: Path, files: Files) -> Path:
    """The files, each with its head; the path of the first."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = "Platform" if name == next(iter(files)) else "PlatformPart"
        path.write_text(as_json({"apiVersion": "manifestgen/v1", "kind": kind, **content}), "utf-8")
    return folder / next(iter(files))


def platform(**sections: Any) -> Spec:
    """A spec that builds on the company's."""
    return {
        "extends": "../company/base.yaml",
        "metadata": {"name": "shop"},
        "environments": {"staging": {"namespace": "shop-staging"}, "production": {"namespace": "shop"}},
        **sections,
    }


def test_a_platform_lies_over_the_spec_that_it_builds_on(tmp_path: Path) -> None:
    own = platform(workloads={"agent": {"replicas": 3}, "web": WORKLOAD})
    found = load(written(tmp_path, {"shop/platform.yaml": own, "company/base.yaml": COMPANY})).platforms
    base, staging, production = found[None].spec, found["staging"].spec, found["production"].spec
    assert base.metadata.owner == "company"
    assert list(base.workloads) == ["agent", "debugger", "web"]
    assert [one.replicas for one in base.workloads.values()] == [3, 1, 1]
    assert base.workloads["web"].priority_class == "usual"
    assert list(staging.workloads) == ["debugger", "web"]
    assert list(production.workloads) == ["agent", "web"]
    assert production.metadata.version == "2.0.0"


def test_every_value_knows_the_file_it_was_written_in(tmp_path: Path) -> None:
    spec = written(tmp_path, {"shop/platform.yaml": platform(), "company/base.yaml": COMPANY})
    node = load(spec).base.node
    assert node.at(("metadata", "name")).location.file == str(spec)
    assert node.at(("metadata", "owner")).location.file == str(tmp_path / "company/base.yaml")


def test_the_defaults_of_both_hold(tmp_path: Path) -> None:
    own = platform(defaults={"workloads": {"priorityClass": "high"}}, workloads={"web": WORKLOAD})
    spec = load(written(tmp_path, {"shop/platform.yaml": own, "company/base.yaml": COMPANY})).base.spec
    assert spec.workloads["web"].priority_class == "high"
    assert spec.workloads["web"].resources.requests.cpu == "50m"


def test_a_platform_removes_what_its_base_has(tmp_path: Path) -> None:
    own = platform(
        workloads={"debugger": None, "agent": {"priorityClass": None}},
        environments={"staging": None, "production": {"namespace": "shop", "workloads": {"debugger": {}}}},
    )
    own["environments"]["production"]["workloads"] = {"agent": {"replicas": 2}}
    found = load(written(tmp_path, {"shop/platform.yaml": own, "company/base.yaml": COMPANY})).platforms
    assert set(found) == {None, "production"}
    assert list(found[None].spec.workloads) == ["agent"]
    assert found[None].spec.workloads["agent"].priority_class is None
    assert found["production"].spec.workloads["agent"].replicas == 2


def test_of_several_bases_the_last_one_wins(tmp_path: Path) -> None:
    files = {
        "platform.yaml": platform(extends=["company.yaml", "team.yaml"]),
        "company.yaml": COMPANY,
        "team.yaml": {"metadata": {"owner": "team", "description": "Ours"}},
    }
    metadata = load(written(tmp_path, files)).base.spec.metadata
    assert (metadata.owner, metadata.description) == ("team", "Ours")


def test_bases_build_on_bases_from_their_own_folders(tmp_path: Path) -> None:
    files = {
        "shop/platform.yaml": platform(extends="../team/base.yaml"),
        "team/base.yaml": {"extends": "../company/base.yaml", "metadata": {"description": "Ours"}},
        "company/base.yaml": COMPANY,
    }
    metadata = load(written(tmp_path, files)).base.spec.metadata
    assert (metadata.owner, metadata.description) == ("company", "Ours")


def test_a_base_that_two_extend_is_read_once(tmp_path: Path) -> None:
    files: Files = {"platform.yaml": {"extends": ["0-a.yaml", "0-b.yaml"]}}
    for level in range(9):
        for side in "ab":
            files[f"{level}-{side}.yaml"] = {"extends": [f"{level + 1}-a.yaml", f"{level + 1}-b.yaml"]}
    files |= {"9-a.yaml": {"metadata": {"owner": "a"}}, "9-b.yaml": {"metadata": {"owner": "b"}}}
    node = assemble(written(tmp_path, files), SpecFiles())
    assert node.at(("metadata", "owner")).value == "b"


def test_parts_are_one_spec_with_what_includes_them(tmp_path: Path) -> None:
    files = {
        "platform.yaml": {**COMPANY, **platform(), "include": ["workloads/*.yaml", "routes.yaml", "w*.yaml"]},
        "workloads/b.yaml": {"workloads": {"b": WORKLOAD}, "environments": {"staging": {"externals": {}}}},
        "workloads/a.yaml": {"workloads": {"a": WORKLOAD}},
        "workloads/.hidden.yaml": {"workloads": {"a": {}}},
        "routes.yaml": {"externals": {"world": {"networks": ["0.0.0.0/0"], "ports": [443]}}},
        "w.yaml": {},
    }
    del files["platform.yaml"]["extends"]
    files["platform.yaml"]["metadata"] = {"name": "shop", "owner": "team"}
    spec = load(written(tmp_path, files)).base.spec
    assert list(spec.workloads) == ["agent", "debugger", "a", "b"]
    assert list(spec.externals) == ["world"]


def test_a_spec_does_not_include_itself(tmp_path: Path) -> None:
    files = {"platform.yaml": {**COMPANY, **platform(), "include": ["*.yaml"]}, "other.yaml": {}}
    files["platform.yaml"] |= {"metadata": {"name": "shop", "owner": "team"}}
    del files["platform.yaml"]["extends"]
    assert load(written(tmp_path, files)).base.name == "shop"


def test_what_is_included_stays_in_the_folder_even_by_links(tmp_path: Path) -> None:
    spec = written(tmp_path, {"shop/platform.yaml": {"include": ["*.yaml"]}, "other.yaml": {}})
    (spec.parent / "link.yaml").symlink_to(tmp_path / "other.yaml")
    with pytest.raises(ManifestgenError) as raised:
        load(spec)
    assert [finding.rule for finding in raised.value.findings] == ["include-path"]


def test_the_same_tree_comes_of_one_file_and_of_several(tmp_path: Path) -> None:
    whole = {**COMPANY, **platform(), "metadata": {"name": "shop", "owner": "company"}}
    del whole["extends"]
    environments = {
        name: {**COMPANY["environments"][name], **own} for name, own in platform()["environments"].items()
    }
    one = written(tmp_path / "one", {"platform.yaml": {**whole, "environments": environments}})
    several = written(tmp_path, {"shop/platform.yaml": platform(), "company/base.yaml": COMPANY})
    results = [manifestgen.render(spec, out=tmp_path / spec.parent.name / "out") for spec in (one, several)]
    assert results[0].ok
    assert {path: made.text for path, made in results[0].artifacts.items()} == {
        path: made.text for path, made in results[1].artifacts.items()
    }


def test_a_limit_holds_for_all_files_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"shop/platform.yaml": platform(), "company/base.yaml": COMPANY}
    spec = written(tmp_path, files)
    values = compose.MOST_VALUES
    monkeypatch.setattr(compose, "MOST_VALUES", 40)
    assert [finding.rule for finding in manifestgen.validate(spec)] == ["spec-size"]
    monkeypatch.setattr(compose, "MOST_VALUES", values)
    monkeypatch.setattr(read, "LARGEST_SPEC", sum((tmp_path / name).stat().st_size for name in files) - 1)
    (found,) = manifestgen.validate(spec)
    assert (found.rule, found.location) == ("spec-size", found.location)
    assert found.path == "extends"


def test_there_may_be_only_so_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manifestgen.resolving.files.MOST_FILES", 3)
    files: Files = {"platform.yaml": {"include": ["parts/*.yaml"]}}
    spec = written(tmp_path, files | {f"parts/{index}.yaml": {} for index in range(3)})
    (found,) = manifestgen.validate(spec)
    assert (found.rule, found.message) == ("spec-size", "the spec is made of more than 3 files")


def test_show_prints_the_spec_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = platform(
        patches={"calm": {"target": {"kind": "Deployment"}, "merge": {"spec": {"replicas": None}}}},
    )
    spec = written(tmp_path, {"shop/platform.yaml": own, "company/base.yaml": COMPANY})
    assert cli.run(["show", "production", "--spec", str(spec)]) == 0
    shown = capsys.readouterr().out
    assert "owner: company" in shown
    assert "replicas: null" in shown
