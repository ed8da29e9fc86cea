"""Patches of the spec: whom they find, what they do, and who is named when the result is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

import manifestgen
from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.objects import KubeObject, Manifest
from manifestgen.kube.operations import OperationError, apply_operations
from support.specs import Spec, as_json, inventory_of, platform_of, spec_of

API = {
    "type": "web",
    "description": "The API",
    "image": {"repository": "ghcr.io/example/api", "tag": "1.0.0"},
    "ports": {"http": 8080},
    "replicas": 2,
    "config": {"main": {"description": "What it reads", "values": {"LEVEL": "info", "SIZE": 3}}},
    "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
}


def patched(*patches: Spec, **sections: Any) -> dict[tuple[str, str], KubeObject]:
    """The objects after the patches, by kind and name."""
    named = {f"p{index}": patch for index, patch in enumerate(patches)}
    spec = spec_of(workloads={"api": API}, patches=named, **sections)
    made = inventory_of(platform_of(spec)).objects
    return {(identity.kind, identity.name): one for identity, one in made.items()}


def spec_file(folder: Path, **sections: Any) -> Path:
    path = folder / "spec.yaml"
    path.write_text(as_json(spec_of(**{"workloads": {"api": API}, **sections})), "utf-8")
    return path


def merge(content: Spec, **target: Any) -> Spec:
    return {"target": target or {"kind": "Deployment"}, "merge": content}


def steps(*operations: Spec, **target: Any) -> Spec:
    return {"target": target or {"kind": "Deployment"}, "json": list(operations)}


def in_pod(**fields: Any) -> Spec:
    return {"spec": {"template": {"spec": fields}}}


ROLE = {"app.kubernetes.io/component": "web"}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ({"kind": "Deployment"}, {"Deployment api"}),
        ({"kind": "*e*t", "name": "api"}, {"Deployment api", "ServiceAccount api"}),
        ({"name": "api-*"}, {"ConfigMap api-config"}),
        ({"kind": "Service*", "name": "ap?"}, {"Service api", "ServiceAccount api"}),
        ({"group": "apps"}, {"Deployment api"}),
        ({"group": "networking.k8s.io", "name": "api"}, {"NetworkPolicy api"}),
        ({"kind": "S*", "labels": ROLE}, {"Service api", "ServiceAccount api"}),
    ],
)  # fmt: skip
def test_a_target_means_all_that_fits_everything_it_says(target: Spec, found: set[str]) -> None:
    made = patched(merge({"metadata": {"annotations": {"example.com/x": "1"}}}, **target))
    assert {
        f"{kind} {name}" for (kind, name), one in made.items() if "annotations" in one.manifest["metadata"]
    } == found


def test_a_patched_object_reads_as_before(snapshot: SnapshotAssertion) -> None:
    made = patched(
        merge(
            in_pod(
                dnsPolicy="Default",
                containers=[{"name": "api", "tty": True, "ports": [{"containerPort": 8080, "name": None}]}],
                securityContext={"fsGroup": None},
            )
        ),
        steps({"op": "replace", "path": "/data/LEVEL", "value": "debug"}, kind="ConfigMap"),
    )
    assert "---\n".join(made[kind].text for kind in (("Deployment", "api"), ("ConfigMap", "api-config"))) == (
        snapshot
    )


def test_a_patch_does_not_touch_what_others_hold() -> None:
    plain, changed = patched(), patched(merge(in_pod(hostNetwork=True)))
    assert "hostNetwork" not in plain["Deployment", "api"].manifest["spec"]["template"]["spec"]
    assert {key for key in plain if plain[key] != changed[key]} == {("Deployment", "api")}


def test_patches_are_made_in_their_order() -> None:
    add = {"op": "add", "path": "/metadata/annotations", "value": {"a": "1"}}
    change = {"op": "replace", "path": "/metadata/annotations/a", "value": "2"}
    made = patched(steps(add), merge({"metadata": {"annotations": {"b": "2"}}}), steps(change))
    assert made["Deployment", "api"].manifest["metadata"]["annotations"] == {"a": "2", "b": "2"}
    assert [name for name, _ in made["Deployment", "api"].history] == ["p0", "p1", "p2"]


def test_a_patch_removes_keys_items_and_whole_objects() -> None:
    made = patched(
        merge({"spec": {"revisionHistoryLimit": None, **in_pod(automountServiceAccountToken=None)["spec"]}}),
        merge(in_pod(containers=[{"name": "api", "ports": [{"containerPort": 8080, "$patch": "delete"}]}])),
        merge({"$patch": "delete"}, kind="ServiceAccount"),
    )
    spec = made["Deployment", "api"].manifest["spec"]
    assert "revisionHistoryLimit" not in spec
    assert "automountServiceAccountToken" not in spec["template"]["spec"]
    assert spec["template"]["spec"]["containers"][0]["ports"] == []
    assert ("ServiceAccount", "api") not in made


def test_a_changed_setting_starts_new_pods() -> None:
    made = patched(merge({"data": {"LEVEL": "debug"}}, kind="ConfigMap"))
    data = made["ConfigMap", "api-config"].manifest["data"]
    annotations = made["Deployment", "api"].manifest["spec"]["template"]["metadata"]["annotations"]
    assert data == {"LEVEL": "debug", "SIZE": "3"}
    assert annotations == {"checksum/api-config": config_checksum(data)}


def test_a_patch_of_an_environment_is_for_it_alone(tmp_path: Path) -> None:
    spec = spec_of(workloads={"api": API}, patches={"dns": merge(in_pod(dnsPolicy="Default"))})
    spec["environments"]["other"] = {
        "namespace": "other",
        "patches": {"dns": None, "host": merge(in_pod(hostNetwork=True))},
    }
    pods = {
        name: inventory_of(platform_of(spec, name)).objects[("apps/v1", "Deployment", "api")].manifest  # type: ignore[index]
        for name in ("live", "other")
    }
    found = {
        name: set(one["spec"]["template"]["spec"]) & {"dnsPolicy", "hostNetwork"}
        for name, one in pods.items()
    }
    assert found == {"live": {"dnsPolicy"}, "other": {"hostNetwork"}}


def test_the_base_may_lack_what_a_patch_is_for(tmp_path: Path) -> None:
    spec = spec_of(patches={"dns": merge(in_pod(dnsPolicy="Default"))})
    spec["environments"]["live"]["workloads"] = {"api": API}
    file = tmp_path / "spec.yaml"
    file.write_text(as_json(spec), "utf-8")
    assert manifestgen.validate(file) == ()


def test_what_a_patch_breaks_is_told_at_its_line(tmp_path: Path) -> None:
    patches = {
        "fine": merge({"metadata": {"annotations": {"a": "b"}}}),
        "port": merge({"spec": {"ports": [{"port": 80, "targetPort": "grpc"}]}}, kind="Service"),
        "after": merge({"metadata": {"annotations": {"c": "d"}}}, kind="Service"),
    }
    path = spec_file(tmp_path)
    spec = spec_of(workloads={"api": API}, patches=patches)
    text = as_json(spec)
    path.write_text(text, "utf-8")
    (found,) = manifestgen.validate(path)
    assert found.rule == "service-port-missing"
    assert found.message.endswith("(since patches.port)")
    assert found.location is not None
    assert text[found.location.column - 1 :].startswith('"merge": {"spec": {"ports": [{"port": 80')


def test_what_was_wrong_before_is_not_blamed_on_a_patch(tmp_path: Path) -> None:
    image = {"repository": "ghcr.io/example/api", "tag": "latest"}
    path = spec_file(
        tmp_path,
        workloads={"api": {**API, "image": image}},
        patches={"fine": merge({"metadata": {"annotations": {"a": "b"}}})},
    )
    (found,) = [one for one in manifestgen.lint(path) if one.rule == "image-latest"]
    assert (found.path, "since" in found.message) == ("workloads.api.image.tag", False)


def test_a_patch_may_mend_an_object_of_ones_own(tmp_path: Path) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "x"}, "spec": {"hart": {}}}
    path = spec_file(
        tmp_path,
        manifests={"quota": {"object": quota}},
        patches={"mend": merge({"spec": {"hart": None, "hard": {"pods": "9"}}}, kind="ResourceQuota")},
    )
    assert manifestgen.validate(path) == ()


# --- JSON patches ----------------------------------------------------------------------------------

DOCUMENT: Manifest = {"a": {"b": [1, 2, {"c": None}]}, "x/y": {"m~n": 1}, "": 0}


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ({"op": "add", "path": "/a/d", "value": 1}, {"a": {**DOCUMENT["a"], "d": 1}}),
        ({"op": "add", "path": "/a/b/1", "value": 9}, {"a": {"b": [1, 9, 2, {"c": None}]}}),
        ({"op": "add", "path": "/a/b/3", "value": 9}, {"a": {"b": [1, 2, {"c": None}, 9]}}),
        ({"op": "add", "path": "/a/b/-", "value": 9}, {"a": {"b": [1, 2, {"c": None}, 9]}}),
        ({"op": "remove", "path": "/a/b/0"}, {"a": {"b": [2, {"c": None}]}}),
        ({"op": "replace", "path": "/a/b/2/c", "value": 3}, {"a": {"b": [1, 2, {"c": 3}]}}),
        ({"op": "replace", "path": "/x~1y/m~0n", "value": 2}, {"x/y": {"m~n": 2}}),
        ({"op": "replace", "path": "/", "value": 1}, {"": 1}),
        ({"op": "move", "from": "/a/b", "path": "/b"}, {"a": {}, "b": DOCUMENT["a"]["b"]}),
        ({"op": "move", "from": "/a/b/0", "path": "/a/b/1"}, {"a": {"b": [2, 1, {"c": None}]}}),
        ({"op": "copy", "from": "/a/b/0", "path": "/n"}, {"n": 1}),
        ({"op": "test", "path": "/a/b/2", "value": {"c": None}}, {}),
    ],
)  # fmt: skip
def test_each_operation_does_what_the_standard_says(operation: Any, result: Manifest) -> None:
    before = repr(DOCUMENT)
    assert apply_operations(DOCUMENT, [operation]) == {**DOCUMENT, **result}
    assert repr(DOCUMENT) == before


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "add", "path": "/n/d", "value": 1}, "there is no /n"),
        ({"op": "add", "path": "/a/b/4", "value": 1}, "/a/b/4 is behind the end of a list of 3"),
        ({"op": "add", "path": "/a/b/01", "value": 1}, "/a/b/01: '01' is no place in a list"),
        ({"op": "add", "path": "/a/b/x", "value": 1}, "/a/b/x: 'x' is no place in a list"),
        ({"op": "add", "path": "/a/b/0/x", "value": 1}, "/a/b/0 is neither a map nor a list"),
        ({"op": "remove", "path": "/a/b/-"}, "/a/b/-: '-' is no place in a list"),
        ({"op": "remove", "path": "/a/b/3"}, "there is no /a/b/3: the list is of length 3"),
        ({"op": "replace", "path": "/a/n", "value": 1}, "there is no /a/n"),
        ({"op": "test", "path": "/a/b/0", "value": True}, "/a/b/0 has another value"),
        ({"op": "test", "path": "/a/b/0/c/d", "value": 1}, "/a/b/0 is neither a map nor a list"),
        ({"op": "move", "from": "/a", "path": "/a/b"}, "/a cannot be moved into itself"),
        ({"op": "copy", "from": "/n", "path": "/m"}, "there is no /n"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_with_its_place(operation: Any, message: str) -> None:
    fine = {"op": "test", "path": "/a/b/0", "value": 1}
    with pytest.raises(OperationError) as raised:
        apply_operations(DOCUMENT, [fine, operation])
    assert (str(raised.value), raised.value.index) == (message, 1)
