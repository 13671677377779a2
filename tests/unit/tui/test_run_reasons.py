"""Every reason a dispatch gives has words short enough for a column."""

from __future__ import annotations

import itertools

from backend_client.domain.dispatch import Claim, Rules, Source, decide
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import PROBLEMS
from backend_client.domain.run_parameters import CreditMode
from tui.text.dates import Dates
from tui.text.run_words import RunWords
from tui.text.wording import Wording

LONGEST = 36


def test_every_reason_of_a_dispatch_has_words() -> None:
    wording, given = Wording(), set()
    obstacles = ("", "payment-blocked", "payment-too-old", "payment-refunds-used")
    for mode, has_payer, obstacle, allowed, elsewhere in itertools.product(
        CreditMode, (True, False), obstacles, (True, False), (True, False)
    ):
        rules = Rules(mode, cards_allowed=allowed, credit_allowed=allowed)
        card = Source(PaymentMethod.CARD, 5, "practice", obstacle)
        claim = Claim(10, has_payer, elsewhere)
        given.add(decide(claim, [card], rules).reason)
        given.add(decide(claim, [card._replace(refunds_left=0)], rules).reason)
        given.add(decide(claim, [], rules).reason)
    given.discard("")
    assert len(given) == 7
    assert {code for code in given if not wording.has(f"run_reason.{code}")} == set()
    assert all(len(wording.text(f"run_reason.{code}")) <= LONGEST for code in given)


def test_a_reason_without_words_of_its_own_is_shown_without_gaps() -> None:
    wording = Wording()
    words = RunWords(wording, Dates("UTC", wording))
    assert words.why("booking-cap-exceeded") == "less is left than that"
    assert "{" in PROBLEMS["payment-cap-exceeded"].message
    assert words.why("payment-cap-exceeded") == "payment cap exceeded"
    assert words.why("no-such-code") == "no such code"
