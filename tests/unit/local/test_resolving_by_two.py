"""Above a threshold a payment in review is decided by two supervisors who say the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller, Entrance
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.domain.resolution import ResolutionPlan, Step, needs_second, to_confirm
from backend_client.local.rows import fetch
from backend_client.settings import House, Settings
from tests.shop import PRICE, SUPERVISOR
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import balances
from tests.unit.refusing import refused

LEG = "R-10001.1"
OTHER = replace(SUPERVISOR, operator="T. Blanc", desk="9")
FOUND = Resolution(LEG, Finding.FOUND, "re-77", "dashboard")
NOT_FOUND = Resolution(LEG, Finding.NOT_FOUND, "", "not in the list")


def two_above(minor: int | None) -> Settings:
    return Settings(house=House(currency="EUR"), policy=Policy(second_reviewer_minor=minor))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path, settings=two_above(0)) as made:
        assert made.to_review().state is LegState.REVIEW
        yield made


def planned(office: Trouble, who: Caller, said: Resolution = FOUND) -> ResolutionPlan:
    return office.shop.backend.preview_resolution(who, said)


def say(office: Trouble, who: Caller, said: Resolution = FOUND) -> RefundOutcome:
    return office.shop.backend.execute_resolution(who, planned(office, who, said))


def rows(office: Trouble) -> list[tuple[str, int, int | None]]:
    with office.shop.store.read() as connection:
        found = fetch(connection, "SELECT * FROM resolution ORDER BY id")
    return [(row.operator, row.needs_second, row.confirms_id) for row in found]


@pytest.mark.parametrize(
    ("threshold", "amount", "currency", "two"),
    [
        (None, 10**9, "CHF", False),
        (0, 1, "EUR", True),
        (1000, 1000, "EUR", False),
        (1000, 1001, "EUR", True),
        (1000, 1, "CHF", True),
    ],
)
def test_which_of_them_take_two(
    threshold: int | None, amount: int, currency: str, two: bool
) -> None:
    policy = Policy(currency="EUR", second_reviewer_minor=threshold)
    assert needs_second(policy, amount, currency) is two


def test_at_the_threshold_and_without_one_a_supervisor_decides_alone(tmp_path: Path) -> None:
    for number, threshold in enumerate((PRICE, None)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with trouble(folder, settings=two_above(threshold)) as office:
            office.to_review()
            assert planned(office, SUPERVISOR).step is Step.DECIDES
            say(office, SUPERVISOR)
            assert office.leg().state is LegState.SUCCEEDED
            assert rows(office) == [("S. Weber", 0, None)]


def test_the_first_one_s_word_changes_nothing_and_is_kept(office: Trouble) -> None:
    before, theirs = balances(office.shop.store), office.leg().provider_refund_id
    plan = planned(office, SUPERVISOR)
    assert (plan.step, plan.after, plan.confirmed) == (
        Step.PROPOSES,
        LegState.REVIEW,
        LegState.SUCCEEDED,
    )
    outcome = office.shop.backend.execute_resolution(SUPERVISOR, plan)
    assert outcome.refund.status is RefundStatus.REVIEW
    leg = office.leg()
    assert (leg.state, leg.provider_refund_id) == (LegState.REVIEW, theirs)
    assert (leg.attempts[-1].outcome, leg.attempts[-1].text) == ("proposed", "re-77 · dashboard")
    assert leg.proposal is not None
    assert (leg.proposal.operator, leg.proposal.resolution) == ("S. Weber", FOUND)
    assert balances(office.shop.store) == before
    assert office.shop.backend.execute_resolution(SUPERVISOR, plan).already_done
    assert rows(office) == [("S. Weber", 1, None)]
    assert (len(office.audit("propose_resolution")), office.audit("resolve")) == (1, [])
    timeline = office.shop.backend.booking(SUPERVISOR, "B-1").timeline
    assert [one.operator for one in timeline if one.what == "proposed"] == ["S. Weber"]


def test_another_one_who_says_the_same_decides(office: Trouble) -> None:
    say(office, SUPERVISOR)
    own_words = replace(FOUND, evidence="their mail of today")
    plan = planned(office, OTHER, own_words)
    assert (plan.step, plan.after) == (Step.CONFIRMS, LegState.SUCCEEDED)
    office.shop.backend.execute_resolution(OTHER, plan)
    leg = office.leg()
    assert (leg.state, leg.provider_refund_id, leg.proposal) == (
        LegState.SUCCEEDED,
        "re-77",
        None,
    )
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE
    assert rows(office) == [("S. Weber", 1, None), ("T. Blanc", 1, 1)]
    (told,) = office.audit("resolve")
    assert '"proposed_by":"S. Weber"' in told
    assert "their mail of today" in told
    assert office.shop.backend.execute_resolution(OTHER, plan).already_done


@pytest.mark.parametrize("name", ["S. Weber", "s weber", "S.WEBER"])
def test_nobody_confirms_their_own(office: Trouble, name: str) -> None:
    say(office, SUPERVISOR)
    again = replace(SUPERVISOR, operator=name)
    assert planned(office, again).step is Step.PROPOSES
    say(office, again)
    assert office.leg().state is LegState.REVIEW
    with refused("resolution-own"):
        to_confirm(office.leg(), again)


def test_another_finding_or_reference_confirms_nothing_and_takes_its_place(
    office: Trouble,
) -> None:
    say(office, SUPERVISOR)
    for other in (NOT_FOUND, replace(FOUND, reference="re-78")):
        assert planned(office, OTHER, other).step is Step.PROPOSES
        say(office, OTHER, other)
    assert office.leg().state is LegState.REVIEW
    assert planned(office, SUPERVISOR).step is Step.PROPOSES, "theirs is not the last word"
    agreed = replace(FOUND, reference="re-78")
    assert to_confirm(office.leg(), SUPERVISOR) == replace(agreed, evidence="dashboard")
    say(office, SUPERVISOR, agreed)
    assert office.leg().provider_refund_id == "re-78"


def test_that_it_is_still_open_takes_a_proposal_back(office: Trouble) -> None:
    say(office, SUPERVISOR)
    assert planned(office, OTHER, replace(FOUND, finding=Finding.OTHER)).step is Step.DECIDES
    say(office, OTHER, Resolution(LEG, Finding.OTHER, "", "that was another refund"))
    assert office.leg().proposal is None
    with refused("nothing-proposed"):
        to_confirm(office.leg(), OTHER)
    assert planned(office, OTHER).step is Step.PROPOSES


def test_not_found_is_sent_again_only_once_two_say_so(office: Trouble) -> None:
    sent = len(office.provider.orders)
    say(office, SUPERVISOR, NOT_FOUND)
    assert len(office.provider.orders) == sent
    say(office, OTHER, replace(NOT_FOUND, evidence="asked them"))
    assert len(office.provider.orders) > sent


def test_what_was_proposed_meanwhile_makes_a_confirmation_stale(office: Trouble) -> None:
    say(office, SUPERVISOR)
    plan = planned(office, OTHER)
    say(office, SUPERVISOR, replace(FOUND, reference="re-78"))
    with refused("plan-stale"):
        office.shop.backend.execute_resolution(OTHER, plan)
    assert office.leg().state is LegState.REVIEW


def test_of_two_who_confirm_at_once_one_does(office: Trouble) -> None:
    say(office, SUPERVISOR)
    third = replace(OTHER, operator="N. Roth")
    plans = [(who, planned(office, who)) for who in (OTHER, third)]

    def go(asked: tuple[Caller, ResolutionPlan]) -> str:
        try:
            done = office.shop.backend.execute_resolution(*asked)
        except Refused as refusal:
            return refusal.code
        return "again" if done.already_done else "done"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, plans))
    assert answers.count("done") == 1
    assert len(rows(office)) == 2
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE


def test_while_nobody_looks_nothing_is_confirmed(office: Trouble) -> None:
    say(office, SUPERVISOR)
    with refused("approval-by-nobody"):
        planned(office, replace(OTHER, entrance=Entrance.UNATTENDED))


SAID = """INSERT INTO resolution(id, leg_number, finding, reference, operator, operator_key, at_us,
  needs_second, confirms_id) VALUES (9, '{}', '{}', '{}', '{}', '{}', 1, {}, 1)"""


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (SAID.format(LEG, "found", "re-77", "S. WEBER", "x", 1), "another person confirms"),
        (SAID.format(LEG, "found", "re-77", "T. Blanc", "sweber", 1), "another person confirms"),
        (SAID.format(LEG, "found", "re-78", "T. Blanc", "tblanc", 1), "another person confirms"),
        (SAID.format(LEG, "not_found", "", "T. Blanc", "tblanc", 1), "another person confirms"),
        (SAID.format("R-1.1", "found", "re-77", "T. Blanc", "tblanc", 1), "another person confirm"),
        (SAID.format(LEG, "found", "re-77", "T. Blanc", "tblanc", 0), "resolution_confirms"),
        ("UPDATE resolution SET operator = 'T. Blanc'", "append-only"),
        ("DELETE FROM resolution", "append-only"),
        ("INSERT OR REPLACE INTO resolution SELECT * FROM resolution", "append-only"),
    ],
)
def test_the_database_itself_holds_that_two_said_so(
    office: Trouble, statement: str, why: str
) -> None:
    say(office, SUPERVISOR)

    def job(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    with pytest.raises(IntegrityError, match=why):
        office.shop.store.write(job, label="forge")
