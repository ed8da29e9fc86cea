"""The generalisation of small objects: what stays literal, what becomes a value, under which name."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.facts.checksum import config_checksum
from manifestgen.kube.generalise.layers import keeps_order, merged_order
from manifestgen.kube.objects import Inventory, KubeObject, Manifest
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.targets.helm import ChartInfo, Dependency, render
from manifestgen.targets.helm.syntax import escaped
from manifestgen.targets.helm.values import map_difference
from support import yaml11
from support.helm_objects import inventory, kube_object

GONE: Final = object()
RENDERER: Final = Renderer(template_folders())


def thing(
    spec: Any, *, kind: str = "Thing", name: str = "api", component: str = "api", **meta: Any
) -> KubeObject:
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": component}, **meta}
    return kube_object({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}, component)


def deployment(pod: dict[str, Any], component: str = "api", **spec: Any) -> KubeObject:
    template = {"metadata": {"labels": {"app": component}, **spec.pop("pod_meta", {})}, "spec": pod}
    return thing({**spec, "template": template}, kind="Deployment", name=component, component=component)


def chart(*layers: Inventory, aliases: tuple[str, ...] = ()) -> dict[str, str]:
    """The files of a chart of the base and the environments ``one``, ``two``, …"""
    base, *others = layers
    names = ("one", "two", "three")
    dependencies = tuple(Dependency(alias, "1.0.0", "https://example.com") for alias in aliases)
    info = ChartInfo("demo", "A demo", "1.0.0", dependencies=dependencies)
    artifacts = render(base, dict(zip(names, others, strict=False)), info, RENDERER)
    return {artifact.path.removeprefix("helm/demo/"): artifact.text for artifact in artifacts}


def of_specs(*specs: Any, **more: Any) -> dict[str, str]:
    """The chart of one object whose spec is the next of ``specs`` in each layer."""
    return chart(*(inventory(None, *(() if s is GONE else (thing(s, **more),))) for s in specs))


def spec_text(files: dict[str, str], path: str = "templates/api/thing.yaml") -> str:
    """The template from ``spec:`` on."""
    return files[path].partition("spec:\n")[2]


def values(files: dict[str, str], layer: str = "") -> Any:
    return yaml11.read(files[f"values-{layer}.yaml" if layer else "values.yaml"])


SHAPES: Final[dict[str, tuple[tuple[Any, ...], str]]] = {
    "equal": (({"a": 1, "b": {}}, {"a": 1, "b": {}}), "  a: 1\n  b: {}\n"),
    "a string": (({"a": "x"}, {"a": "y"}), "  a: {{ .Values.api.thing.a | quote }}\n"),
    "a number": (({"a": 1}, {"a": 0}), "  a: {{ .Values.api.thing.a }}\n"),
    "a large number": (({"a": 1}, {"a": 1_000_000}), "  a: {{ .Values.api.thing.a | int64 }}\n"),
    "a fraction": (({"a": 0.5}, {"a": 1}), "  a: {{ .Values.api.thing.a | toJson }}\n"),
    "a switch": (({"a": True}, {"a": False}), "  a: {{ .Values.api.thing.a }}\n"),
    "a number or a word": (({"a": 1}, {"a": "all"}), "  a: {{ .Values.api.thing.a | toYaml }}\n"),
    "a number that is not a switch": (({"a": 1}, {"a": True}), "  a: {{ .Values.api.thing.a | toYaml }}\n"),
    "null or a map": (({"a": None}, {"a": {"x": 1}}), "  a: {{ .Values.api.thing.a }}\n"),
    "the deepest place": (
        ({"a": {"b": {"c": 1, "d": 1}}}, {"a": {"b": {"c": 2, "d": 1}}}),
        "  a:\n    b:\n      c: {{ .Values.api.thing.a.b.c }}\n      d: 1\n",
    ),
    "an open map": (
        ({"data": {"x": "1"}}, {"data": {"x": "1", "y": "2"}}),
        "  data:\n    {{- toYaml .Values.api.thing.data | nindent 4 }}\n",
    ),
    "maps without a common key": (
        ({"a": {"x": 1}}, {"a": {"y": 1}}),
        "  a:\n    {{- toYaml .Values.api.thing.a | nindent 4 }}\n",
    ),
    "lists of words": (
        ({"a": ["x"]}, {"a": ["x", "y"]}),
        "  a:\n    {{- toYaml .Values.api.thing.a | nindent 4 }}\n",
    ),
    "an optional key": (
        ({"a": 1, "b": 0}, {"a": 1}),
        '  a: 1\n  {{- if hasKey .Values.api.thing "b" }}\n  b: {{ .Values.api.thing.b }}\n  {{- end }}\n',
    ),
    "an optional map that is never empty": (
        ({"a": 1}, {"a": 1, "nodeSelector": {"x": "y"}}),
        "  a: 1\n  {{- with .Values.api.thing.nodeSelector }}\n  nodeSelector:\n"
        "    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
    ),
    "an optional map that may be empty": (
        ({"a": 1, "b": 1}, {"a": 1, "b": 2, "nodeSelector": {}}),
        "  a: 1\n  b: {{ .Values.api.thing.b }}\n"
        '  {{- if hasKey .Values.api.thing "nodeSelector" }}\n  nodeSelector:\n'
        "    {{- toYaml .Values.api.thing.nodeSelector | nindent 4 }}\n  {{- end }}\n",
    ),
    "named items": (
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "v": 2}]}),
        "  a:\n    - name: x\n      v: {{ .Values.api.thing.a.x.v }}\n",
    ),
    "an optional named item": (
        ({"a": [{"name": "x"}]}, {"a": [{"name": "x"}, {"name": "y-z", "v": 1}]}),
        "  a:\n    - name: x\n    {{- if .Values.api.thing.a.yZ.enabled }}\n    - name: y-z\n      v: 1\n"
        "    {{- end }}\n",
    ),
    "named items in another order": (
        ({"a": [{"name": "x"}, {"name": "y"}]}, {"a": [{"name": "y"}, {"name": "x"}]}),
        "  a:\n    {{- toYaml .Values.api.thing.a | nindent 4 }}\n",
    ),
    "lists of one shape": (
        ({"a": [{"p": 1, "q": 1}, {"p": 2, "q": 1}]}, {"a": [{"p": 1, "q": 1}, {"p": 3, "q": 1}]}),
        "  a:\n    - p: 1\n      q: 1\n    - p: {{ .Values.api.thing.a2.p }}\n      q: 1\n",
    ),
    "braces": (({"a": "{{ x }}", "b": "{{"},), '  a: "{{`{{ x }}`}}"\n  b: "{{ "{{" }}"\n'),
}


@pytest.mark.parametrize(("specs", "text"), SHAPES.values(), ids=SHAPES)
def test_a_difference_is_written_at_the_deepest_place(specs: tuple[Any, ...], text: str) -> None:
    assert spec_text(of_specs(*specs)) == text


def test_a_removed_key_becomes_null_and_nothing_else_is_repeated() -> None:
    files = of_specs({"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 4}, {"a": 1, "b": 2, "c": 3})
    assert values(files) == {"api": {"thing": {"b": 2, "c": 3}}}
    assert values(files, "one") == {"api": {"thing": {"b": None, "c": 4}}}
    assert values(files, "two") == {}


def test_a_key_that_only_environments_have_stands_as_a_comment() -> None:
    files = of_specs({"a": 1}, {"a": 2, "b": 2})
    assert values(files) == {"api": {"thing": {"a": 1}}}
    assert "    # `b` of Thing api. Not set here; see values-one.yaml.\n    # b:\n" in files["values.yaml"]


def test_a_map_of_which_the_base_has_nothing_is_right_when_its_marks_are_taken_off() -> None:
    files = of_specs({"a": 1, "m": {"x": 1}}, {"a": 2, "m": {"x": 1, "b": 2, "c": 3}})
    text = files["values.yaml"]
    _, head, block = text.partition("    # m:\n")
    marked = (head + block).splitlines()
    assert all(line.startswith("    # ") for line in marked)
    unmarked = "\n".join(line.replace("# ", "", 1) for line in marked)
    assert yaml11.read(unmarked) == {"m": {"b": None, "c": None}}
    assert values(files) == {"api": {"thing": {"a": 1}}}
    assert '{{- if hasKey (.Values.api.thing.m | default dict) "b" }}' in spec_text(files)


def test_an_object_that_only_environments_have_is_switched() -> None:
    files = of_specs(GONE, {"a": 1, "b": 1}, {"a": 1, "b": 2})
    text = files["templates/api/thing.yaml"]
    assert text.startswith("{{- if .Values.api.enabled }}\n")
    assert text.endswith("{{- end }}\n")
    assert (
        'b: {{ required "set api.thing.b, as values-one.yaml does" (.Values.api.thing | default dict).b }}'
        in text
    )
    assert values(files) == {"api": {"enabled": False}}
    assert values(files, "two") == {"api": {"enabled": True, "thing": {"b": 2}}}


COMMENTED: Final = """\
# About it.
apiVersion: v1
kind: Thing
metadata:
  name: api
  labels:
    app.kubernetes.io/name: api
spec:
  # Why a is so:
  # {{ two }} lines.
  a: 1
  # Why b is there.
  b: 2
  text: |
    # no comment
    c: 1
  list:
    # About the item.
    - x: 1
      # About z.
      z: 2
  # Not right above.

  c: 1
"""


def test_comments_above_keys_are_carried_into_the_template() -> None:
    spec = yaml11.read(COMMENTED)["spec"]
    more = replace(thing(spec), text=COMMENTED)
    less = thing({key: value for key, value in spec.items() if key != "b"})
    files = chart(inventory(None, more), inventory(None, less))
    assert files["templates/api/thing.yaml"].startswith("# About it.\napiVersion")
    assert spec_text(files) == (
        "  # Why a is so:\n  # {{`{{ two }}`}} lines.\n  a: 1\n"
        '  {{- if hasKey .Values.api.thing "b" }}\n  # Why b is there.\n  b: {{ .Values.api.thing.b }}\n'
        "  {{- end }}\n  text: |\n    # no comment\n    c: 1\n"
        "  list:\n    - x: 1\n      z: 2\n  c: 1\n"
    )


def test_a_template_has_no_comment_where_the_object_has_none() -> None:
    assert of_specs({"a": 1})["templates/api/thing.yaml"].startswith("apiVersion: v1\n")


def test_a_part_without_pods_is_described_by_what_it_has() -> None:
    config, other = thing({}, kind="ConfigMap", name="a"), thing({"x": 1}, kind="ExternalSecret", name="b")
    config.manifest["data"] = {"K": "v"}
    text = chart(inventory(None, config, other))["values.yaml"]
    assert "\n# api: settings and secrets (ConfigMap a, ExternalSecret b).\napi:\n" in text


@pytest.mark.parametrize(("about", "shown"), [("Data - all", "Data - all."), ("Really?", "Really?")])
def test_the_description_of_a_dependency_ends_as_a_sentence(about: str, shown: str) -> None:
    info = ChartInfo("x", "X", "1.0.0", dependencies=(Dependency("db", "1.0.0", "https://x", "", "", about),))
    files = {one.path: one.text for one in render(inventory(None), {}, info, RENDERER)}
    assert f"# {shown} These are values of the chart db" in files["helm/x/values.yaml"]


def test_an_object_within_a_component_has_its_own_switch() -> None:
    pod = {"containers": [{"name": "api"}]}
    budget = thing({"minAvailable": 1}, kind="PodDisruptionBudget")
    files = chart(inventory(None, deployment(pod)), inventory(None, deployment(pod), budget))
    assert files["templates/api/pod-disruption-budget.yaml"].startswith(
        "{{- if .Values.api.podDisruptionBudget.enabled }}\n"
    )
    assert values(files)["api"]["podDisruptionBudget"] == {"enabled": False, "minAvailable": 1}


def test_replicas_stand_where_no_autoscaler_does() -> None:
    pod = {"containers": [{"name": "api"}]}
    scaler = thing({"minReplicas": 1, "maxReplicas": 3}, kind="HorizontalPodAutoscaler")
    files = chart(inventory(None, deployment(pod, replicas=2)), inventory(None, deployment(pod), scaler))
    assert (
        "  {{- if not .Values.api.autoscaling.enabled }}\n  replicas: {{ .Values.api.replicas }}\n"
        in (files["templates/api/deployment.yaml"])
    )
    assert values(files, "one") == {"api": {"autoscaling": {"enabled": True}}}


def test_containers_of_one_image_share_its_value() -> None:
    def layer(tag: str) -> Inventory:
        pod = {
            "initContainers": [
                {"name": "wait-for-db", "image": "busybox:1"},
                {"name": "wait-for-mq", "image": "busybox:1"},
                {"name": "migrate", "image": f"ghcr.io/x/api:{tag}"},
                {"name": "seed", "image": "ghcr.io/x/seed@sha256:abc"},
            ],
            "containers": [{"name": "api", "image": f"ghcr.io/x/api:{tag}"}],
        }
        return inventory(None, deployment(pod))

    files = chart(layer("1"), layer("2"))
    found = values(files)["api"]
    assert found["image"] == {"repository": "ghcr.io/x/api", "tag": "1", "digest": ""}
    assert found["busybox"]["image"] == {"repository": "busybox", "tag": "1", "digest": ""}
    assert found["seed"]["image"] == {"repository": "ghcr.io/x/seed", "tag": "", "digest": "sha256:abc"}
    assert values(files, "one") == {"api": {"image": {"tag": "2"}}}
    assert files["templates/api/deployment.yaml"].count('"demo.image" .Values.api.image') == 2


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("localhost:5000/a/b", ("localhost:5000/a/b", "", "")),
        ("localhost:5000/a:1.0", ("localhost:5000/a", "1.0", "")),
        ("a:1@sha256:0f", ("a", "1", "sha256:0f")),
    ],
)
def test_an_image_falls_into_its_parts(image: str, parts: tuple[str, str, str]) -> None:
    files = chart(inventory(None, deployment({"containers": [{"name": "api", "image": image}]})))
    assert tuple(values(files)["api"]["image"].values()) == parts


def test_what_is_no_image_stays_one_value() -> None:
    specs = [
        inventory(None, deployment({"containers": [{"name": "api", "image": i}]})) for i in ("$(X)", "a b")
    ]
    assert values(chart(*specs)) == {"api": {"image": "$(X)"}}


def test_settings_restart_the_pods_that_read_them() -> None:
    def layer(level: str, wrong: str = "") -> Inventory:
        data = {"LEVEL": level}
        config = kube_object(_config("api-config", data), "api")
        meta = {"annotations": {"checksum/config": config_checksum(data) + wrong}}
        return inventory(None, deployment({"containers": [{"name": "api"}]}, pod_meta=meta), config)

    right = chart(layer("a"), layer("b"))["templates/api/deployment.yaml"]
    assert "checksum/config: {{ toJson .Values.api.config | sha256sum | quote }}\n" in right
    wrong = chart(layer("a"), layer("b", "0"))["templates/api/deployment.yaml"]
    assert "sha256sum" not in wrong


def test_settings_that_only_one_environment_has_bring_their_checksum_along() -> None:
    shared = kube_object(_config("common", {"A": "1"}), "common")
    own = kube_object(_config("api-config", {"B": "2"}), "api")
    sums = {"checksum/common": config_checksum({"A": "1"})}
    both = {**sums, "checksum/api-config": config_checksum({"B": "2"})}
    pod = {"containers": [{"name": "api"}]}
    files = chart(
        inventory(None, shared, deployment(pod, pod_meta={"annotations": sums})),
        inventory(None, shared, own, deployment(pod, pod_meta={"annotations": both})),
    )
    assert (
        "checksum/common: {{ toJson .Values.common.config | sha256sum | quote }}\n"
        + (
            "        {{- if .Values.api.configMap.enabled }}\n"
            "        checksum/api-config: {{ toJson .Values.api.config | sha256sum | quote }}\n"
            "        {{- end }}\n"
        )
        in files["templates/api/deployment.yaml"]
    )


def _config(name: str, data: dict[str, str]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"a": "b"}},
        "data": data,
    }


def test_several_hosts_repeat_the_rule() -> None:
    def layer(*hosts: str) -> Inventory:
        rules = [{"host": host, "http": {"paths": [{"path": "/", "backend": "api"}]}} for host in hosts]
        spec = {"tls": [{"hosts": list(hosts), "secretName": "tls"}], "rules": rules}
        return inventory(None, thing(spec, kind="Ingress", name="public", component="public"))

    files = chart(layer("a.example.com"), layer("b.example.com", "c.example.com"))
    text = files["templates/public/ingress.yaml"]
    assert "    {{- range .Values.public.hosts }}\n    - host: {{ . | quote }}\n      http:\n" in text
    assert "hosts:\n        {{- toYaml .Values.public.hosts | nindent 8 }}\n" in text
    assert values(files, "one") == {"public": {"hosts": ["b.example.com", "c.example.com"]}}
    assert "{{- range .Values.public.hosts }}\n  https://{{ . }}\n{{- end }}" in files["templates/NOTES.txt"]


def test_values_stay_clear_of_dependencies() -> None:
    layers = [inventory(None, thing({"a": n}, component="redis", name="redis")) for n in (1, 2)]
    files = chart(*layers, aliases=("redis",))
    assert values(files) == {"platform": {"redis": {"thing": {"a": 1}}}, "redis": {}}


def test_components_that_look_alike_keep_their_values_apart() -> None:
    layers = [
        inventory(None, *(thing({"a": n}, component=c, name=c) for c in ("web-api", "webApi")))
        for n in (1, 2)
    ]
    files = chart(*layers)
    assert values(files) == {"webApi": {"thing": {"a": 1}}, "webApi2": {"thing": {"a": 1}}}


def test_places_of_one_name_share_it_only_when_they_never_differ() -> None:
    def layer(first: int, second: int) -> Inventory:
        spec = {"x": {"name": "n"}, "a": [{"b-c": first, "bC": second}]}
        return inventory(None, thing(spec))

    assert values(chart(layer(1, 1), layer(2, 2))) == {"api": {"thing": {"a": {"bC": 1}}}}
    assert values(chart(layer(1, 1), layer(2, 3))) == {"api": {"thing": {"a": {"bC": 1, "bC2": 1}}}}


def test_service_accounts_of_a_binding_run_in_the_namespace_of_the_release() -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "api", "labels": {"a": "b"}},
        "subjects": [{"kind": "ServiceAccount", "name": "api"}, {"kind": "User", "name": "ann"}],
    }
    text = chart(inventory(None, kube_object(binding, "api")))["templates/api/role-binding.yaml"]
    assert text.count("namespace: {{ .Release.Namespace }}") == 2
    assert "name: api\n    namespace: {{ .Release.Namespace }}\n  - kind: User" in text


def test_an_object_of_the_cluster_has_no_namespace() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "x", "labels": {"a": "b"}},
    }
    text = chart(inventory(None, kube_object(role, "api")))["templates/api/cluster-role-x.yaml"]
    assert "namespace" not in text


def test_an_environment_without_changes_has_an_empty_values_file() -> None:
    assert values(of_specs({"a": 1}, {"a": 1}), "one") == {}


def test_the_checksum_is_that_of_go() -> None:
    as_go_writes_it = r'{"A":"\u003cb\u003e \u0026 é","B":"\u2028\n"}'
    data = {"B": "\u2028\n", "A": "<b> & é"}
    assert config_checksum(data) == sha256(as_go_writes_it.encode()).hexdigest()


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6), max_size=4))
def test_a_merged_order_has_every_name_once_and_keeps_the_first_order(sequences: list[list[str]]) -> None:
    merged = merged_order(sequences)
    assert sorted(merged) == sorted({name for names in sequences for name in names})
    assert all(keeps_order(merged, names) for names in sequences[:1])


plain = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
)
maps = st.dictionaries(st.sampled_from("abc"), plain, max_size=3)


@given(base=maps, own=maps)
def test_what_differs_merges_back(base: dict[str, Any], own: dict[str, Any]) -> None:
    assert _merged(base, map_difference(base, own)) == own


def _merged(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in patch.items():
        if value is None:
            del result[key]
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value)
        else:
            result[key] = value
    return result


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("plain", "plain"),
        ("{{ $labels.job }} is down", "{{`{{ $labels.job }}`}} is down"),
        ("a }} b", "a }} b"),
        ("{{ `x` }}", '{{ "{{" }} `x` }}'),
        ("{{{", '{{ "{{" }}{'),
        ("{{ a\n}}", '{{ "{{" }} a\n}}'),
    ],
)
def test_braces_are_printed_as_they_are(text: str, want: str) -> None:
    assert escaped(text) == want


def test_a_cron_job_that_is_the_same_everywhere_takes_its_image_from_the_values() -> None:
    pod = {"containers": [{"name": "api", "image": "ghcr.io/a/b:1.0"}]}
    job = {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    files = of_specs(job, job, kind="CronJob")
    (path,) = (path for path in files if path.endswith("cron-job.yaml"))
    assert 'image: {{ include "demo.image" .Values.api.image | quote }}' in files[path]
