"""JSON for people: what Python itself would write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifestgen.yamlio import jsonfile

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(DATA)
def test_it_is_what_python_writes(value: Any) -> None:
    assert jsonfile.dump(value) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {None: 1}}, {"a": object()}, [{1, 2}]])
def test_what_json_has_no_words_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        jsonfile.dump(value)
