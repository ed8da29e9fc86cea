"""Any text in any field that takes text comes out of every file as it went in.

The places are found in the models (``support.freetext``) and filled in with tokens once: what the files say
then, parsed, is the pattern. With hostile texts in the same places, the parsed files must say the same with
each token replaced by its text: nowhere else, nothing lost, and nothing broken out of a comment.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from support.chart import with_stub_dependencies
from support.freetext import Free, Place, known_kinds, places, put
from support.parity import HELM_LABELS, by_identity, expected, kustomized
from support.specs import Spec, as_json, everything, platform_of

import manifestgen
from manifestgen.errors import ManifestgenError
from manifestgen.pipeline import Build, build

ENVIRONMENTS = ("live", "other")
REFERENCES = {
    Free(f"{store}.{field}", "values")
    for store, fields in {
        "PostgreSQL": ("password_key", "admin_password_key", "replication_password_key"),
        "Redis": ("password_key",),
        "RabbitMQ": ("password_key", "erlang_cookie_key", "url_key"),
        "MinIO": ("user_key", "password_key"),
    }.items()
    for field in fields
}
"""Texts that must name a key of the credentials, so that not any text will do."""

# --- Texts -----------------------------------------------------------------------------------------

NASTY = (
    *("on", "no", "y", "n", "null", "~", "true", "1_000", "0o7", "010", "0x1f", "1e3", ".inf", "12:30:45", "2024-01-01"),
    *(" ", " lead", "trail ", "\ttab", "a\tb", "two\nlines", "ends\n", "\nstarts", "a\n\n\nb\n\n", "  deep\nflat", "a \n b"),
    *('"', "'", "''", '"""', "`", "``", "\\", "\\n", "a\\", '\\"', "$(x)", "$x", "${x}", "$$", "$1", "%s", "%", "%YAML 1.2"),
    *("{{", "}}", "{{ .Values.x }}", "{{- x -}}", "{{/* x */}}", '{{ "{{" }}', "{{{", "{{{{", "{%", "{# x #}", "{{ $value }}"),
    *(": ", "a: b", "a:", ":", "# x", "a # b", "a #b", "#", "-", "- a", "--- ", "---", "...", "--- #\n...", "? a", "?", "|", ">-"),
    *("&a", "*a", "!t", "!!str x", "@a", "[", "]", "{", "}", "[a]", "{a: b}", ",", "a, b", "=", "<<", "<b>&amp;</b>", "<!-- x -->"),
    *("a|b", "| a | b |", "# a\n- b\n```\n", "[x](y)", "](x", "*/", "/*", "//", "\u2028", "a\u2029b", "\u00a0x\u00a0", "\u00ad"),
    *("grüße", "日本語", "🦊", "👩‍👩‍👧", "\U0001f1e8\U0001f1ed", "é", "\u200b", "\ufffd", "x" * 10_000, "a b " * 2_500, "'\"{{\n# " * 100),
)
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF]
REFUSED = "".join(chr(code) for code in CONTROLS if chr(code) not in "\n\t")
"""Characters that no text may hold: they talk to terminals, reorder what people read, or cannot be written."""

texts = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY[:-3]), min_size=2, max_size=4).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=REFUSED), max_size=30),
)


# --- Filling in ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Blank:
    """A place of an environment, with the token that stands for its text."""

    environment: str
    place: Place
    token: str


@cache
def blanks() -> tuple[Blank, ...]:
    """Every place in the spec of everything, of both environments."""
    free = [place for place in places(platform_of(everything()).spec) if place.kind not in REFERENCES]
    return tuple(
        Blank(environment, place, f"tok{environment[0]}{index:03}x")
        for environment in ENVIRONMENTS
        for index, place in enumerate(free)
    )


SECTIONS = ("metadata", "vault", "settings", "workloads", "datastores", "externals", "routes", "monitoring", "alerting")


def filled(choose: Callable[[Blank], str]) -> Spec:
    """The spec with a text in every place: those of ``live`` in the base, those of ``other`` in its patch."""
    base, patch = everything(), everything()
    for blank in blanks():
        # Keys last, so that the paths of values below them are still right.
        put_here = base if blank.environment == "live" else patch
        if not blank.place.is_key:
            put(put_here, blank.place, choose(blank))
    for blank in sorted(blanks(), key=lambda blank: -len(blank.place.path)):
        if blank.place.is_key:
            put(base if blank.environment == "live" else patch, blank.place, choose(blank))
    other = {section: patch[section] for section in SECTIONS}
    del other["metadata"]["name"]  # the same in all environments
    return {**base, "environments": {"live": {"namespace": "first"}, "other": {"namespace": "second", **other}}}


def texts_of(choices: Sequence[str], turn: int = 0) -> dict[str, str]:
    """A text for the token of each blank: the choices in turn, made to fit, no two keys alike."""
    return {
        blank.token: blank.place.fitted(
            (blank.token if blank.place.is_key else "") + choices[(index + turn) % len(choices)]
        )
        for index, blank in enumerate(blanks())
    }


# --- What comes out --------------------------------------------------------------------------------


def built(choose: Callable[[Blank], str], folder: Path) -> Build:
    """All files of the spec with a text in every place."""
    file = folder / "spec.yaml"
    file.write_text(as_json(filled(choose)), encoding="utf-8")
    made = build(file)
    assert not made.findings, made.findings
    return made


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each file says with the tokens in it."""
    made = built(lambda blank: blank.place.allowed.start + blank.token, tmp_path_factory.mktemp("pattern"))
    return {path: said(path, artifact.text) for path, artifact in made.artifacts.items() if is_data(path)}


def is_data(path: str) -> bool:
    """Whether a file holds data: YAML or JSON, and no template."""
    return path.endswith((".yaml", ".yml", ".json")) and "/templates/" not in path


def said(path: str, text: str, read: Callable[[str], Any] | None = None) -> Any:
    """What a file says to the program that reads it; YAML as in version 1.1 unless told otherwise."""
    data = json.loads(text) if path.endswith(".json") else (read or _yaml11)(text)
    return _meant(data, path)


def _yaml11(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _yaml12(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _meant(value: Any, path: str, key: str = "") -> Any:
    """Texts as the reading program understands them, checksums (of the texts) left out."""
    if isinstance(value, dict):
        return {
            name: "*" if str(name).startswith("checksum/") else _meant(member, path, key or str(name))
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_meant(item, path, key) for item in value]
    if isinstance(value, str) and path.endswith("alerts.yml"):
        return value.replace('{{ "{{" }}', "{{")  # Prometheus runs Go templates; promtool proves it below
    if isinstance(value, str) and path.endswith("datasources.yml"):
        return value.replace("$$", "$")  # Grafana fills in variables
    return value


def replaced(value: Any, by: Mapping[str, str]) -> Any:
    """``value`` with each token in it replaced by its text."""
    if isinstance(value, dict):
        return {replaced(key, by): replaced(member, by) for key, member in value.items()}
    if isinstance(value, list):
        return [replaced(item, by) for item in value]
    return _TOKEN.sub(lambda token: by[token[0]], value) if isinstance(value, str) else value


_TOKEN = re.compile(r"tok[lo]\d{3}x")


def bodies(chosen: Mapping[str, str]) -> dict[str, str]:
    """The texts without what they had to begin with, which the pattern has, too."""
    return {
        blank.token: chosen[blank.token].removeprefix(blank.place.allowed.start) for blank in blanks()
    }


def differences(made: Build, pattern: Mapping[str, Any], chosen: Mapping[str, str]) -> list[str]:
    """Where files do not say what the pattern says with the texts in it."""
    by = bodies(chosen)
    return [
        path
        for path, wanted in pattern.items()
        # What the chart's values are called, and how they reach the templates, is the chart's own business:
        # Helm itself shows below that the texts come through.
        if "/values" not in path and said(path, made.artifacts[path].text) != replaced(wanted, by)
    ]


# --- The tests -------------------------------------------------------------------------------------


def test_every_field_that_takes_any_text_is_tried() -> None:
    tried = {blank.place.kind for blank in blanks()}
    assert known_kinds() - REFERENCES == tried, "fill the new field in tests/specs/everything.yaml"


def test_what_names_a_key_of_the_credentials_takes_no_other_text(tmp_path: Path) -> None:
    named = [place for place in places(platform_of(everything()).spec) if place.kind in REFERENCES]
    assert {place.kind for place in named} == REFERENCES
    for place in named:
        spec = everything()
        put(spec, place, "{{ x }}")
        file = tmp_path / "spec.yaml"
        file.write_text(as_json(spec), encoding="utf-8")
        assert [finding.rule for finding in build(file).findings] == ["credentials-key"]


@pytest.mark.parametrize("part", range(4))
def test_every_nasty_text_comes_through_in_every_field(
    part: int, pattern: Mapping[str, Any], tmp_path: Path
) -> None:
    for turn in range(part, len(NASTY), 4):
        chosen = texts_of(NASTY, turn)
        made = built(lambda blank: chosen[blank.token], tmp_path)
        assert not differences(made, pattern, chosen)


@given(st.lists(texts, min_size=3, max_size=20))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_text_comes_through(pattern: Mapping[str, Any], tmp_path: Path, drawn: list[str]) -> None:
    chosen = texts_of(drawn)
    made = built(lambda blank: chosen[blank.token], tmp_path)
    assert not differences(made, pattern, chosen)


@pytest.mark.parametrize("turn", [0, 50])
def test_readers_of_yaml_1_1_and_1_2_read_the_same(turn: int, tmp_path: Path) -> None:
    chosen = texts_of(NASTY, turn)
    made = built(lambda blank: chosen[blank.token], tmp_path)
    for path, artifact in made.artifacts.items():
        if is_data(path):
            assert said(path, artifact.text) == said(path, artifact.text, _yaml12), path


@pytest.mark.parametrize("codes", [REFUSED[start::4] for start in range(4)])
def test_a_control_character_is_refused_wherever_it_stands(codes: str, tmp_path: Path) -> None:
    for index, code in enumerate(codes):
        blank = blanks()[index * 7 % len(blanks())]
        text = f"{blank.place.allowed.start}a{code}b"
        spec = filled(lambda other: text if other == blank else other.place.allowed.start + other.token)  # noqa: B023
        file = tmp_path / "spec.yaml"
        file.write_text(json.dumps(spec), encoding="utf-8")  # all escaped: a text may be spelt in this way, too
        with pytest.raises(ManifestgenError) as raised:
            build(file)
        assert {finding.rule for finding in raised.value.findings} == {"yaml-control-character"}


# --- With the real programs ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[0, 37, 74])
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hostile spec and what is rendered from it."""
    folder = tmp_path_factory.mktemp("hostile")
    chosen = texts_of(NASTY, request.param)
    spec = folder / "spec.yaml"
    spec.write_text(as_json(filled(lambda blank: chosen[blank.token])), encoding="utf-8")
    result = manifestgen.render(spec, out=folder / "out")
    assert result.ok, result.findings
    return folder


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_texts(environment: str, rendered: Path, tool: Any) -> None:
    wanted = expected(rendered / "spec.yaml", environment)
    assert kustomized(tool("kubectl"), rendered / "out", environment) == wanted


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_texts(
    environment: str, binary: str, rendered: Path, tool: Any, tmp_path: Path
) -> None:
    chart = with_stub_dependencies(rendered / "out/helm/everything", tmp_path / "everything")
    for folder in (chart / "charts").iterdir():
        (folder / "templates").mkdir()
        (folder / "templates/values.yaml").write_text(_SHOW_VALUES, encoding="utf-8")
    namespace = {"live": "first", "other": "second"}[environment]
    found = _helm(tool(binary), chart, environment, namespace)
    given_to_charts = {name: found.pop(("v1", "Values", name))["values"] for name in _stores()}
    assert found == expected(rendered / "spec.yaml", environment)
    note = json.loads((rendered / "spec.yaml").read_text("utf-8"))["datastores"]["database"]["values"]
    assert note.items() <= given_to_charts["database"].items() or environment == "other"


_SHOW_VALUES = """\
apiVersion: v1
kind: Values
metadata: {name: {{ .Chart.Name }}, labels: {helm.sh/chart: "", app.kubernetes.io/managed-by: ""}}
values: {{ .Values | toJson }}
"""


def _stores() -> Iterable[str]:
    return everything()["datastores"]


def _helm(helm: Path, chart: Path, environment: str, namespace: str) -> dict[tuple[str, str, str], Any]:
    values = chart / f"values-{environment}.yaml"
    words = [helm, "template", chart.name, chart, "--namespace", namespace, "--values", values]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = by_identity(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))
    for manifest in found.values():
        for label in HELM_LABELS:
            del manifest["metadata"]["labels"][label]
    return found
