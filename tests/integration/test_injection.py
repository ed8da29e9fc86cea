"""Any text in any field that takes text comes out of every file as it went in.

The places are found in the models (``support.freetext``) and filled in with tokens once: what the files say
then, parsed, is the pattern. With hostile texts in the same places, the parsed files must say the same with
each token replaced by its text: nowhere else, nothing lost, and nothing broken out of a comment.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from ruamel.yaml import YAML

import manifestgen
from manifestgen.errors import ManifestgenError
from manifestgen.kinds.datastores import chart_values
from manifestgen.monitoring import promql
from manifestgen.pipeline import Build, build, load
from manifestgen.rendering.markdown import cell, code
from support import hcl
from support.chart import with_stub_dependencies
from support.commands import blocks
from support.freetext import Free, Place, known_kinds, places, put
from support.inprocess.helm import coalesced
from support.parity import Objects, by_identity, expected, without_labels_of_helm
from support.rendering import scratch
from support.specs import MORE, Spec, as_json, everything, named, platform_of

pytestmark = pytest.mark.usefixtures("warm_renders")

ENVIRONMENTS = ("live", "other")
REFERENCES = {
    Free(f"{store}.{field}", "values")
    for store, fields in {
        "PostgreSQL": ("password_key", "admin_password_key", "replication_password_key"),
        "Redis": ("password_key",),
        "RabbitMQ": ("password_key", "erlang_cookie_key"),
        "QueueServer": ("url_key",),
        "PostgreSQLCluster": ("password_key", "admin_password_key"),
        "RabbitMQCluster": ("password_key",),
        "MinIO": ("user_key", "password_key"),
    }.items()
    for field in fields
}
"""Texts that must name a key of the credentials, so that not any text will do."""
EXPRESSIONS = {Free("Alert.expr", "values")}
"""Texts that must be PromQL, so that any other text stands in a string of it."""

# --- Texts -----------------------------------------------------------------------------------------

# fmt: off
NASTY = (
    # Other things than texts, to some readers of YAML.
    "on", "no", "y", "n", "null", "~", "true", "1_000", "0o7", "010", "0x1f", "1e3", ".inf", "12:30:45",
    "2024-01-01", "=", "<<",
    # Spaces and lines.
    " ", " lead", "trail ", "\ttab", "a\tb", "two\nlines", "ends\n", "\nstarts", "a\n\n\nb\n\n",
    "  deep\nflat", "a \n b", "\u2028", "a\u2029b", "\u00a0x\u00a0", "\u00ad", "\u200b",
    # Quotes and escapes.
    '"', "'", "''", '"""', "`", "``", "\\", "\\n", "a\\", '\\"', "'\"{{\n# " * 100,
    # Shells, Grafana, Python.
    "$(x)", "$x", "${x}", "$$", "$1", "%s", "%",
    # Templates.
    "{{", "}}", "{{ .Values.x }}", "{{- x -}}", "{{/* x */}}", '{{ "{{" }}', "{{{", "{{{{", "{%", "{# x #}",
    "{{ $value }}",
    # Signs of YAML.
    ": ", "a: b", "a:", ":", "# x", "a # b", "a #b", "#", "-", "- a", "--- ", "---", "...", "--- #\n...",
    "? a", "?", "|", ">-", "&a", "*a", "!t", "!!str x", "@a", "%YAML 1.2", "[", "]", "{", "}", "[a]",
    "{a: b}", ",", "a, b",
    # Signs of Markdown, HTML, JavaScript.
    "a|b", "| a | b |", "# a\n- b\n```\n", "[x](y)", "](x", "<b>&amp;</b>", "<!-- x -->", "*/", "/*", "//",
    # Letters of all kinds.
    "grüße", "日本語", "🦊", "👩‍👩‍👧", "\U0001f1e8\U0001f1ed", "e\u0301", "\ufffd",
    # Long ones.
    "a b " * 2_500, "x" * 10_000,
)
# fmt: on
CONTROLS = [
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    *(0xFEFF, 0xFFFE, 0xFFFF),
]
REFUSED = "".join(chr(code) for code in CONTROLS if chr(code) not in "\n\t")
"""What no text may hold: it talks to terminals, reorders what people read, or cannot be written."""

texts = st.one_of(
    st.sampled_from(NASTY[:-2]),
    st.lists(st.sampled_from(NASTY[:-2]), min_size=2, max_size=4).map("".join),
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
def blanks(name: str = "everything") -> tuple[Blank, ...]:
    """Every place in a spec, of both environments."""
    spec = platform_of(named(name)).spec
    made = {("workloads", backup) for backup in spec.backups}  # nobody has written them
    free = [place for place in places(spec) if place.kind not in REFERENCES and place.path[:2] not in made]
    return tuple(
        Blank(environment, place, f"tok{environment[0]}{index:03}x")
        for environment in ENVIRONMENTS
        for index, place in enumerate(free)
    )


SECTIONS = (
    "metadata",
    "cluster",
    "vault",
    "secretStores",
    "vaultSetup",
    "tenancy",
    "priorityClasses",
    "issuers",
    "settings",
    "workloads",
    "datastores",
    "externals",
    "backups",
    "routes",
    "manifests",
    "patches",
    "monitoring",
    "alerting",
    "documentation",
)


def filled(choose: Callable[[Blank], str], name: str = "everything") -> Spec:
    """The spec with a text in every place: those of ``live`` in the base, those of ``other`` in its patch."""
    base, patch = _as_first(named(name)), _as_first(named(name))
    for blank in blanks(name):
        # Keys last, so that the paths of values below them are still right.
        put_here = base if blank.environment == "live" else patch
        if not blank.place.is_key:
            put(put_here, blank.place, choose(blank))
    for blank in sorted(blanks(name), key=lambda blank: -len(blank.place.path)):
        if blank.place.is_key:
            put(base if blank.environment == "live" else patch, blank.place, choose(blank))
    other = {section: patch[section] for section in SECTIONS if section in patch}
    del other["metadata"]["name"]  # the same in all environments
    return {
        **base,
        "environments": {"live": {"namespace": "first"}, "other": {"namespace": "second", **other}},
    }


def _as_first(spec: Spec) -> Spec:
    """The spec as its first environment has it, which is where the places come from."""
    first = next(iter(spec.pop("environments").values()))
    return coalesced(spec, {key: value for key, value in first.items() if key != "namespace"})


def texts_of(choices: Sequence[str], turn: int = 0, name: str = "everything") -> dict[str, str]:
    """A text for the token of each blank: the choices in turn, made to fit, no two keys alike."""
    chosen = {blank: choices[(index + turn) % len(choices)] for index, blank in enumerate(blanks(name))}
    texts: dict[str, str] = {}
    here: set[tuple[Place, str]] = set()
    for blank, text in chosen.items():
        # YAML readers look ahead no farther than 1024 characters for the end of a key.
        if blank.place.kind in EXPRESSIONS:
            texts[blank.token] = _as_expression(text)
            continue
        own = blank.place.fitted(blank.token + text[:900])
        fitted = own if _must_differ(blank.place, text) else blank.place.fitted(text)
        # What is the same in both environments needs no patch.
        texts[blank.token] = own if (blank.place, fitted) in here else fitted
        here.add((blank.place, texts[blank.token]))
    return texts


def _as_expression(text: str) -> str:
    return f"absent(up{{x={promql.string(text)}}}) or vector(1)"


NEVER_EMPTY = {Free("Dns.options", "values")}
"""An option of the resolver without a value has none at all."""


def _must_differ(place: Place, text: str) -> bool:
    """Whether equal texts would be the same thing twice: keys, and folders that volumes are mounted at.

    Groups that are the same in both environments would need no patch, the only one of their object. And
    whether an empty text would be none at all.
    """
    if not text and place.kind in NEVER_EMPTY:
        return True
    return place.is_key or place.kind in (Free("Scratch.path", "values"), Free("Access.groups", "values"))


# --- What comes out --------------------------------------------------------------------------------


def built(chosen: Mapping[str, str], name: str = "everything") -> Build:
    """All files of the spec with a text in every place."""
    with scratch() as folder:
        file = folder / "spec.yaml"
        file.write_text(as_json(filled(lambda blank: chosen[blank.token], name)), encoding="utf-8")
        made = build(file)
    assert not made.findings, made.findings
    return made


@cache
def pattern(name: str = "everything") -> dict[str, Any]:
    """What each file, and each object of each environment, says with the tokens in it."""
    made = built({blank.token: blank.place.allowed.start + blank.token for blank in blanks(name)}, name)
    files = {path: said(path, artifact.text) for path, artifact in made.artifacts.items() if is_data(path)}
    return {**files, **objects(made)}


def objects(made: Build) -> dict[str, Any]:
    """The objects of the environments, each under a name like a path."""
    return {
        path: _meant(thing.manifest, _meaning_of(path))
        for environment in ENVIRONMENTS
        for one, thing in made.inventories[environment].objects.items()
        for path in (f"objects/{environment}/{one.kind}/{one.name}",)
    }


def is_data(path: str) -> bool:
    """Whether a file holds data: YAML, JSON or HCL, and no template; or calls of functions, with texts."""
    return path.endswith((".yaml", ".yml", ".json", ".hcl", "vault-init.sh")) and "/templates/" not in path


def said(path: str, text: str, read: Callable[[str], Any] | None = None) -> Any:
    """What a file says to the program that reads it; YAML as in version 1.1 unless told otherwise."""
    readers = {".json": json.loads, ".hcl": hcl.words, ".sh": _called}
    data = readers.get(Path(path).suffix, read or _yaml11)(text)
    return _meant(data, _meaning_of(path))


def _called(script: str) -> list[str]:
    """The calls of a script that sets Vault up, as bash makes them: each function with its words."""
    functions = re.findall(r"^set_up_\w+\(\) \{\n(?:.*\n)*?\}\n", script, re.M)
    names = sorted(
        {line.split()[0] for one in functions for line in one.split("\n")[1:-2] if line.strip(" #")}
    )
    told = [f"{name}() {{ printf '%s\\0' {name} \"$@\" end; }}\n" for name in names if name != "#"]
    calls = [f"{one.split('(')[0]}\n" for one in functions]
    program = "".join([*told, *functions, *calls])
    done = subprocess.run(["bash", "-s"], input=program.encode(), capture_output=True, check=True)
    return done.stdout.decode().split("\0")


def _identifiers(text: str) -> str:
    """SQL of ours with the names in it as they are."""
    if not text.startswith("GRANT "):
        return text
    start, mark, name = re.split(r"( (?:DATABASE|SCHEMA) )", text)
    quoted = name.removesuffix(' TO "{{name}}"')
    if quoted.startswith("U&"):
        plain = re.sub(r"\\([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), quoted[3:-1])
    else:
        plain = quoted[1:-1].replace('""', '"')
    return f"{start}{mark}{plain}"


_PLAIN = ("", str)
# Prometheus runs annotations as Go templates (promtool proves it below), Grafana fills in variables.
_OF_ALERTS = ("annotations", lambda text: text.replace('{{ "{{" }}', "{{"))
_MEANINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "datasources.yml": ("datasources", lambda text: text.replace("$$", "$")),
    "dashboards.yml": ("providers", lambda text: text.replace("$$", "$")),
    "deploy.yml": ("jobs", lambda text: text.replace("${{ '${{' }}", "${{")),
}
"""Below which key a file is a language of its own, and what a text of it means."""


def _meaning_of(path: str) -> tuple[str, Callable[[str], str]]:
    if path.endswith(".alerts.yml") or "prometheus-rule" in path or "/PrometheusRule/" in path:
        return _OF_ALERTS
    if "/writes/" in path and "/config/" in path:
        return ("connection_url", unquote)
    if "/writes/" in path and "/roles/" in path:
        return ("creation_statements", _identifiers)
    return _MEANINGS.get(Path(path).name, _PLAIN)


def _yaml11(text: str) -> Any:
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    return documents[0] if len(documents) == 1 else documents


def _yaml12(text: str) -> Any:
    documents = list(YAML(typ="safe", pure=True).load_all(text))
    return documents[0] if len(documents) == 1 else documents


def _meant(value: Any, meaning: tuple[str, Callable[[str], str]], inside: bool = False) -> Any:
    """Texts as the reading program understands them, checksums (of the texts) left out."""
    if isinstance(value, dict):
        return {
            key: "*"
            if str(key).startswith("checksum/")
            else _meant(member, meaning, inside or key == meaning[0])
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [_meant(item, meaning, inside) for item in value]
    return meaning[1](value) if inside and isinstance(value, str) else value


def replaced(value: Any, by: Mapping[str, str]) -> Any:
    """``value`` with each token in it replaced by its text."""
    if isinstance(value, dict):
        return {replaced(key, by): replaced(member, by) for key, member in value.items()}
    if isinstance(value, list):
        return [replaced(item, by) for item in value]
    return _TOKEN.sub(lambda token: by[token[0]], value) if isinstance(value, str) else value


_TOKEN = re.compile(r"tok[lo]\d{3}x")


def bodies(chosen: Mapping[str, str], name: str) -> dict[str, str]:
    """The texts without what they had to begin with, which the pattern has, too."""
    return {
        blank.token: chosen[blank.token].removeprefix(blank.place.allowed.start) for blank in blanks(name)
    }


def differences(
    chosen: Mapping[str, str], without: Sequence[str] = (), name: str = "everything"
) -> list[str]:
    """Where files or objects do not say what the pattern says with the texts in it."""
    made = built(chosen, name)
    by = bodies(chosen, name)
    files = {path: said(path, artifact.text) for path, artifact in made.artifacts.items() if is_data(path)}
    found = files | objects(made)
    return [
        path
        for path, wanted in pattern(name).items()
        if not any(part in path for part in without) and _differ(path, found.get(path), wanted, by)
    ]


def _differ(path: str, content: Any, wanted: Any, by: Mapping[str, str]) -> bool:
    """Whether a file or an object does not say what is wanted with the texts in it."""
    said_of, to_say = _compared(path, content), _compared(path, replaced(wanted, by))
    if "/prometheus/tests/" in path and _asks_for_a_value(wanted, by):
        return bool(_without_values(said_of) != _without_values(to_say))
    return bool(said_of != to_say)


def _asks_for_a_value(wanted: Any, by: Mapping[str, str]) -> bool:
    """Whether a text in tests of alerts has, or seems to have, a place to fill in.

    A test then shows what Prometheus makes of it, and takes another value that can be seen better.
    """
    return any(_ASKS.search(by[token]) for token in _TOKEN.findall(json.dumps(wanted)))


_ASKS = re.compile(r"\$(?:value|labels)\b")


def _without_values(content: Any) -> Any:
    """Tests of alerts without the values of their input, and without what they are shown as."""
    if isinstance(content, dict):
        return {
            key: _without_values(member)
            for key, member in content.items()
            if key not in ("values", "description")
        }
    return [_without_values(item) for item in content] if isinstance(content, list) else content


def _compared(path: str, content: Any) -> Any:
    """All of it, but for the chart's values only their outermost keys.

    What the values are called below, and how they reach the templates, is the chart's own business: Helm
    itself shows below that the texts come through.
    """
    if path.endswith("/config/urls.json"):  # an address may end with a slash, and one is enough
        return json.loads(re.sub(r"(?<!:)//+v1/", "/v1/", json.dumps(content)))
    return sorted(content or ()) if "/values" in path else content


# --- The tests -------------------------------------------------------------------------------------


def test_every_field_that_takes_any_text_is_tried() -> None:
    tried = {blank.place.kind for name in ("everything", *MORE) for blank in blanks(name)}
    assert known_kinds() - REFERENCES == tried, "fill the new field in a spec of tests/specs"


def test_a_text_that_is_lost_in_a_test_of_alerts_is_noticed() -> None:
    """That the files hold texts at all, and that a comparison of them finds one that is not there."""
    tests = {path: wanted for path, wanted in pattern().items() if "/prometheus/tests/" in path}
    holding = {path: wanted for path, wanted in tests.items() if _TOKEN.search(json.dumps(wanted))}
    assert {Path(path).name for path in holding} >= {"own.test.yml", "business.test.yml", "slo.test.yml"}
    for path, wanted in holding.items():
        tokens = set(_TOKEN.findall(json.dumps(wanted)))
        by = dict.fromkeys(tokens, "a")
        assert not _differ(path, replaced(wanted, by), wanted, by)
        for token in tokens:
            assert _differ(path, replaced(wanted, {**by, token: "b"}), wanted, by)


def test_what_names_a_key_of_the_credentials_takes_no_other_text(tmp_path: Path) -> None:
    named = [place for place in places(platform_of(everything()).spec) if place.kind in REFERENCES]
    assert {place.kind for place in named} == REFERENCES
    for place in named:
        spec = everything()
        put(spec, place, "{{ x }}")
        file = tmp_path / "spec.yaml"
        file.write_text(as_json(spec), encoding="utf-8")
        assert [finding.rule for finding in build(file).findings] == ["credentials-key"]


@pytest.mark.parametrize("part", range(3))
def test_every_nasty_text_comes_through_in_every_field(part: int) -> None:
    for turn in range(part, len(NASTY), 12):  # every fourth one: a kind of field has several places
        assert not differences(texts_of(NASTY, turn))


@pytest.mark.parametrize("name", MORE)
def test_every_nasty_text_comes_through_in_the_fields_of_other_specs(name: str) -> None:
    for turn in range(0, len(NASTY), 4):
        # As below: what overlays amount to is the objects.
        assert not differences(
            texts_of(NASTY, turn, name), name=name, without=("k8s/overlays", "values-other")
        )


@given(st.lists(texts, min_size=3, max_size=20))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_comes_through(drawn: list[str]) -> None:
    # Overlays, and which values a chart has, depend on which texts are the same in both environments; what
    # they amount to is the objects.
    assert not differences(texts_of(drawn), without=("k8s/overlays", "values-other", "/values.yaml"))


@pytest.mark.parametrize("turn", [0, 50])
def test_readers_of_yaml_1_1_and_1_2_read_the_same(turn: int) -> None:
    for path, artifact in built(texts_of(NASTY, turn)).artifacts.items():
        if is_data(path):
            assert said(path, artifact.text) == said(path, artifact.text, _yaml12), path


@pytest.mark.parametrize("codes", [REFUSED[start::4] for start in range(4)])
def test_a_control_character_is_refused_wherever_it_stands(codes: str, tmp_path: Path) -> None:
    # Each in a place of its own, all of them in one spec.
    every = blanks("everything")
    bad = {every[index * 7 % len(every)].token: code for index, code in enumerate(codes)}
    assert len(bad) == len(codes)

    def choose(blank: Blank) -> str:
        text = f"a{bad[blank.token]}b" if blank.token in bad else blank.token
        return blank.place.allowed.start + text

    file = tmp_path / "spec.yaml"
    file.write_text(json.dumps(filled(choose)), encoding="utf-8")  # escaped: so it may be spelt, too
    with pytest.raises(ManifestgenError) as raised:
        build(file)
    assert [finding.rule for finding in raised.value.findings] == ["yaml-control-character"] * len(codes)


MARKDOWN = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize("text", ["- a\n# b\n\n| c |", "1. <b>x</b> [y](z) `", "---", "{{ x }}\n```\n*/"])
def test_the_description_breaks_out_of_no_part_of_the_charts_readme(text: str, tmp_path: Path) -> None:
    harmless, hostile = _readme("harmless", tmp_path), _readme(text, tmp_path)
    assert [token.type for token in hostile] == [token.type for token in harmless]
    assert _prose(hostile[4]) == " ".join(text.split())


def _readme(description: str, folder: Path) -> list[Token]:
    """The README of the chart of a platform with that description, as Markdown readers see it."""
    spec = everything()
    spec["metadata"]["description"] = description
    (folder / "spec.yaml").write_text(as_json(spec), encoding="utf-8")
    return MARKDOWN.parse(build(folder / "spec.yaml").artifacts["helm/everything/README.md"].text)


def _prose(token: Token) -> str:
    """A paragraph as people see it."""
    return "".join(child.content for child in token.children or [])


@given(texts.map(lambda text: " ".join(text.split())).filter(lambda text: text and "`" not in text))
@example("1) x")
@example("---")
@settings(deadline=None)
def test_any_text_is_a_paragraph_and_a_cell_of_markdown(text: str) -> None:
    page = MARKDOWN.parse(f"{cell(text)}\n\n| a |\n| --- |\n| {cell(text)} |\n")
    shown = [_prose(token) for token in page if token.type == "inline"]
    assert shown == [text, "a", text]


DOCUMENTS = ("docs/deployment/KUBERNETES_GUIDE.md", "docs/deployment/DEPLOYMENT_RUNBOOK.md")


@pytest.mark.parametrize("name", ["everything", "ways"])
@pytest.mark.parametrize("turn", [0, 50])
def test_no_text_breaks_out_of_its_part_of_a_document(name: str, turn: int) -> None:
    calm = built({blank.token: blank.place.allowed.start + blank.token for blank in blanks(name)}, name)
    hostile = built(texts_of(NASTY, turn, name), name)
    for path in DOCUMENTS:
        assert _shape(hostile.artifacts[path].text) == _shape(calm.artifacts[path].text)
        for _, block in blocks(hostile.artifacts[path].text):
            done = subprocess.run(["bash", "-n"], input=block.encode(), capture_output=True, check=False)
            assert done.returncode == 0, done.stderr


def _shape(page: str) -> list[tuple[str, str, str]]:
    """The paragraphs, lists, tables and blocks of a page, whatever stands in them."""
    return [(token.type, token.tag, token.info) for token in MARKDOWN.parse(page) if token.type != "inline"]


@pytest.mark.parametrize("text", ["a\nb", "\n", "a\n\n| b |", "x `y` z"])
def test_code_is_one_cell_of_a_table(text: str) -> None:
    page = MARKDOWN.parse(f"| {code(text)} | b |\n| --- | --- |\n")
    assert [token.type for token in page].count("th_open") == 2


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


class _Reader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: in YAML 1.1 of go-yaml, `<<` and `=` are texts where they are values."""


for _tag in ("merge", "value"):
    _Reader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Reader.construct_yaml_str)


def _output(*words: str | Path) -> Objects:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return by_identity(yaml.load_all(done.stdout, Loader=_Reader))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_builds_the_texts(environment: str, rendered: Path, tool: Any) -> None:
    found = _output(tool("kubectl"), "kustomize", rendered / "out/k8s/overlays" / environment)
    assert found == expected(rendered / "spec.yaml", environment)


@pytest.mark.parametrize("binary", ["helm", "helm3"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_helm_renders_the_texts(
    environment: str, binary: str, rendered: Path, tool: Any, tmp_path: Path
) -> None:
    chart = with_stub_dependencies(rendered / "out/helm/everything", tmp_path / "everything")
    for folder in (chart / "charts").iterdir():
        (folder / "templates").mkdir()
        (folder / "templates/values.yaml").write_text(_SHOW_VALUES, encoding="utf-8")
    namespace = str(load(rendered / "spec.yaml").platforms[environment].namespace)
    values = chart / f"values-{environment}.yaml"
    found = _output(
        tool(binary),
        "template",
        "x",
        chart,
        "--kube-version",
        "1.37.0",
        "--namespace",
        namespace,
        "--values",
        values,
    )
    given = {name: found.pop(("v1", "Values", name))["values"] for name in _charts()}
    without_labels_of_helm(found)
    assert found == expected(rendered / "spec.yaml", environment)
    wanted = chart_values(load(rendered / "spec.yaml").platforms[environment])
    for name in wanted:
        assert _within(wanted[name], given[name]), name


def _charts() -> list[str]:
    """The data services that charts run."""
    return [
        name for name, one in everything()["datastores"].items() if one.get("provider", "chart") == "chart"
    ]


# Helm itself adds `global` to the values of each dependency.
_SHOW_VALUES = """\
apiVersion: v1
kind: Values
metadata: {name: {{ .Values.nameOverride | quote }}, labels: {}}
values: {{ .Values | toJson }}
"""


def _within(wanted: Any, given: Any) -> bool:
    """Whether all that is wanted is given; Helm takes a null for "remove this"."""
    if isinstance(wanted, dict):
        return all(_within(member, given.get(key)) for key, member in wanted.items())
    return bool(wanted == given)


# --- Alerts, with promtool -------------------------------------------------------------------------


def _alert(expr: str, summary: str, description: str) -> Spec:
    about = {"severity": "info", "component": "front", "category": "api"}
    return {"expr": expr, "for": "1m", **about, "summary": summary, "description": description}


def _told(told: Mapping[str, tuple[Spec, str, str]], promtool: Path, folder: Path) -> str:
    """What promtool says when each alert should tell people its summary and description; "" if it does."""
    spec = folder / "spec.yaml"
    monitoring = {key: value for key, value in everything()["monitoring"].items() if not key.endswith("Url")}
    monitoring["alerts"] = {name: alert for name, (alert, _, _) in told.items()}
    spec.write_text(as_json({**everything(), "monitoring": monitoring}), encoding="utf-8")
    (folder / "alerts.yml").write_text(
        build(spec).artifacts["monitoring/live/prometheus/rules/own.alerts.yml"].text, encoding="utf-8"
    )
    labels = {"severity": "info", "component": "front", "category": "api", "team": "team-all"}
    expected_alerts = [
        {
            "alertname": name,
            "eval_time": "5m",
            "exp_alerts": [
                {"exp_labels": labels, "exp_annotations": {"summary": summary, "description": description}}
            ],
        }
        for name, (_, summary, description) in told.items()
    ]
    tests = {"rule_files": ["alerts.yml"], "tests": [{"alert_rule_test": expected_alerts}]}
    (folder / "tests.yml").write_text(as_json(tests), encoding="utf-8")
    words = [promtool, "test", "rules", folder / "tests.yml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_prometheus_tells_people_the_texts(tool: Any, tmp_path: Path) -> None:
    texts = [text for text in NASTY if "$value" not in text]  # that is filled in, as the next test shows
    told = {
        f"Alert{index}": (_alert("vector(1)", text, text), text, text) for index, text in enumerate(texts)
    }
    assert not _told(told, tool("promtool"), tmp_path)


def test_prometheus_fills_in_what_a_description_may_ask_for_and_nothing_else(
    tool: Any, tmp_path: Path
) -> None:
    asked = (
        '{{$value|humanizePercentage}} of {{ $labels.a }}{{ $externalLabels }}{{ query "up" }}{{{ $value }}'
    )
    filled_in = '50% of b{{ $externalLabels }}{{ query "up" }}{{{ $value }}'
    alert = _alert('label_replace(vector(0.5), "a", "b", "", "")', "{{ $value }}", asked)
    found = _told({"Asks": (alert, "{{ $value }}", filled_in)}, tool("promtool"), tmp_path)
    # Only the label that the expression adds is not expected here.
    assert found.count("Annotations:") == 2 and _annotations(found)[0] == _annotations(found)[1], found


def _annotations(found: str) -> list[str]:
    return re.findall(r"Annotations:(\{.*\})", found)
