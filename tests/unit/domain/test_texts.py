"""Texts from people and files: one inert line, names kept whole."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.texts import clean_text, free_text
from tests.unit.refusing import refused


@pytest.mark.parametrize(
    "name",
    [
        "Bette Davis",
        "Müller, Jörg",
        "張 偉",
        "Davis, Anna [group]",
        "[bold]Not markup[/bold]",
        "מרים כהן",
        "محمد علي",
        "O’Brien-Núñez",
        "𠮷野家",
        "می‌خواهم",
        "👩‍👧",
        "Nguyễn Thị",
    ],
)
def test_names_stay_as_they_are(name: str) -> None:
    assert clean_text(name, 80) == name


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jname", "name"),
        ("\x1bcname", "name"),
        ("\x1b", ""),
        ("a\x00b\x07c\x7f", "abc"),
        ("one\r\ntwo\tthree", "one two three"),
        ("one\u2028two\u2029three\x85four", "one two three four"),
        ("  many   spaces  ", "many spaces"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("\u2066iso\u2069late\u200f", "isolate"),
        ("\ufeffbom\u00ad", "bom"),
        ("half\ud800", "half"),
        ("tag\U000e0041", "tag"),
        ("張\u3000偉", "張 偉"),
    ],
)
def test_what_could_act_is_taken_out(text: str, cleaned: str) -> None:
    assert clean_text(text, 80) == cleaned


def test_texts_are_cut_to_their_limit() -> None:
    assert clean_text("x" * 10_000, 80) == "x" * 80
    assert clean_text("word " * 5_000, 5) == "word"
    assert clean_text("anything", 0) == ""


@given(st.text(), st.integers(0, 200))
def test_every_text_becomes_one_inert_line(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)
    assert len(cleaned) <= limit
    assert cleaned == clean_text(cleaned, limit)
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in cleaned)
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert cleaned.encode().decode() == cleaned


def test_a_text_to_be_kept_is_refused_rather_than_cut() -> None:
    assert free_text(" T-1\x07 ", "reference", 10) == "T-1"
    with refused("text-invalid"):
        free_text("x" * 11, "reference", 10)
    with refused("full-card-number"):
        free_text("4111\u200b1111\u200b1111\u200b1111", "reference", 80)
    with refused("full-card-number"):
        free_text("4111\x001111\x0011111111", "reference", 80)
