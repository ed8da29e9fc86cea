"""Objects cast in moulds are what a parser reads from their text, whatever values they hold."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from manifestgen.kinds import views
from manifestgen.kube.objects import KubeObject
from manifestgen.rendering.environment import Renderer
from manifestgen.rendering.folders import template_folders
from manifestgen.yamlio.load import load_text, parse_documents
from support.specs import everything, inventory_of, platform_of

PLATFORM = platform_of(everything())


@pytest.mark.parametrize("made", inventory_of(PLATFORM).objects.values(), ids=lambda made: made.template)
def test_every_object_is_what_its_text_says(made: KubeObject) -> None:
    assert parse_documents(made.text) == [made.manifest]


def test_what_is_cast_is_what_is_rendered() -> None:
    renderer = Renderer(template_folders())
    for view in views(PLATFORM):
        assert renderer.cast(view.template, view.context).text == renderer.render(view.template, view.context)


class Word(StrEnum):
    YES = "yes"


VISIBLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.one_of(VISIBLE, st.sampled_from(["y", "1_000", "~", "# a", "a: b", "\ue0000\ue003", "x\ny\n"]))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
DATA = st.recursive(
    st.one_of(SCALARS, st.just(Word.YES)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)
TEMPLATE = """\
{% if about %}
{{ about | comment }}
{% endif %}
kind: {{ kind | yaml }}
{{ key | yaml }}: {{ flow | yaml }}
spec:{{ spec | block(2) }}
items:
  - name: {{ kind | yaml }}
    below:{{ spec | block(6) }}
  - {{ kind | yaml }}
data:
{% for group in groups %}
{{ ("about " ~ kind) | comment | indent(2, first=true) }}
{{ group | members(2) }}
{% endfor %}
"""


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "any.j2").write_text(TEMPLATE)
    return Renderer([folder])


@given(
    about=st.one_of(st.none(), TEXTS),
    kind=TEXTS,
    key=TEXTS.map(lambda text: f"key {text}"),
    flow=DATA,
    spec=DATA,
    groups=st.lists(st.dictionaries(TEXTS, DATA, min_size=1, max_size=2), max_size=2),
)
@settings(max_examples=300, deadline=None)
def test_any_values_come_out_of_a_mould_as_a_parser_reads_them(renderer: Renderer, **context: Any) -> None:
    cast = renderer.cast("any.j2", context)
    assert cast.text == renderer.render("any.j2", context)
    keys = [str(key) for group in context["groups"] for key in group]
    assume(len(set(keys)) == len(keys))  # the templates are never given two groups with one key
    read = load_text(cast.text, "text").plain()
    assert cast.data == read
    assert list(_types(cast.data)) == list(_types(read))


def _types(value: Any) -> Any:
    yield type(value)
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _types(member)


def test_what_is_cast_shares_nothing_with_the_next(renderer: Renderer) -> None:
    context = {
        "about": None,
        "kind": "a",
        "key": "k",
        "flow": [1],
        "spec": {"a": [1]},
        "groups": [{"b": "c"}],
    }
    first, second = (renderer.cast("any.j2", context).data for _ in range(2))
    first["spec"]["a"].append(2)
    first["items"].append(3)
    assert second["spec"] == {"a": [1]}
    assert second["items"][1:] == ["a"]
    assert context["spec"] == {"a": [1]}


def test_templates_are_kept_compiled_where_only_the_user_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("MANIFESTGEN_CACHE_DIR", str(cache))
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "a.j2").write_text("one {{ x | yaml }}")
    assert Renderer([folder]).render("a.j2", {"x": 1}) == "one 1"
    assert len(list(cache.iterdir())) == 1
    assert Renderer([folder]).render("a.j2", {"x": 2}) == "one 2"
    (folder / "a.j2").write_text("two {{ x | yaml }}")
    assert Renderer([folder]).render("a.j2", {"x": 1}) == "two 1"
    for kept in cache.iterdir():
        kept.write_bytes(b"nonsense")
    assert Renderer([folder]).render("a.j2", {"x": 1}) == "two 1"


@pytest.mark.parametrize("what", ["open to others", "a file", "switched off", "unmakeable"])
def test_without_a_safe_place_nothing_is_kept(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    if what == "open to others":
        cache.mkdir()
        cache.chmod(0o777)
    elif what != "switched off":
        cache.write_text("")
    place = {"switched off": "", "unmakeable": str(cache / "below")}.get(what, str(cache))
    monkeypatch.setenv("MANIFESTGEN_CACHE_DIR", place)
    (tmp_path / "a.j2").write_text("one")
    assert Renderer([tmp_path]).render("a.j2", {}) == "one"
    assert not cache.is_dir() or not list(cache.iterdir())
