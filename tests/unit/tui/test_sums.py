"""The figures every question at the window is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.answers import BookingView
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, Method
from tests.unit.builders import leg, refund, sample_booking
from tui.text.sums import Sums


@pytest.mark.parametrize(
    ("promised_minor", "given_minor"),
    [(1450, 350), (1100, 0), (0, 0)],
    ids=["partly arrived", "nothing arrived", "the ticketing system knows nothing of it yet"],
)
def test_what_is_not_there_yet_is_open_and_never_given_back(
    promised_minor: int, given_minor: int
) -> None:
    booking = replace(sample_booking(), promised_minor=promised_minor)
    waits = leg(1, Method.MATCHED, 1100, state=LegState.AWAITING_APPROVAL)
    view = BookingView(booking, {}, (refund(booking, [1, 3], (waits,)),), (), Policy())
    sums = Sums.of(view)
    assert (sums.given_minor, sums.open_minor) == (given_minor, 1100)
