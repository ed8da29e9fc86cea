"""The patch between two versions of an object: one row for each trap that Kustomize has."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.kube.apply import UnmergeableError, apply_patch
from manifestgen.kube.difference import InexpressibleError, difference
from manifestgen.kube.jsonpatch import json_operations
from manifestgen.kube.plain import copied, same

KINDS = {
    "pod": ("v1", "Pod"),
    "service": ("v1", "Service"),
    "config": ("v1", "ConfigMap"),
    "ingress": ("networking.k8s.io/v1", "Ingress"),
    "custom": ("example.com/v1", "Thing"),
}


def manifest(kind: str, text: str) -> dict[str, Any]:
    """An object called x with the fields that ``text`` holds."""
    api_version, name = KINDS[kind]
    fields = yaml.safe_load(text) or {}
    metadata = {"name": "x"} | fields.pop("metadata", {})
    return {"apiVersion": api_version, "kind": name, "metadata": metadata, **fields}


# name: (kind, base, target, what the patch holds beside its head)
TRAPS = {
    "a scalar changes": ("custom", "spec: {a: 1, b: 2}", "spec: {a: 1, b: 3}", "spec: {b: 3}"),
    "nothing becomes zero": ("custom", "spec: {a: 1}", "spec: {a: 0}", "spec: {a: 0}"),
    "one is not true": ("custom", "spec: {a: 1}", "spec: {a: true}", "spec: {a: true}"),
    "a number becomes its text": ("config", "data: {a: 1}", 'data: {a: "1"}', 'data: {a: "1"}'),
    "a removed key becomes null": ("config", "data: {a: x, b: y}", "data: {b: y}", "data: {a: null}"),
    "a removed map becomes null": ("config", "data: {a: x}", "", "data: null"),
    "the last key of a map goes, the map stays": ("config", "data: {a: x}", "data: {}", "data: {a: null}"),
    "an empty map is added": (
        "pod",
        "spec: {}",
        "spec: {securityContext: {}}",
        "spec: {securityContext: {}}",
    ),
    "keys keep the order of the target": (
        "config",
        "data: {c: 1, gone: 1}",
        "data: {d: 1, c: 2, a: 1}",
        "data: {d: 1, c: 2, gone: null, a: 1}",
    ),
    "keys with dots and slashes are like others": (
        "custom",
        "metadata: {annotations: {a/b.c: x}}",
        "metadata: {annotations: {a/b.d: x}}",
        "metadata: {annotations: {a/b.c: null, a/b.d: x}}",
    ),
    "a list without a merge key is replaced whole": (
        "ingress",
        "spec: {rules: [{host: a}, {host: b}]}",
        "spec: {rules: [{host: a}]}",
        "spec: {rules: [{host: a}]}",
    ),
    "containers of a custom resource are replaced whole": (
        "custom",
        "spec: {containers: [{name: a, image: x}]}",
        "spec: {containers: [{name: a, image: y}]}",
        "spec: {containers: [{name: a, image: y}]}",
    ),
    "a whole object inside a custom resource is merged like the object": (
        "custom",
        "spec: {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: x, tty: true}]}}",
        "spec: {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: y, tty: true}]}}",
        "spec: {spec: {containers: [{name: a, image: y}]}}",
    ),
    "the first item of a list changes alone": (
        "pod",
        "spec: {containers: [{name: a, image: x}, {name: b, image: x}]}",
        "spec: {containers: [{name: a, image: y}, {name: b, image: x}]}",
        "spec: {containers: [{name: a, image: y}]}",
    ),
    "items before a changed one are named to keep their place": (
        "pod",
        "spec: {containers: [{name: a, image: x}, {name: b, image: x}, {name: c, image: x}]}",
        "spec: {containers: [{name: a, image: x}, {name: b, image: y}, {name: c, image: x}]}",
        "spec: {containers: [{name: a}, {name: b, image: y}]}",
    ),
    "an item added at the end comes with the names of all": (
        "pod",
        "spec: {containers: [{name: a, image: x}]}",
        "spec: {containers: [{name: a, image: x}, {name: b, image: x}]}",
        "spec: {containers: [{name: a}, {name: b, image: x}]}",
    ),
    "a removed item is deleted by name": (
        "pod",
        "spec: {containers: [{name: a, image: x}, {name: b, image: x}]}",
        "spec: {containers: [{name: a, image: x}]}",
        "spec: {containers: [{name: b, $patch: delete}]}",
    ),
    "items that change places are named in the new order": (
        "pod",
        "spec: {containers: [{name: a}, {name: b}, {name: c}]}",
        "spec: {containers: [{name: b}, {name: a}, {name: c}]}",
        "spec: {containers: [{name: b}]}",
    ),
    "the last item goes, the list stays": (
        "pod",
        "spec: {volumes: [{name: a}]}",
        "spec: {volumes: []}",
        "spec: {volumes: [{name: a, $patch: delete}]}",
    ),
    "a volume of another type loses the old one": (
        "pod",
        "spec: {volumes: [{name: a, emptyDir: {}}]}",
        "spec: {volumes: [{name: a, configMap: {name: c}}]}",
        "spec: {volumes: [{name: a, emptyDir: null, configMap: {name: c}}]}",
    ),
    "emptyDir with fields loses them one by one": (
        "pod",
        "spec: {volumes: [{name: a, emptyDir: {sizeLimit: 1Gi}}]}",
        "spec: {volumes: [{name: a, emptyDir: {}}]}",
        "spec: {volumes: [{name: a, emptyDir: {sizeLimit: null}}]}",
    ),
    "an environment variable gets its value from elsewhere": (
        "pod",
        "spec: {containers: [{name: a, env: [{name: E, value: x}]}]}",
        "spec: {containers: [{name: a, env: [{name: E, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}",
        "spec: {containers: [{name: a, env: [{name: E, value: null, "
        "valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}",
    ),
    "ports that only have a number are merged by it": (
        "service",
        "spec: {ports: [{port: 80, name: a}, {port: 81, name: b}]}",
        "spec: {ports: [{port: 80, name: a}, {port: 81, name: c}]}",
        "spec: {ports: [{port: 80}, {port: 81, name: c}]}",
    ),
    "a port with a protocol cannot be put behind others, so all are written": (
        "service",
        "spec: {ports: [{port: 80, protocol: TCP}]}",
        "spec: {ports: [{port: 80, protocol: TCP}, {port: 53, protocol: UDP}]}",
        "spec: {ports: [{$patch: replace}, {port: 80, protocol: TCP}, {port: 53, protocol: UDP}]}",
    ),
    "an item whose field changes its kind makes the list be written whole": (
        "pod",
        "spec: {containers: [{name: a, lifecycle: x}, {name: b}]}",
        "spec: {containers: [{name: a, lifecycle: {preStop: {}}}, {name: b}]}",
        "spec: {containers: [{$patch: replace}, {name: a, lifecycle: {preStop: {}}}, {name: b}]}",
    ),
    "a field that changes its kind makes its map be written whole": (
        "custom",
        "spec: {a: {b: x, c: 1}}",
        "spec: {a: {b: {d: y}, c: 1}}",
        "spec: {a: {$patch: replace, b: {d: y}, c: 1}}",
    ),
    "a map with little left is written whole": (
        "custom",
        "spec: {a: {b: 1, c: 1, d: 1, e: 1, f: 1}}",
        "spec: {a: {g: 1}}",
        "spec: {a: {$patch: replace, g: 1}}",
    ),
    "a text that starts with a tab does not take the place of another": (
        "config",
        "data: {a: x, b: y}",
        'data: {a: "\\tx\\ny", b: y}',
        'data: {$patch: replace, a: "\\tx\\ny", b: y}',
    ),
    "a port in two protocols, one of them left out, stays when the patch does not name it": (
        "service",
        "spec: {type: a, ports: [{port: 53}, {port: 53, protocol: UDP}]}",
        "spec: {type: b, ports: [{port: 53}, {port: 53, protocol: UDP}]}",
        "spec: {type: b}",
    ),
    "finalizers are written whole": (
        "config",
        "metadata: {finalizers: [a, b]}",
        "metadata: {finalizers: [b]}",
        "metadata: {finalizers: [{$patch: replace}, b]}",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_the_patch_is_what_a_careful_person_writes(trap: str) -> None:
    kind, base, target, patch = TRAPS[trap]
    result = difference(manifest(kind, base), manifest(kind, target))
    assert yaml.safe_dump(result, sort_keys=False) == yaml.safe_dump(manifest(kind, patch), sort_keys=False)


@pytest.mark.parametrize("trap", TRAPS)
def test_applied_the_patch_gives_the_target(trap: str) -> None:
    kind, base, target, patch = TRAPS[trap]
    assert same(apply_patch(manifest(kind, base), manifest(kind, patch)), manifest(kind, target))


def test_equal_objects_need_no_patch() -> None:
    thing = manifest("pod", "spec: {containers: [{name: a}], x: {}}")
    assert difference(thing, copied(thing)) is None


INEXPRESSIBLE = {
    "null in a map": ("custom", "spec: {a: 1}", "spec: {a: null}"),
    "a section that changes its kind": ("custom", "spec: {a: 1}", "spec: [a]"),
    "two items with one name": (
        "pod",
        "spec: {hostNetwork: true, hostAliases: [{ip: a, hostnames: [x]}, {ip: a, hostnames: [y]}]}",
        "spec: {hostNetwork: false, hostAliases: [{ip: a, hostnames: [x]}, {ip: a, hostnames: [y]}]}",
    ),
}


@pytest.mark.parametrize("case", INEXPRESSIBLE)
def test_what_no_patch_says_is_refused(case: str) -> None:
    kind, base, target = INEXPRESSIBLE[case]
    with pytest.raises(InexpressibleError):
        difference(manifest(kind, base), manifest(kind, target))


def test_operations_name_the_deepest_place_that_differs() -> None:
    base = manifest("custom", "spec: {a/b~c: 1, list: [{x: 1}, {y: 1}], gone: 1, map: {}}")
    target = manifest("custom", "spec: {a/b~c: null, list: [{x: 1}, {y: 2}], map: {k: []}}")
    assert json_operations(base, target) == [
        {"op": "replace", "path": "/spec/a~1b~0c", "value": None},
        {"op": "replace", "path": "/spec/list/1/y", "value": 2},
        {"op": "remove", "path": "/spec/gone"},
        {"op": "add", "path": "/spec/map/k", "value": []},
    ]


def test_a_patch_that_deletes_the_object_leaves_nothing() -> None:
    thing = manifest("config", "data: {a: b}")
    assert apply_patch(thing, {**thing, "$patch": "delete"}) == {}


def test_a_map_does_not_become_a_list() -> None:
    with pytest.raises(UnmergeableError, match="a map cannot become a list"):
        apply_patch(manifest("custom", "spec: {}"), manifest("custom", "spec: []"))


def test_neither_argument_is_changed() -> None:
    base, target = (
        manifest("pod", TRAPS["a volume of another type loses the old one"][place]) for place in (1, 2)
    )
    before = copied([base, target])
    difference(base, target)
    assert [base, target] == before


data = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
)


@given(data, data)
def test_same_means_equal_as_json(left: Any, right: Any) -> None:
    def tagged(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: tagged(item) for key, item in value.items()}
        return list(map(tagged, value)) if isinstance(value, list) else (type(value).__name__, value)

    assert same(left, right) == (tagged(left) == tagged(right))
    assert same(left, copied(left))
