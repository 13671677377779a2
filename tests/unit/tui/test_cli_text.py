"""Words, columns, dates and the receipt of the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.answers import Capabilities, RefundOutcome, TimelineEvent
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.legs import Leg
from backend_client.domain.plan import Notice
from backend_client.domain.problems import PROBLEMS, Refused
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.domain.refundability import LineVerdict
from backend_client.domain.settlement import Outcome
from backend_client.local.timeline import KINDS
from tests.unit.builders import BETTE, booking, fee, leg, payment, refund, ticket
from tui.text.columns import cells, fit, pad, table, wrap
from tui.text.dates import Dates, machine
from tui.text.events import event_text
from tui.text.money import amount, money
from tui.text.problems import notice_text, problem_text, refusal_json, verdict_text
from tui.text.receipt import WIDTH, arrival_text, receipt
from tui.text.wording import Wording, languages

WORDS = Wording()
HOUSE = Capabilities(
    environment="practice",
    site_name="Palais",
    currency="CHF",
    zone="Europe/Zurich",
    methods=frozenset(Method),
    arrival_days={"practice": (3, 5)},
)
ANY_TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("method", list(Method)),
        ("payment_method", list(PaymentMethod)),
        ("leg_state", list(LegState)),
        ("refund_status", list(RefundStatus)),
        ("line_state", list(LineState)),
        ("line_kind", list(LineKind)),
        ("fee_kind", list(FeeKind)),
        ("receipt.to", list(Method)),
        ("timeline", KINDS),
        ("attempt", list(Outcome)),
    ],
)
def test_there_is_a_word_for_every_value(section: str, values: list[str]) -> None:
    assert [value for value in values if not WORDS.has(f"{section}.{value}")] == []


def test_every_override_of_a_problem_belongs_to_one() -> None:
    overridden = {key.split(".")[1] for key in WORDS.keys() if key.startswith("problem.")}  # noqa: SIM118
    assert overridden <= set(PROBLEMS)


def test_a_language_without_a_catalogue_and_a_word_without_an_entry_are_errors() -> None:
    assert "en" in languages()
    with pytest.raises(LookupError):
        Wording("tlh")
    with pytest.raises(LookupError):
        WORDS.text("command.no.such.word")


def test_values_are_never_read_as_templates() -> None:
    assert WORDS.text("receipt.quote", refund="{0.__class__}") == "Please quote {0.__class__}"
    assert WORDS.count("receipt.arrival.card_days", 1) == "There in 1 working day."
    assert WORDS.count("receipt.arrival.card_days", 2) == "There in 2 working days."


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("張偉", 4), ("e\u0301", 1), ("a\u200bb", 2), ("", 0), ("ｱ", 1)]
)
def test_a_cell_is_what_a_terminal_takes(text: str, width: int) -> None:
    assert cells(text) == width


@given(ANY_TEXT, st.integers(2, 30))
def test_padded_text_takes_exactly_its_width(text: str, width: int) -> None:
    assert cells(fit(text, width)) <= width
    assert cells(pad(text, width)) == cells(pad(text, width, right=True)) == width


@given(ANY_TEXT, st.integers(2, 30))
def test_wrapped_text_keeps_every_letter_within_its_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())


def test_a_table_lines_up_and_caps_its_columns() -> None:
    lines = table(
        [("張 偉", "1.00"), ("Anna Maria", "12.00")],
        head=("Name", "Paid"),
        right=frozenset({1}),
        limits=(6, None),
    )
    assert lines == ["  Name     Paid", "  張 偉    1.00", "  Anna …  12.00"]
    assert table([]) == []


def test_times_are_those_of_the_house() -> None:
    dates = Dates("Europe/Zurich", WORDS)
    at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert dates.full(at) == "01 Dec 2026 00:30"
    assert (dates.day(at), dates.time(at), dates.short(at)) == ("01 Dec", "00:30", "01 Dec 00:30")
    assert machine(at) == "2026-11-30T23:30:00Z"


def test_the_ends_of_the_calendar_can_be_shown() -> None:
    """Ticketing systems write "no date" as the last second there is."""
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert Dates("Europe/Zurich", WORDS).full(never) == "31 Dec 9999 23:59"
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert Dates("America/New_York", WORDS).full(first) == "01 Jan 1 00:00"
    assert [machine(never), machine(first)] == ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert amount(145_000, "CHF") == "1,450.00"
    assert money(1450, "JPY") == "1450 JPY"
    assert money(1450, "KWD") == "1.450 KWD"


def test_details_of_a_problem_are_made_inert() -> None:
    text = problem_text(WORDS, "booking-not-found", {"text": "\x1b[31m[bold]x\u202e"})
    assert text.message == "No booking “[bold]x”."
    listed = problem_text(WORDS, "booking-not-unique", {"text": "x", "bookings": ["a\x07", "b"]})
    assert "fits several bookings: a, b." in listed.message


def test_a_refusal_for_programs_has_exactly_its_six_keys() -> None:
    told = refusal_json(WORDS, Refused("store-locked", seconds=5.0))
    assert told == {
        "code": "store-locked",
        "message": "Another program has held the store for 5.0 s.",
        "money_moved": "no",
        "action": "Try again; nothing was changed.",
        "retryable": True,
        "details": {"seconds": 5.0},
    }
    assert refusal_json(WORDS, Refused("commit-unknown"))["money_moved"] == "unknown"
    assert refusal_json(WORDS, Refused("plan-stale", changed="x"))["retryable"] is False


def test_warnings_and_verdicts_name_their_lines() -> None:
    notice = Notice("fee-stranded", (3, 4), 200, must_acknowledge=True)
    assert "Fee line 3, 4 would stay" in notice_text(WORDS, notice, "CHF").message
    broken = notice_text(WORDS, Notice("group-broken", (2,), must_acknowledge=True), "CHF")
    assert "(line 2)" in broken.message
    assert verdict_text(WORDS, LineVerdict(1)) == ""
    assert "Line 1 was collected" in verdict_text(WORDS, LineVerdict(1, "collected"))


def _leg(method: Method, state: LegState, **more: str) -> Leg:
    return replace(
        leg(1, method, 1000, state=state),
        provider=more.get("provider", ""),
        label=more.get("label", ""),
        reference=more.get("reference", ""),
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (_leg(Method.MATCHED, LegState.SUCCEEDED, provider="practice"), "3 to 5 working days"),
        (_leg(Method.MATCHED, LegState.ACCEPTED, provider="practice"), "3 to 5 working days"),
        (_leg(Method.MATCHED, LegState.SUCCEEDED, provider="gone"), "when the provider"),
        (_leg(Method.MATCHED, LegState.PENDING, provider="practice"), "Not sent yet"),
        (_leg(Method.MATCHED, LegState.UNKNOWN), "Being checked"),
        (_leg(Method.MATCHED, LegState.REVIEW), "Being checked"),
        (_leg(Method.MATCHED, LegState.DECLINED), "still owed"),
        (_leg(Method.MATCHED, LegState.FAILED_LATE), "still owed"),
        (_leg(Method.MATCHED, LegState.AWAITING_APPROVAL), "Paid out once it is approved"),
        (_leg(Method.REQUESTED, LegState.AWAITING_APPROVAL), "Paid out later, once"),
        (_leg(Method.CASH, LegState.AWAITING_APPROVAL), "Handed over once"),
        (_leg(Method.WAITING, LegState.AWAITING_APPROVAL), "nothing is handed over"),
        (_leg(Method.REQUESTED, LegState.REQUESTED), "Paid out later"),
        (_leg(Method.CREDIT, LegState.CREDITED), "credit account"),
        (_leg(Method.CASH, LegState.RECORDED), "Handed over"),
        (_leg(Method.EXTERNAL, LegState.RECORDED), "already"),
        (_leg(Method.GIFT_CARD, LegState.RECORDED), "gift card"),
        (_leg(Method.TRANSFER, LegState.DUE), "soon"),
        (_leg(Method.TRANSFER, LegState.RECORDED), "by bank transfer"),
        (_leg(Method.WAITING, LegState.RECORDED), "nothing is handed over"),
    ],
)
def test_the_customer_is_told_where_each_part_is(one: Leg, words: str) -> None:
    assert words in arrival_text(one, HOUSE, WORDS)


def test_a_single_day_is_said_as_one() -> None:
    fast = replace(HOUSE, arrival_days={"practice": (1, 1)})
    one = _leg(Method.MATCHED, LegState.SUCCEEDED, provider="practice")
    assert arrival_text(one, fast, WORDS) == "There in 1 working day."


def test_a_receipt_says_everything_and_fits() -> None:
    sold = booking(
        [
            replace(ticket(1, 1000, seat="G 16"), state=LineState.CANCELLED),
            fee(2, 100, parent=1),
            fee(3, 700, parent=9),
        ],
        [payment(1, 1800)],
    )
    part = _leg(Method.MATCHED, LegState.SUCCEEDED, provider="practice", label="VISA •••• 1111")
    given = replace(refund(sold, [1], [part]), retained_minor=250, breach_fee_minor=50)
    given = replace(given, value_minor=1300, reason="illness")
    lines = receipt(RefundOutcome(given, sold), HOUSE, WORDS)
    text = "\n".join(lines)
    for wanted in (
        "PRACTICE",
        "REFUND R-10001",
        f"Customer {BETTE.name}",
        "A. Rochat",
        "desk 3",
        "Adult G 16",
        "Retained                             -2.50",
        "Fee                                  -0.50",
        "TOTAL CHF                            10.00",
        "(booking fee kept                    1.00)",
        "VISA •••• 1111                       10.00",
        "There in 3 to 5 working days.",
        "Reason: Illness",
    ):
        assert wanted in text
    assert "7.00" not in text, "another ticket's fee was not kept by this refund"
    assert receipt(RefundOutcome(given, sold), replace(HOUSE, environment="live"), WORDS) == [
        line for line in lines if "***" not in line
    ]


def test_a_receipt_of_no_desk_names_none() -> None:
    """What a reseller is owed was granted at no desk."""
    sold = booking([replace(ticket(1, 1000), state=LineState.CANCELLED)], [payment(1, 1000)])
    given = replace(refund(sold, [1], [_leg(Method.REQUESTED, LegState.REQUESTED)]), desk="")
    text = receipt(RefundOutcome(given, sold), HOUSE, WORDS)
    assert not any("desk" in line for line in text)


def test_a_receipt_of_a_cancelled_performance_names_the_run() -> None:
    sold = booking([replace(ticket(1, 1000), state=LineState.CANCELLED)], [payment(1, 1000)])
    given = replace(refund(sold, [1], [_leg(Method.REQUESTED, LegState.REQUESTED)]), run_id=12)
    assert "by cancellation run 12" in receipt(RefundOutcome(given, sold), HOUSE, WORDS)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers(0, 2**53))
def test_no_text_and_no_amount_makes_a_receipt_wider(
    house: str, name: str, label: str, minor: int
) -> None:
    sold = booking([replace(ticket(1, minor), description=name)], [payment(1, minor)])
    part = replace(_leg(Method.CREDIT, LegState.CREDITED, label=label), amount_minor=minor)
    given_back = replace(refund(sold, [1], [part]), reason=name, operator=label, desk=house)
    lines = receipt(RefundOutcome(given_back, sold), replace(HOUSE, site_name=house), WORDS)
    assert max(map(cells, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("command.lookup.found", "1 booking.", "1,200 bookings."),
        ("command.settle.discrepancies", "1 is not", "1,200 are not"),
        ("command.settle.abandoned", "1 had no answer yet when this ended; it is", "they are"),
        ("command.audit.intact", "1 record,", "1,200 records,"),
        ("command.audit.restored", "1 payment is", "1,200 payments are"),
    ],
)
def test_one_is_told_as_one(key: str, one: str, other: str) -> None:
    details = dict.fromkeys(("shown", "program", "head", "had", "have"), "x")
    wording = Wording("en")
    assert one in wording.count(key, 1, **details)
    assert other in wording.count(key, 1_200, **details)


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (
            {"outcome": "final", "code": "8", "text": "REFUNDED refunded"},
            "R-10001.1 → VISA •••• 1111: refunded",
        ),
        (
            {"outcome": "declined", "code": "43", "text": "card closed by issuer"},
            "R-10001.1 → VISA •••• 1111: declined (card closed by issuer, 43)",
        ),
        (
            {"outcome": "unknown", "code": "", "text": ""},
            "R-10001.1 → VISA •••• 1111: no clear answer",
        ),
    ],
)
def test_an_attempt_is_told_as_a_sentence(details: dict[str, str], said: str) -> None:
    which = {"refund": "R-10001", "leg": "R-10001.1", "label": "VISA •••• 1111"}
    at = datetime(2026, 11, 22, tzinfo=UTC)
    event = TimelineEvent(at, "attempt", amount_minor=100, details={**which, **details})
    assert event_text(Wording("en"), event) == said


def test_a_decision_is_told_by_the_states_it_leads_to() -> None:
    details = {"refund": "R-10001", "leg": "R-10001.1", "before": "", "after": "review"}
    at = datetime(2026, 11, 22, tzinfo=UTC)
    proposed = TimelineEvent(at, "proposed", details=details)
    assert event_text(Wording("en"), proposed) == (
        "said by a supervisor, another one confirms · in review · R-10001.1"
    )
    decided = {**details, "before": "review", "after": "pending"}
    assert event_text(Wording("en"), TimelineEvent(at, "resolved", details=decided)) == (
        "decided by a person · in review → to be sent · R-10001.1"
    )


def test_the_history_names_the_run_that_cancelled() -> None:
    details = {"refund": "R-10001", "lines": "1, 2", "reason": "Performance cancelled", "run": "12"}
    event = TimelineEvent(datetime(2026, 11, 22, tzinfo=UTC), "cancelled_by_run", details=details)
    assert event_text(Wording("en"), event) == (
        "cancelled by run 12 · R-10001 · lines 1, 2 · Performance cancelled"
    )
