"""A payment whose provider is configured no more waits for a person, and everybody says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState
from backend_client.domain.resolution import Step
from backend_client.local.backend import LocalBackend
from backend_client.local.leg_store import LocalLegStore
from backend_client.ports import RandomTokens
from backend_client.providers.directory import ServiceDirectory
from backend_client.providers.port import AnswerClass
from backend_client.settings import House, Settings
from backend_client.settling.settler import Settler
from tests.shop import PRICE, SUPERVISOR
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import balances
from tests.unit.refusing import refused

LEG = "R-10001.1"
WAITING = (
    (AnswerClass.NOT_EXECUTED, LegState.PENDING),
    (AnswerClass.ACCEPTED, LegState.ACCEPTED),
    (AnswerClass.UNKNOWN, LegState.UNKNOWN),
)
"""What a provider answered before it was taken out of the settings, and where that leaves it."""


@pytest.fixture(params=WAITING, ids=lambda case: case[1].value)
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trouble]:
    kind, state = request.param
    with trouble(tmp_path) as made:
        made.books.kind = kind
        made.shop.refund(1, 1)
        assert made.leg().state is state
        yield made


def without_provider(office: Trouble, settings: Settings | None = None) -> LocalBackend:
    """The same store with settings that name no provider any more."""
    shop, nobody = office.shop, ServiceDirectory("practice", ())
    settler = Settler(LocalLegStore(shop.store), nobody, office.clock)
    return LocalBackend(
        shop.store,
        settings=settings or Settings(),
        directory=nobody,
        settle=settler.settle,
        recover=settler.recover,
        driver=settler,
        read_source=lambda _source, _prepare: iter(()),
        clock=office.clock,
        tokens=RandomTokens(),
    )


def resolve(backend: LocalBackend, finding: Finding, reference: str = "") -> None:
    found = Resolution(LEG, finding, reference, "asked by telephone")
    plan = backend.preview_resolution(SUPERVISOR, found)
    assert not backend.execute_resolution(SUPERVISOR, plan).already_done
    assert backend.execute_resolution(SUPERVISOR, plan).already_done


def test_settle_the_open_list_and_the_doctor_say_it(office: Trouble) -> None:
    backend, state = without_provider(office), office.leg().state
    for patient in (False, True):
        report = backend.settle(SUPERVISOR, patient=patient)
        office.clock.move(days=1)
        assert report.no_provider == {"practice": 1}
    page = backend.open_refunds(SUPERVISOR)
    assert [(one.state, one.no_provider) for one in page.legs] == [(state, "practice")]
    assert [(one.state, one.count, one.no_provider) for one in page.totals] == [(state, 1, True)]
    served = next(one for one in backend.doctor(SUPERVISOR).checks if one.code == "served")
    (finding,) = served.findings
    assert not served.ok
    assert finding.startswith(f"{LEG} is {state.value} at practice, which the settings name no")
    assert finding.endswith(f"resolve {LEG}")
    assert office.leg().state is state, "nobody guesses"


def test_configured_again_it_goes_on_by_itself(office: Trouble) -> None:
    without_provider(office).settle(SUPERVISOR)
    office.books.kind = AnswerClass.FINAL
    if office.leg().state is LegState.ACCEPTED:
        office.books.change("pay-1", office.books.refunds["pay-1"][-1].state.FINAL)
    for _ in range(3):
        office.clock.move(seconds=61)
        report = office.shop.backend.settle(SUPERVISOR)
        assert report.no_provider == {}
    assert office.leg().state is LegState.SUCCEEDED
    assert len({one.provider_key for one in office.provider.orders}) == 1
    assert all(one.ok for one in office.shop.backend.doctor(SUPERVISOR).checks)


def test_what_a_person_found_there_is_refunded_and_never_sent_again(office: Trouble) -> None:
    sent = len(office.provider.orders)
    resolve(without_provider(office), Finding.FOUND, "re-77")
    leg = office.leg()
    assert (leg.state, leg.provider_refund_id) == (LegState.SUCCEEDED, "re-77")
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE
    assert any("asked by telephone" in told for told in office.audit("resolve"))
    office.shop.backend.settle(SUPERVISOR)
    assert len(office.provider.orders) == sent


def test_what_is_not_there_is_declined_however_young_its_key_is(office: Trouble) -> None:
    """Sent again it would wait for the same provider; declined it can be paid another way."""
    sent = len(office.provider.orders)
    backend = without_provider(office)
    resolve(backend, Finding.NOT_FOUND)
    assert office.leg().state is LegState.DECLINED
    assert balances(office.shop.store)["refund_payable"] == -PRICE
    assert backend.settle(SUPERVISOR).no_provider == {}
    assert len(office.provider.orders) == sent


def test_anything_else_is_noted_and_it_stays_as_it_is(office: Trouble) -> None:
    state = office.leg().state
    resolve(without_provider(office), Finding.OTHER)
    assert office.leg().state is state
    assert office.leg().attempts[-1].text == "asked by telephone"


def test_as_long_as_the_provider_is_there_it_decides(office: Trouble) -> None:
    found = Resolution(LEG, Finding.FOUND, "re-77")
    with refused("not-in-review"):
        office.shop.backend.preview_resolution(SUPERVISOR, found)
    plan = without_provider(office).preview_resolution(SUPERVISOR, found)
    with refused("not-in-review"):
        office.shop.backend.execute_resolution(SUPERVISOR, plan)


def test_in_review_nothing_is_sent_to_a_provider_that_is_gone(tmp_path: Path) -> None:
    with trouble(tmp_path) as made:
        assert made.to_review().state is LegState.REVIEW
        resolve(without_provider(made), Finding.NOT_FOUND)
        assert made.leg().state is LegState.DECLINED


def test_only_a_supervisor_decides(office: Trouble) -> None:
    cashier = replace(SUPERVISOR, role=type(SUPERVISOR.role).CASHIER)
    found = Resolution(LEG, Finding.FOUND, "re-77")
    with refused("not-allowed"):
        without_provider(office).preview_resolution(cashier, found)


def test_a_word_from_before_it_was_sent_again_is_nobodys_to_confirm(tmp_path: Path) -> None:
    """It was true when nobody could send it; what has gone out since, two have to look up anew."""
    two = Settings(house=House(currency="EUR"), policy=Policy(second_reviewer_minor=0))
    with trouble(tmp_path, settings=two) as made:
        made.books.kind = AnswerClass.UNKNOWN
        made.shop.refund(1, 1)
        gone, other = without_provider(made, two), replace(SUPERVISOR, operator="T. Blanc")
        said = Resolution(LEG, Finding.NOT_FOUND, evidence="asked by telephone")
        gone.execute_resolution(SUPERVISOR, gone.preview_resolution(SUPERVISOR, said))
        assert gone.preview_resolution(other, said).step is Step.CONFIRMS
        for _ in range(5):
            made.clock.move(seconds=61)
            made.shop.backend.settle(SUPERVISOR)
        assert made.leg().state is LegState.REVIEW
        assert made.leg().proposal is None
        assert made.shop.backend.preview_resolution(other, said).step is Step.PROPOSES
