"""A full card number is found in whatever field and spelling, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.card_numbers import has_card_number, is_swipe
from backend_client.importing.card_scan import refuse_card_numbers
from backend_client.importing.refusal import WrongBooking

CARD = "4111111111111111"


def scan(line: bytes) -> None:
    refuse_card_numbers(line, json.loads(line))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"number": CARD}, "number"),
        ({"a": {"b": [{"c": f"card {CARD} please"}]}}, "a.b[0].c"),
        ({"note": "4111 1111 1111 1111"}, "note"),
        ({"note": "4111-1111-1111-1111"}, "note"),
        ({"price_minor": int(CARD)}, "price_minor"),
        ({CARD: 1}, "(a name)"),
        ({"swipe": "%B4111111111111111^DAVIS/BETTE^2512"}, "swipe"),
        ({"swipe": ";4111111111111111=2512"}, "swipe"),
        ({"note": "٤١١١١١١١١١١١١١١١"}, "note"),
        ({"note": "４１１１１１１１１１１１１１１１"}, "note"),
        ({"note": "4111–1111–1111–1111"}, "note"),
        ({"note": "4111\u00a01111\u20091111\u30001111"}, "note"),
        ({"note": "4111\x7f1111\ufeff1111\u200b1111"}, "note"),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_card_number_is_refused_by_the_field_it_stands_in(
    document: dict[str, object], field: str, ascii_only: bool
) -> None:
    line = json.dumps(document, ensure_ascii=ascii_only).encode()
    with pytest.raises(WrongBooking) as wrong:
        scan(line)
    assert wrong.value.field == field
    assert "1111" not in wrong.value.reason + wrong.value.field


def test_a_number_spelled_in_escapes_is_found_too() -> None:
    spelled = "".join(f"\\u{ord(letter):04x}" for letter in CARD)
    with pytest.raises(WrongBooking):
        scan(f'{{"note":"{spelled}"}}'.encode())


@pytest.mark.parametrize(
    "document",
    [
        {"at": "/Date(1763838000002+0100)/", "legacy": "/Date(1763838000002)/"},
        {"session": "b47e5287860b9c906125343c8dab09c2"},
        {"uuid": "00000000-0000-4111-1111-111111111111"},
        {"epoch_ms": 1763838000002},
        {"amounts": [4111, 1111, 1111, 1111]},
        {"masked": "411111......1111"},
        {"at": "2025-11-22T19:00:00.123456+00:00"},
        {"price_minor": 1000, "value_minor": 1000, "flag": True, "none": None, "share": 0.5},
        {"name": "Nguyễn Thị Minh Khai & Søren; 100 % [group] \\ \u0001"},
    ],
)
def test_long_digits_that_no_card_has_are_left_alone(document: dict[str, object]) -> None:
    scan(json.dumps(document).encode())
    scan(json.dumps(document, ensure_ascii=False).encode())


@given(
    st.text(
        alphabet=st.sampled_from("01234567894444 -./%;B=^xéế٤４\u00a0\u1680\u2009\u3000·–"),
        max_size=40,
    )
)
def test_the_quick_look_never_misses_what_a_real_look_finds(text: str) -> None:
    line = json.dumps({"field": text}, ensure_ascii=False).encode()
    if has_card_number(text) or is_swipe(text):
        with pytest.raises(WrongBooking):
            scan(line)
    else:
        scan(line)


BLANKS = st.text(alphabet=" \t.-_/,–—·\u00a0\u2009\u3000", max_size=3)


@given(
    st.sampled_from([CARD, "378282246310005", "6011111111111117", "5555555555554444"]),
    st.lists(BLANKS, min_size=19, max_size=19),
    st.text(alphabet="aéế漢 ", max_size=5),
    st.booleans(),
)
def test_no_blanks_between_its_digits_hide_a_card(
    card: str, blanks: list[str], around: str, ascii_only: bool
) -> None:
    spread = "".join(digit + blank for digit, blank in zip(card, blanks, strict=False))
    line = json.dumps({"note": around + spread + around}, ensure_ascii=ascii_only).encode()
    if has_card_number(around + spread + around):
        with pytest.raises(WrongBooking):
            scan(line)
