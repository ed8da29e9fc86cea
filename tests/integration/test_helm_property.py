"""Whatever stands in the objects of three layers, the chart gives it back, with the real Helm."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.targets.helm import ChartInfo, render
from manifestgen.yamlio import characters
from support.helm import NAMESPACE, by_identity, expected, template, values_of, write_chart
from support.helm_objects import inventory, kube_object
from support.inprocess.helm import Chart
from support.proving import chart_files, equal

LAYERS = (None, "one", "two")
GONE = object()

HOSTILE = (
    *("", " ", "yes", "on", "n", "null", "~", "1", "1.10", "0x1f", "1_000", "12:30", "2024-01-01", "1e3"),
    *(
        "{{ .Values.x }}",
        "{{- if }}",
        "}}",
        "{{`",
        "`",
        "a: b",
        "# no",
        "- x",
        "|",
        ">",
        "&a",
        "*a",
        "!t",
        "%",
        "=",
        "<<",
    ),
    *(
        '"',
        "'",
        "\\",
        "\\n",
        "a\nb",
        "a\nb\n",
        "a\n\n",
        "\na",
        "  a\n b\n",
        "a \n",
        "\t",
        "a\tb",
        "{",
        "[",
        "@",
    ),
    *(
        "é",
        "😀",
        "\u2028",
        "\u0085",
        "\x7f",
        "\ufeff",
        "x" * 200,
        "long words " * 30,
        "---",
        "...",
        "\r\n",
        "\x00",
    ),
    *("first\n---\nsecond\n", "{{ include `x` . }}\n{{ end }}", "a\n   \n", "<b>&amp;</b>", "$HOME", "$(x)"),
)
strings = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = (
    st.sampled_from([0, 1, -1, 999_999, 1_000_000, -1_234_567, 2**31, 2**53 - 1])
    | st.integers(-(10**6), 10**6)
    | st.sampled_from([0.5, -0.25, 1.5, 1000.125])
)
scalars = strings | numbers | st.booleans()
keys = st.sampled_from(
    (
        "a",
        "name",
        "b-c",
        "on",
        "y",
        "1",
        "data",
        "labels",
        "annotations",
        "a.b/c",
        "{{ x }}",
        "é",
        "resources",
        "type",
    )
)
trees = st.recursive(
    scalars | st.none() | st.just({}) | st.just([]),
    lambda inner: st.dictionaries(keys, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=10,
)


@st.composite
def variants(draw: st.DrawFn, value: Any) -> Any:
    """``value`` as another layer may have it: the same, changed in places, or gone."""
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return draw(trees)
    if choice == 1:
        return GONE
    if isinstance(value, dict) and choice < 8:
        changed = {key: draw(variants(item)) for key, item in value.items()}
        extra = draw(st.dictionaries(keys, scalars, max_size=1))
        return {key: item for key, item in {**changed, **extra}.items() if item is not GONE}
    if isinstance(value, list) and choice < 8:
        return [item for item in (draw(variants(item)) for item in value) if item is not GONE]
    return value


@st.composite
def things(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """The spec of one object in each layer; an object may be missing, but not everywhere."""
    first = draw(trees)
    return first, draw(variants(first)), draw(variants(first))


def _manifest(name: str, spec: Any, kind: str) -> Manifest:
    labels = {"app.kubernetes.io/name": name}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


def _check(helm: Path, specs: list[tuple[Any, Any, Any]], kind: str) -> None:
    """One chart and one call of Helm for each layer prove many objects at once."""
    named = [(f"thing-{index}", versions) for index, versions in enumerate(specs)]
    layers = [
        inventory(
            None,
            *(
                kube_object(_manifest(name, versions[layer], kind), f"c{index // 3}")
                for index, (name, versions) in enumerate(named)
                if versions[layer] is not GONE
            ),
        )
        for layer in range(len(LAYERS))
    ]
    _check_layers(helm, layers)


def _check_layers(helm: Path, layers: list[Inventory]) -> None:
    base, one, two = layers
    info = ChartInfo("hostile", 'a "hostile" {{ chart }}: # x', "1.0.0")
    artifacts = render(base, {"one": one, "two": two}, info, Renderer(template_folders()))
    modelled = Chart(chart_files({artifact.path: artifact.text for artifact in artifacts}))
    with tempfile.TemporaryDirectory() as folder:
        chart = write_chart(artifacts, Path(folder))
        for name, layer in zip(LAYERS, layers, strict=True):
            want = expected(layer)
            equal(f"{name}", template(helm, chart, *values_of(chart, name)), want)
            equal(f"{name}, in process", by_identity(modelled.template(name, NAMESPACE)), want)


@given(specs=st.lists(things(), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_objects_come_back(tool: Callable[[str], Path], specs: list[tuple[Any, Any, Any]]) -> None:
    _check(tool("helm"), specs, "Thing")


words = st.sampled_from(["a", "b-c", "", "on", "1", "{{ x }}", "line\nline\n"])
names = st.lists(st.sampled_from(["api", "side", "wait-for-db", "x"]), unique=True, max_size=3)
images = st.sampled_from(
    ["ghcr.io/x/api:1", "ghcr.io/x/api:2", "busybox", "r:5000/b@sha256:0f", "$(IMAGE)", ""]
)
texts = st.dictionaries(st.sampled_from(["a", "b/c", "LEVEL"]), strings, max_size=3)


@st.composite
def containers(draw: st.DrawFn) -> list[dict[str, Any]]:
    options = {
        "image": images,
        "imagePullPolicy": st.sampled_from(["Always", "Never"]),
        "resources": st.dictionaries(st.sampled_from(["limits", "requests"]), texts, max_size=2),
        "env": names.flatmap(lambda found: st.tuples(*(st.just(n) for n in found))).map(
            lambda found: [{"name": n, "value": n[:2]} for n in found]
        ),
        "args": st.lists(words, max_size=2),
    }
    return [{"name": name, **draw(st.fixed_dictionaries({}, optional=options))} for name in draw(names)]


@st.composite
def workloads(draw: st.DrawFn, data: dict[str, str]) -> Manifest:
    annotations = {**draw(texts), **draw(st.sampled_from([{}, {"checksum/config": config_checksum(data)}]))}
    parts = {"initContainers": containers(), "nodeSelector": texts, "priorityClassName": words}
    pod = {"containers": draw(containers()), **draw(st.fixed_dictionaries({}, optional=parts))}
    meta = draw(st.fixed_dictionaries({"labels": texts}, optional={"annotations": st.just(annotations)}))
    options = {"replicas": st.integers(0, 2), "strategy": st.fixed_dictionaries({"type": words})}
    spec = draw(st.fixed_dictionaries({}, optional=options))
    return _manifest("api", {**spec, "template": {"metadata": meta, "spec": pod}}, "Deployment")


@st.composite
def ingresses(draw: st.DrawFn) -> Manifest:
    hosts = draw(st.lists(st.sampled_from(["a.example.com", "b.example.com"]), unique=True, max_size=2))
    paths = [{"path": path, "pathType": "Prefix"} for path in draw(st.lists(words, max_size=2))]
    rules = [{"host": host, "http": {"paths": paths}} for host in hosts]
    options = {
        "tls": st.sampled_from([[{"hosts": hosts, "secretName": "s"}], [], [{"hosts": ["c.example.com"]}]]),
        "rules": st.just(rules) | st.just([{"http": {"paths": paths}}]),
        "ingressClassName": words,
    }
    return _manifest("api", draw(st.fixed_dictionaries({}, optional=options)), "Ingress")


@st.composite
def scalers(draw: st.DrawFn) -> Manifest:
    cpu = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"averageUtilization": draw(st.integers(0, 9))}},
    }
    pods = {"type": "Pods", "pods": {"metric": {"name": "m-n"}, "target": {"averageValue": draw(words)}}}
    metrics = draw(st.lists(st.sampled_from([cpu, pods]), unique_by=str, max_size=2))
    options = {"minReplicas": st.integers(0, 3), "metrics": st.just(metrics), "behavior": texts}
    return _manifest("api", draw(st.fixed_dictionaries({}, optional=options)), "HorizontalPodAutoscaler")


@st.composite
def platforms(draw: st.DrawFn) -> list[Manifest]:
    """The objects of one component in one layer, each of which may be missing."""
    data = draw(texts)
    config = _manifest("api", {}, "ConfigMap") | {"data": data}
    service = draw(st.fixed_dictionaries({}, optional={"type": words, "clusterIP": st.just("None")}))
    found = [
        draw(workloads(data)),
        draw(ingresses()),
        draw(scalers()),
        config,
        _manifest("api", service, "Service"),
    ]
    kept = draw(st.lists(st.sampled_from(range(len(found))), unique=True, min_size=3))
    return [found[index] for index in sorted(kept)]


@given(components=st.lists(st.tuples(platforms(), platforms(), platforms()), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_workloads_come_back(
    tool: Callable[[str], Path], components: list[tuple[list[Manifest], ...]]
) -> None:
    layers = [
        inventory(
            None,
            *(
                kube_object({**one, "metadata": {**one["metadata"], "name": f"c{index}"}}, f"c{index}")
                for index, versions in enumerate(components)
                for one in versions[layer]
            ),
        )
        for layer in range(len(LAYERS))
    ]
    _check_layers(tool("helm"), layers)


@pytest.mark.parametrize("helm", ["helm", "helm3"])
@pytest.mark.parametrize("place", ["literal", "value", "member", "optional", "item", "key"])
def test_every_hostile_string_comes_back(tool: Callable[[str], Path], helm: str, place: str) -> None:
    build: dict[str, Callable[[str], tuple[Any, Any, Any]]] = {
        "literal": lambda text: ({"a": text, "b": 1},) * 3,
        "value": lambda text: ({"a": text, "b": 1}, {"a": "x", "b": 1}, {"a": text + "x", "b": 1}),
        "member": lambda text: ({"data": {"a": text}}, {"data": {"a": "x"}}, {"data": {"b": text}}),
        "optional": lambda text: ({"b": 1}, {"a": text, "b": 1}, {"a": "", "b": 1}),
        "item": lambda text: ({"a": [text]}, {"a": [text, text]}, {"a": []}),
        "key": lambda text: ({text: 1, "b": {"x": 1}}, {text: 2, "b": {"x": 1}}, {"b": {text: 2, "x": 2}}),
    }
    _check(tool(helm), [build[place](text) for text in HOSTILE], "Thing")


@pytest.mark.parametrize("helm", ["helm", "helm3"])
def test_every_hostile_comment_changes_nothing(tool: Callable[[str], Path], helm: str) -> None:
    """Comments above keys that are literal, lifted, guarded, and filled only."""

    def commented(index: int, text: str, spec: dict[str, Any]) -> KubeObject:
        plain = kube_object(_manifest(f"thing-{index}", spec, "Thing"), f"c{index}")
        head, _, body = plain.text.partition("spec:\n")
        comment = f"  # {characters.escaped(text)}\n"
        lines = (f"{comment}{line}" if line[2] != " " else line for line in body.splitlines(keepends=True))
        return replace(plain, text=f"{comment.lstrip()}{head}spec:\n{''.join(lines)}")

    specs: list[dict[str, Any]] = [
        {"a": 1, "b": 1, "c": {"d": 1}, "nodeSelector": {"x": "y"}},
        {"a": 1, "b": 2, "nodeSelector": {"x": "z"}},
        {"a": 1, "b": 3, "c": {"d": 2}},
    ]
    layers = [inventory(None, *(commented(i, t, spec) for i, t in enumerate(HOSTILE))) for spec in specs]
    _check_layers(tool(helm), layers)


@pytest.mark.parametrize("empty", [0, False, "", {}, [], None, 0.0])
def test_emptiness_is_a_meaning(tool: Callable[[str], Path], empty: Any) -> None:
    full = [1, True, "x", {"a": 1}, ["x"], "x", 1.5]
    specs: list[tuple[Any, Any, Any]] = [
        ({"k": empty, "b": 1}, {"b": 1}, {"k": other, "b": 1}) for other in full
    ]
    specs += [({"b": 1}, {"k": empty, "b": 1}, {"k": other, "b": 1}) for other in full]
    specs += [({"k": other, "b": 1}, {"k": empty, "b": 1}, {"b": 1}) for other in full]
    specs += [({"nodeSelector": other, "b": 1}, {"nodeSelector": empty, "b": 1}, {"b": 1}) for other in full]
    specs += [(GONE, {"k": empty}, {"k": other}) for other in full]
    _check(tool("helm"), specs, "Thing")
