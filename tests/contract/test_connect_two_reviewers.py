"""Above a threshold two supervisors say what became of a call to Connect, as everywhere else."""

from __future__ import annotations

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller, Role
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.domain.resolution import Step, to_confirm
from backend_client.settings import House, Settings
from tests.cinema import Point, Trouble, answer
from tests.connect_offices import MIXED_KINDS, ConnectOffice, sound_office
from tests.contract.offices import CASHIER, SUPERVISOR, TWO_CARDS, caller, sale
from tests.unit.refusing import refused

OTHER = caller(Role.SUPERVISOR, "T. Blanc", "9")
BY_TWO = Settings(house=House(currency="CHF"), policy=Policy(second_reviewer_minor=999))


office = sound_office(settings=BY_TWO)


def in_review(office: ConnectOffice) -> tuple[str, str]:
    """The payments of a call of which the first one went through: 10.00 and 4.50."""
    office.sell(sale(payments=TWO_CARDS))
    office.cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    request = office.request(1, 2, 3, acknowledged=MIXED_KINDS)
    refund = office.backend.execute_refund(CASHIER, office.plan(request)).refund
    assert refund.status is RefundStatus.REVIEW
    first, second = refund.legs
    return first.number, second.number


def say(
    office: ConnectOffice, who: Caller, said: Resolution, step: Step = Step.DECIDES
) -> RefundOutcome:
    plan = office.backend.preview_resolution(who, said)
    assert plan.step is step
    return office.backend.execute_resolution(who, plan)


def found(leg: str, reference: str = "their-9") -> Resolution:
    return Resolution(leg, Finding.FOUND, reference, "looked it up at the cinema")


def test_the_first_word_is_kept_and_another_one_decides(office: ConnectOffice) -> None:
    large, _ = in_review(office)
    kept = say(office, SUPERVISOR, found(large), Step.PROPOSES).refund.legs[0]
    assert (kept.state, kept.provider_refund_id) == (LegState.REVIEW, "")
    assert kept.proposal is not None
    assert kept.proposal.operator == SUPERVISOR.operator
    with refused("resolution-own"):
        to_confirm(kept, SUPERVISOR)
    say(office, SUPERVISOR, found(large), Step.PROPOSES)
    agreed = to_confirm(kept, OTHER)
    done = say(office, OTHER, agreed, Step.CONFIRMS).refund.legs[0]
    assert (done.state, done.provider_refund_id, done.proposal) == (
        LegState.SUCCEEDED,
        "their-9",
        None,
    )


def test_another_reference_is_another_word(office: ConnectOffice) -> None:
    large, _ = in_review(office)
    say(office, SUPERVISOR, found(large), Step.PROPOSES)
    other = say(office, OTHER, found(large, "their-8"), Step.PROPOSES).refund.legs[0]
    assert other.state is LegState.REVIEW
    assert other.proposal is not None
    assert other.proposal.resolution.reference == "their-8"


def test_at_the_threshold_one_is_enough(office: ConnectOffice) -> None:
    _, small = in_review(office)
    assert say(office, SUPERVISOR, found(small)).refund.legs[1].state is LegState.SUCCEEDED
