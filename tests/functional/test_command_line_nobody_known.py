"""A sale over the counter whose customer nobody knows: every list says so, as the window does."""

from __future__ import annotations

import pytest

from tests.functional.cancelled_evening import CANCEL, DISPATCH
from tests.functional.desk import Desk, booking, card, ticket


@pytest.fixture
def sold(desk: Desk) -> Desk:
    """R-10001, requested by run 2, and simulation 3 of its dispatch."""
    nobody = booking("B1", [ticket(1, 700)], [card("K1", 700, "pay-1")], contact=None)
    assert desk.import_native(nobody).code == 0
    assert desk(*CANCEL, "--simulate").code == 0
    assert desk("cancel-performance", "--live", "--simulation", "1").code == 0
    assert desk(*DISPATCH, "always", "--simulate").code == 0
    return desk


@pytest.mark.parametrize("command", [("lookup", "B1"), ("show", "B1"), ("open",), ("runs", "3")])
def test_nobody_known_is_said(sold: Desk, command: tuple[str, ...]) -> None:
    assert "no contact" in sold(*command).out
