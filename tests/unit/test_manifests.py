"""Objects of one's own: how they are read, written and placed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

import manifestgen
from manifestgen.errors import ManifestgenError
from manifestgen.kube.objects import KubeObject
from manifestgen.pipeline import load
from manifestgen.resolving import ResolvedPlatform
from support.specs import as_json, inventory_of, platform_of, spec_of

FILE = """\
# Who watches the nodes; it runs on each of them,
# also on those of the control plane.
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: watcher
spec:
  selector: {matchLabels: {app: watcher}}
  template:
    metadata: {labels: {app: watcher}}
    spec:
      # It needs what the node has.
      hostNetwork: true
      containers:
        # The one that watches.
        - name: watcher
          image: ghcr.io/example/watcher:1.0.0
          # Not a comment of the text below.
          args:
            - |
              # no comment
              watch
          resources:
            limits: {memory: 64Mi}
        - image: ghcr.io/example/helper:1.0.0
          name: helper  # trailing ones are lost
---
---
kind: ConfigMap # the order of the head is ours
apiVersion: v1
metadata: {name: watcher, annotations: null}
data: {"on": "{{ .Values.x }}", since: "2024-01-01"}
"""


def spec_with_file(folder: Path, text: str = FILE, **more: Any) -> Path:
    (folder / "manifests").mkdir()
    (folder / "manifests/watcher.yaml").write_text(text, "utf-8")
    spec = folder / "spec.yaml"
    content = spec_of(manifests={"watcher": {"file": "manifests/watcher.yaml", **more}})
    spec.write_text(as_json(content), "utf-8")
    return spec


def own_objects(platform: ResolvedPlatform) -> list[KubeObject]:
    made = inventory_of(platform).objects.values()
    return [one for one in made if one.source[0] == "manifests"]


def config_map(name: str = "notes", **data: str) -> dict[str, Any]:
    """An object as it stands in a spec."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_the_objects_of_a_file_are_written_as_ours_with_their_comments(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    result = manifestgen.render(spec_with_file(tmp_path), out=tmp_path / "out")
    assert result.ok, result.findings
    paths = [path for path in result.artifacts if "/watcher/" in path]
    assert "".join(f"# {path}\n{result.artifacts[path].text}" for path in paths) == snapshot


def test_a_null_is_as_if_it_were_not_written(tmp_path: Path) -> None:
    inventory = inventory_of(load(spec_with_file(tmp_path)).platforms["live"])
    made = next(made for made in inventory.objects.values() if made.id.kind == "ConfigMap")
    assert made.manifest["metadata"] == {"name": "watcher"}


def test_the_description_stands_above_the_object() -> None:
    manifests = {"notes": {"description": "What people read\nin the morning", "object": config_map()}}
    (made,) = own_objects(platform_of(spec_of(manifests=manifests)))
    assert made.text.startswith("# What people read\n# in the morning\napiVersion: v1\n")
    assert (made.component, made.source) == ("notes", ("manifests", "notes"))


def test_environments_change_objects_that_stand_in_the_spec() -> None:
    spec = spec_of(manifests={"notes": {"object": config_map(a="1", b="2")}})
    spec["environments"]["other"] = {
        "namespace": "other",
        "manifests": {"notes": {"object": {"data": {"a": None, "b": "3"}}}},
    }
    (made,) = own_objects(platform_of(spec, "other"))
    assert made.manifest["data"] == {"b": "3"}


def test_what_only_environments_give_is_not_asked_of_the_base(tmp_path: Path) -> None:
    spec = spec_of(manifests={"notes": {"description": "Notes"}})
    spec["environments"] = {
        name: {"namespace": name, "manifests": {"notes": {"object": config_map(all="1", mine=name)}}}
        for name in ("one", "two")
    }
    file = tmp_path / "spec.yaml"
    file.write_text(as_json(spec), "utf-8")
    result = manifestgen.render(file, out=tmp_path / "out")
    assert result.ok, result.findings
    text = result.artifacts["k8s/base/notes/config-map.yaml"].text
    assert 'all: "1"' in text
    assert "mine" not in text


def test_a_file_is_found_from_the_file_that_names_it(tmp_path: Path) -> None:
    base = tmp_path / "company"
    base.mkdir()
    spec_with_file(base)
    (base / "spec.yaml").write_text(
        as_json(
            {
                "apiVersion": "manifestgen/v1",
                "kind": "PlatformPart",
                "manifests": {"watcher": {"file": "manifests/watcher.yaml"}},
            }
        ),
        "utf-8",
    )
    own = tmp_path / "spec.yaml"
    own.write_text(as_json({**spec_of(), "extends": "company/spec.yaml"}), "utf-8")
    assert [made.id.kind for made in own_objects(load(own).platforms["live"])] == ["DaemonSet", "ConfigMap"]


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    spec = spec_with_file(tmp_path)
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text(FILE, "utf-8")
    (tmp_path / "manifests/watcher.yaml").unlink()
    (tmp_path / "manifests/watcher.yaml").symlink_to(outside)
    assert [finding.rule for finding in manifestgen.validate(spec)] == ["manifest-file"]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: [1", "yaml-syntax", 2),
        ("a: &x [*x]", "yaml-alias-cycle", 1),
        ("a: 1\na: 2", "yaml-duplicate-key", 2),
        ("# nothing\n---\n", "manifest-file", None),
        ("{" * 100_000, "yaml-depth", 1),
    ],
)
def test_a_wrong_file_is_a_finding_on_its_line(
    text: str, rule: str, line: int | None, tmp_path: Path
) -> None:
    (found,) = manifestgen.validate(spec_with_file(tmp_path, text))
    assert found.rule == rule
    assert found.location is not None
    if line is not None:
        assert Path(found.location.file).name == "watcher.yaml"
        assert found.location.line == line


def test_names_of_anchors_end_with_their_document(tmp_path: Path) -> None:
    (found,) = manifestgen.validate(spec_with_file(tmp_path, "a: &x 1\n---\nb: *x\n"))
    assert (found.rule, found.location and found.location.line) == ("yaml-syntax", 3)


def test_objects_of_the_cluster_get_no_namespace(tmp_path: Path) -> None:
    odd = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"}}
    manifests = {
        "class": {
            "object": {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {"name": "usual"},
                "value": 10,
            }
        },
        "widget": {"object": odd, "scope": "Cluster", "unchecked": {"reason": "No schema"}},
    }
    file = tmp_path / "spec.yaml"
    file.write_text(as_json(spec_of(manifests=manifests)), "utf-8")
    result = manifestgen.render(file, out=tmp_path / "out")
    assert result.ok, result.findings
    assert "namespace" not in result.artifacts["helm/shop/templates/widget/widget-x.yaml"].text
    assert "Widget is a kind without a namespace" in (
        result.artifacts["k8s/overlays/live/namespace-corrections.yaml"].text
    )


def test_two_objects_of_one_name_are_a_finding() -> None:
    manifests = {"one": {"object": config_map("x")}, "two": {"object": config_map("x")}}
    with pytest.raises(ManifestgenError) as raised:
        inventory_of(platform_of(spec_of(manifests=manifests)))
    assert [finding.rule for finding in raised.value.findings] == ["object-clash"]
