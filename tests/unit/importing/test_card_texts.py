"""Masked numbers and expiry dates in the one form the house shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.importing.card_texts import card_expiry, masked_number


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("411111......1111", "411111••••••1111"),
        ("411111....1111", "411111••••1111"),
        ("4111 11** **** 1111", "411111••••••1111"),
        ("............1111", "••••••••••••1111"),
        ("XXXX-XXXX-XXXX-1234", "••••••••••••1234"),
        ("000010..0001", "000010••0001"),
        ("035464666587", "••••••••6587"),
        ("41111111........1111", "411111••••••••••1111"),
        ("", ""),
        ("none", ""),
    ],
)
def test_any_mask_is_kept_in_one_form(said: str, kept: str) -> None:
    assert masked_number(said) == kept


@given(st.text(alphabet="0123456789.*•x -", max_size=40))
def test_at_most_ten_digits_stay_and_a_second_look_changes_nothing(text: str) -> None:
    kept = masked_number(text)
    assert sum(letter.isdecimal() for letter in kept) <= 10
    assert masked_number(kept) == kept


@pytest.mark.parametrize(
    "said", ["202012", "20201231", "2020-12", "12/20", "12/2020", "1220", " 2020/12 "]
)
def test_every_form_of_an_expiry(said: str) -> None:
    assert card_expiry(said) == "2020-12"


@pytest.mark.parametrize("said", ["", "0000", "202013", "soon", "2020", "99/99"])
def test_what_is_no_expiry_is_dropped(said: str) -> None:
    assert card_expiry(said) == ""
