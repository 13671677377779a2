"""Search words: the same from every way a name can be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.local.search_query import WORDS_LIMIT, query_from
from backend_client.local.search_text import (
    last_four,
    normalise,
    phone_word,
    search_row,
    seat_words,
    without_top_level,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bette Davis", "bette davis"),
        ("Müller, Jörg", "muller jorg"),
        ("STRASSE Straße", "strasse strasse"),
        ("Seán O'Neill-D'Arcy", "sean o neill d arcy"),
        ("Zoë Łukasiewicz-Ångström", "zoe lukasiewicz angstrom"),
        ("İlker Işık ILIK", "ilker isik ilik"),
        ("Søren Æbelø", "soren aebelo"),
        ("Nguyễn Thị", "nguyen thi"),
        ("張偉", "張 偉"),
        ("山田太郎さん", "山 田 太 郎 さ ん"),
        ("김민준", "김 민 준"),
        ("ﾔﾏﾀﾞ", "ヤ マ タ"),
        ("محمّد عليّ", "محمد علي"),
        ("דָּוִד לוי", "דוד לוי"),
        ("Αλέξανδρος", "αλεξανδροσ"),
        ("Ёлка Йод", "елка иод"),
        ("ＦＵＬＬ　Ｗidth", "full width"),
        ("[bold red]Anna[/]", "bold red anna"),
        ("🎭 Les Amis", "les amis"),
        ("a\x00b\x1b[31mc", "a b 31mc"),
        ("", ""),
        ("🎭!?", ""),
    ],
)
def test_names_lose_case_accents_and_punctuation(text: str, words: str) -> None:
    assert normalise(text) == words


@given(st.text(max_size=60))
def test_words_are_stable_and_never_hold_what_the_index_would_understand(text: str) -> None:
    words = normalise(text)
    assert normalise(words) == words
    assert all(word.isalnum() or not word.isascii() for word in words.split())
    assert not set(words) & set("\"'*():^-+\0")


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0x24F), max_size=20))
def test_the_quick_way_for_latin_letters_says_what_the_long_way_says(text: str) -> None:
    mixed = normalise(text + " 張")
    assert mixed.split()[-1:] == ["張"]
    assert normalise(text) == " ".join(mixed.split()[:-1])


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("bette.davis@hollwood.org", "bette.davis@hollwood"),
        ("a@b.co.uk", "a@b.co"),
        ("a@b", "a@b"),
        ("a.b@", "a.b@"),
        ("hollwood.org", "hollwood"),
        ("J.Müller", "J.Müller"),
        ("none", "none"),
    ],
)
def test_a_top_level_domain_is_not_a_word(address: str, kept: str) -> None:
    assert without_top_level(address) == kept


def test_phones_seats_and_cards_have_their_own_words() -> None:
    assert phone_word("+41 (0)79 412 30 76") == "794123076"
    assert phone_word("٠٧٩ ٤١٢") == "079412"
    assert seat_words("G 16") == seat_words("G16") == seat_words("g-16") == "g 16 g16"
    assert seat_words("AA 5") == "aa 5 aa5"
    assert seat_words("Balkon Reihe 3 Platz 14") == "balkon reihe 3 platz 14 balkonreihe3platz14"
    assert seat_words("16") == "16"
    assert last_four("411111••••••1111") == "1111"
    assert last_four("••••12") == ""
    assert last_four("") == ""


def test_a_row_holds_each_word_group_once() -> None:
    row = search_row(
        [("Bette Davis", "b@x.org", "1"), ("Bette Davis", "", "")],
        ["WPM8TS9", "3638", "3638", ""],
        ["411111••••••1111", ""],
        ["G 16", "G 16", ""],
        ["Hamlet", "Hamlet"],
    )
    assert row == ("bette davis", "b x", "1", "wpm8ts9 3638", "1111", "g 16 g16", "hamlet")


def test_a_query_is_at_most_eight_words_of_the_first_letters() -> None:
    assert len(query_from("a b c d e f g h i j k").words) == WORDS_LIMIT
    assert query_from("x" * 10_000).words == ("x" * 200,)
    assert query_from("davis DAVIS Dávis").words == ("davis",)
    assert query_from("\ud800 \x00").words == ()


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("davis ham", '("davis"* AND "ham"*)'),
        ("G16", '("g16"*)'),
        ("1111", '("1111"*)'),
        ("0794123076", '(("0794123076"* OR phone : "794123076" *))'),
        ("79412", '("79412"*)'),
        ("079412", '(("079412"* OR phone : "79412" *))'),
        (
            "079 412 30 76",
            '("079"* AND "412"* AND "30"* AND "76"*) OR phone : "794123076" *',
        ),
        (
            "+41 79 41",
            '("41"* AND "79"*) OR phone : "17941" * OR phone : "7941" * OR phone : "941" *',
        ),
        ("bette@hollwood.org", '("bette"*)'),
        ("@hollwood.org", '("hollwood"*)'),
        ("bette bette@bette.org", '("bette"*)'),
        ("anna hollwood b@hollwood.org", '("anna"* AND "hollwood"* AND "b"*)'),
    ],
)
def test_beginnings_as_the_index_is_asked_for_them(typed: str, asked: str) -> None:
    assert query_from(typed).expressions[-1] == asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("li", ['"li"', '("li"*)']),
        ("li an", ['"li" AND "an"', '"li" AND "an"*', '("li"* AND "an"*)']),
        ("bette@holl", ['"bette" AND "holl"', '("bette"*)']),
        ("!?", []),
    ],
)
def test_whole_words_are_asked_for_first(typed: str, asked: list[str]) -> None:
    assert list(query_from(typed).expressions) == asked
