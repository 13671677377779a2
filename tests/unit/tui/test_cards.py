"""The card of an external payment typed as one line, in any order."""

from __future__ import annotations

import pytest

from tui.text.cards import Card, card_line, typed_card

WHOLE = Card("412403....5226", "VISA", "05/26")


@pytest.mark.parametrize(
    "text",
    ["412403....5226 VISA 05/26", "VISA 412403....5226 05/26", " 05/26  VISA 412403....5226 "],
)
def test_the_order_does_not_matter(text: str) -> None:
    assert typed_card(text) == WHOLE


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("", Card()),
        ("VISA", Card("", "VISA", "")),
        ("American Express 05/26", Card("", "American Express", "05/26")),
        ("xxxxxxxxxxxx1111", Card("xxxxxxxxxxxx1111", "", "")),
        ("411111••••••1111", Card("411111••••••1111", "", "")),
        ("4111111111111111", Card("4111111111111111", "", "")),
    ],
)
def test_what_is_left_out_is_empty(text: str, card: Card) -> None:
    assert typed_card(text) == card


def test_what_is_kept_is_shown_as_it_is_typed() -> None:
    assert typed_card(card_line("412403....5226", "VISA", "2026-05")) == WHOLE
    assert card_line("", "", "") == ""
