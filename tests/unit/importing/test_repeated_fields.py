"""A field that stands twice in one object is refused by its place; nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.importing.refusal import WrongBooking
from backend_client.importing.repeated_fields import refuse_repeated_fields
from tests.unit.importing.answers import answer
from tests.unit.importing.files import all_of, native, written
from tests.unit.refusing import refused


def look(line: str) -> None:
    refuse_repeated_fields(line.encode(), json.loads(line))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"a":1,"a":2}', "a"),
        ('{"a":1,"a":1}', "a"),
        ('{"a":1,"\\u0061":2}', "a"),
        ('{"lines":[{"x":1},{"y":{"z":1,"w":2,"z":3}}]}', "lines[1].y.z"),
        ('[{"a":[[{"b":1,"b":2}]]}]', "[0].a[0][0].b"),
        ('{"a" :1,"a" :2}', "a"),
        ('{"a" :":","a" :2}', "a"),
        ('{"a"\t:":","a"\t:2}', "a"),
        ('{"a"\r:":","a"\n:2}', "a"),
        ('{"":1,"":2}', ""),
        ('{"a":{"b":1,"b":2},"c":1,"c":2}', "c"),
    ],
)
def test_the_field_is_named_by_its_place(line: str, field: str) -> None:
    with pytest.raises(WrongBooking) as wrong:
        look(line)
    assert wrong.value.field == field
    assert "twice" in wrong.value.reason


@pytest.mark.parametrize(
    "line",
    [
        '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
        '{"a":"\\":","b":":","c":"a : b","d" : 1}',
        "[]",
        "7",
        "null",
        '"a"',
    ],
)
def test_fields_of_different_objects_may_share_a_name(line: str) -> None:
    look(line)


PARTS = st.recursive(
    st.sampled_from([1, None, ":", "a", '":', " :"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", ":", " :", '"', '":']), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(PARTS, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",", "\t:")]))
def test_whatever_says_each_field_once_passes(document: Any, separators: tuple[str, str]) -> None:
    look(json.dumps(document, separators=separators))


@given(PARTS, PARTS, st.sampled_from([":", " :", "\n: "]))
def test_whatever_says_a_field_twice_is_refused(first: Any, second: Any, colon: str) -> None:
    inner = f'"again"{colon}{json.dumps(first)},"b":":","again"{colon}{json.dumps(second)}'
    with pytest.raises(WrongBooking) as wrong:
        look(f'{{"outer":[{{{inner}}}]}}')
    assert wrong.value.field == "outer[0].again"


@pytest.mark.parametrize("kind", ["native", "connect"])
def test_a_file_with_one_is_refused_by_line_and_field(tmp_path: Path, kind: str) -> None:
    whole = native() if kind == "native" else answer()
    text = json.dumps(whole, separators=(",", ":"))
    name = next(iter(whole))
    twice = f'{{"{name}":"4242424242424242",{text[1:]}'
    path = written(tmp_path, whole, twice)
    with refused("import-refused") as caught:
        all_of(path, kind=kind)
    details = caught.value.details
    assert (details["line"], details["field"]) == (2, name)
    assert "4242" not in str(details) + caught.value.message
