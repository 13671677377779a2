"""Every acceptance case is shown by tests that exist, or named as left."""

from __future__ import annotations

import pytest

from tests.faults.acceptance import LEFT, SHOWN
from tests.named import missing


def test_every_case_is_shown_or_left() -> None:
    assert not SHOWN.keys() & LEFT.keys()
    assert SHOWN.keys() | LEFT.keys() == {f"A{number}" for number in range(1, 63)}


@pytest.mark.parametrize("case", SHOWN)
def test_what_shows_a_case_exists(case: str) -> None:
    assert SHOWN[case]
    assert missing(SHOWN[case]) == []
