"""What the window says of money is true: what is only promised is not called given back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from backend_client.answers import OpenLeg
from backend_client.domain.kinds import LineState
from backend_client.domain.refund import LegState, Method, RefundStatus
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import cashier, family_booking, window
from tests.unit.builders import booking, leg, payment, refund, sample_booking, ticket
from tui.screens.booking_blocks import Together, blocks_of
from tui.screens.lookup_rows import HitRows
from tui.screens.payment import PaymentScreen
from tui.text.dates import Dates
from tui.text.wording import Wording


def granted(method: Method, state: LegState) -> ScriptedBackend:
    """The pop corn of the sample booking, granted 3.50 by one leg in this state."""
    sold = sample_booking()
    lines = tuple(
        replace(line, state=LineState.CANCELLED) if line.sequence == 2 else line
        for line in sold.lines
    )
    after = replace(sold, lines=lines, promised_minor=350)
    backend = ScriptedBackend([after])
    part = leg(1, method, 350, state=state)
    made = refund(after, [2], (part,))
    backend.refunds[made.number] = made
    return backend


@pytest.mark.parametrize(
    ("method", "state", "said", "line"),
    [
        (
            Method.REQUESTED,
            LegState.REQUESTED,
            "Given back 0.00   Requested 3.50   Can",
            "cancelled 22",
        ),
        (
            Method.MATCHED,
            LegState.DECLINED,
            "Given back 0.00   Still open 3.50   Can go back 11.00",
            "cancelled 22",
        ),
        (
            Method.MATCHED,
            LegState.SUCCEEDED,
            "Given back 3.50   Requested 0.00   Can",
            "given back 22",
        ),
    ],
)
async def test_only_what_arrived_is_called_given_back(
    method: Method, state: LegState, said: str, line: str
) -> None:
    async with cashier(window(granted(method, state))) as person:
        await person.open("WPM8TS9")
        assert person.sees(said), person.text
        assert person.sees(line), person.text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (None, "✓ given back"),
        (RefundStatus.DONE, "✓ given back"),
        (RefundStatus.REQUESTED, "● requested"),
        (RefundStatus.TO_BE_SENT, "◔ to be sent"),
        (RefundStatus.NEEDS_NUMBER, "○ needs a number"),
        (RefundStatus.ON_ITS_WAY, "◑ on its way"),
        (RefundStatus.DECLINED, "✗ declined"),
    ],
)
def test_a_row_of_the_list_says_what_became_of_the_money(
    status: RefundStatus | None, said: str
) -> None:
    wording = Wording("en")
    rows = HitRows(wording, Dates("UTC", wording), "CHF")
    (hit,) = (ScriptedBackend([sample_booking()])._hit(sample_booking()),)
    drawn = rows.draw(replace(hit, reason="already-refunded", given_back=status), 100, False)
    assert said in drawn.plain


async def test_a_payment_can_take_back_no_more_than_the_booking_has_left() -> None:
    sold = replace(sample_booking(), prior_refunded_minor=450)
    async with cashier(window(ScriptedBackend([sold])), size=(120, 30)) as person:
        await person.open("WPM8TS9")
        (row,) = (line for line in person.text.splitlines() if "VISA" in line)
        assert row.rstrip(" │").endswith("10.00"), row


def test_a_fee_beside_a_package_is_no_member_of_it() -> None:
    family = family_booking()
    lines = tuple(
        replace(line, parent_sequence=5) if line.sequence == 3 else line for line in family.lines
    )
    (block,) = (
        one for one in blocks_of(replace(family, lines=lines)) if one.together is Together.AS_ONE
    )
    assert [line.sequence for line in block.lines] == [4, 5, 3, 6]
    assert block.members == {4, 5, 6}


async def test_the_bracket_leaves_the_fee_out() -> None:
    family = family_booking()
    lines = tuple(
        replace(line, parent_sequence=6) if line.sequence == 3 else line for line in family.lines
    )
    async with cashier(window(ScriptedBackend([replace(family, lines=lines)]))) as person:
        await person.open("WPK2RR1")
        held = {
            found[2]: found[1]
            for line in person.text.splitlines()
            if (found := re.search(r"\[ \] (.) +(\d)  ", line))
        }
        assert (held["6"], held["3"]) == ("╘", " "), person.text


async def test_a_promised_line_is_refused_with_its_refund_and_where_that_is() -> None:
    app = window(granted(Method.REQUESTED, LegState.REQUESTED))
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("down", "down", "space")
        assert person.status == "Line 2 is part of refund R-10001 already (requested)."


async def test_cards_that_look_the_same_are_told_apart_from_the_list_to_the_outcome() -> None:
    sold = booking([ticket(1, 1000)], [payment(1, 600), payment(2, 400)])
    app = window(ScriptedBackend([sold]))
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        for key in ("P-1", "P-2"):
            assert person.sees(f"VISA •••• 1111 ({key})")
        await person.press("asterisk")
        await person.preview()
        assert person.sees("6.00 CHF goes to VISA •••• 1111 (P-1)")
        assert person.sees("4.00 CHF goes to VISA •••• 1111 (P-2)")
        await person.give_back()
        assert person.sees("4.00 CHF goes back to VISA •••• 1111 (P-2).")


async def test_what_reduces_a_debt_is_nowhere_said_to_be_handed_over() -> None:
    backend = granted(Method.WAITING, LegState.RECORDED)
    made = backend.refunds["R-10001"]
    part = made.legs[0]
    opened = OpenLeg(
        part.id,
        part.number,
        made.number,
        "WPM8TS9",
        "Bette Davis",
        part.method,
        part.state,
        350,
        "CHF",
        part.requested_at,
    )
    backend.open_legs = [opened]
    app = window(backend)
    async with cashier(app) as person:
        await person.press("f7")
        await person.settled()
        assert person.sees("off the debt")
        assert not person.sees("handed over")
        app.push_screen(PaymentScreen(opened))
        await person.settled()
        assert person.sees("✓ off the debt")
        assert not person.sees("✓ handed over")


@pytest.mark.parametrize("width", [78, 118])
def test_a_row_of_the_list_says_which_seat_was_found(width: int) -> None:
    wording = Wording("en")
    rows = HitRows(wording, Dates("UTC", wording), "CHF")
    hit = replace(ScriptedBackend([sample_booking()])._hit(sample_booking()), line=1, seat="G 16")
    drawn = rows.draw(hit, width, False).plain
    plain = rows.draw(replace(hit, seat=""), width, False).plain
    assert " G 16 · Ham" in drawn
    assert (len(drawn), "G 16" in plain) == (len(plain), False), "the columns stay"
