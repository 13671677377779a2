"""What no program can know is decided by a supervisor, with evidence, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.refund import LegState
from backend_client.providers.port import AnswerClass
from tests.shop import PRICE, SUPERVISOR
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import balances
from tests.unit.refusing import refused

LEG = "R-10001.1"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path) as made:
        assert made.to_review().state is LegState.REVIEW
        yield made


def resolve(office: Trouble, finding: Finding, reference: str = "", evidence: str = "") -> None:
    backend = office.shop.backend
    plan = backend.preview_resolution(SUPERVISOR, Resolution(LEG, finding, reference, evidence))
    backend.execute_resolution(SUPERVISOR, plan)


def test_found_is_refunded_and_booked_under_the_provider_s_reference(office: Trouble) -> None:
    resolve(office, Finding.FOUND, "re-77", "seen in the back office")
    leg = office.leg()
    assert (leg.state, leg.provider_refund_id) == (LegState.SUCCEEDED, "re-77")
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE
    (told,) = office.audit("resolve")
    assert "seen in the back office" in told
    assert "re-77" in told
    assert leg.attempts[-1].outcome == "resolved"


def test_not_found_is_sent_again_under_its_own_key_while_that_is_young(office: Trouble) -> None:
    office.books.kind = AnswerClass.FINAL
    resolve(office, Finding.NOT_FOUND, evidence="not in the list")
    assert office.leg().state is LegState.SUCCEEDED
    assert len({order.provider_key for order in office.provider.orders}) == 1


def test_a21_not_found_under_an_old_key_is_declined_and_a_retry_gets_a_new_one(
    office: Trouble,
) -> None:
    office.clock.move(hours=20)
    resolve(office, Finding.NOT_FOUND, evidence="not in the list")
    assert office.leg().state is LegState.DECLINED
    sent = len(office.provider.orders)
    office.books.kind = AnswerClass.FINAL
    plan = office.shop.backend.preview_retry(SUPERVISOR, LEG, "the card works")
    office.shop.backend.execute_method_change(SUPERVISOR, plan)
    retry = office.leg(ordinal=2)
    assert (retry.state, retry.replaces_leg_id) == (LegState.SUCCEEDED, office.leg().id)
    assert office.leg().state is LegState.REPLACED
    assert len(office.provider.orders) == sent + 1
    assert len({order.provider_key for order in office.provider.orders}) == 2


def test_anything_else_stays_in_review_with_its_note(office: Trouble) -> None:
    resolve(office, Finding.OTHER, evidence="the provider is looking into it")
    leg = office.leg()
    assert leg.state is LegState.REVIEW
    assert leg.attempts[-1].text == "the provider is looking into it"
    resolve(office, Finding.FOUND, "re-77")
    assert office.leg().state is LegState.SUCCEEDED


def test_the_same_resolution_twice_is_done_once(office: Trouble) -> None:
    backend = office.shop.backend
    plan = backend.preview_resolution(SUPERVISOR, Resolution(LEG, Finding.FOUND, "re-77"))
    assert not backend.execute_resolution(SUPERVISOR, plan).already_done
    assert backend.execute_resolution(SUPERVISOR, plan).already_done
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE


def test_what_is_not_in_review_is_not_decided_by_a_person(office: Trouble) -> None:
    resolve(office, Finding.FOUND, "re-77")
    with refused("not-in-review"):
        resolve(office, Finding.NOT_FOUND, evidence="not in the list")


def test_one_refund_of_the_provider_pays_one_of_ours(office: Trouble) -> None:
    office.books.kind = AnswerClass.FINAL
    paid = office.shop.refund(2, 1).refund.legs[0]
    with refused("provider-reference-used") as refusal:
        resolve(office, Finding.FOUND, paid.provider_refund_id)
    assert refusal.value.details["leg"] == paid.number


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (Finding.FOUND, "reference-required"),
        (Finding.NOT_FOUND, "evidence-required"),
        (Finding.OTHER, "evidence-required"),
    ],
)
def test_evidence_is_not_optional(office: Trouble, finding: Finding, code: str) -> None:
    with refused(code):
        resolve(office, finding, reference=" ", evidence="\x1b[2J")
    assert office.leg().state is LegState.REVIEW


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
def test_a59_only_a_supervisor_decides(office: Trouble, role: Role) -> None:
    caller = replace(SUPERVISOR, role=role)
    plan = office.shop.backend.preview_resolution(
        SUPERVISOR, Resolution(LEG, Finding.FOUND, "re-77")
    )
    with refused("not-allowed"):
        office.shop.backend.preview_resolution(caller, plan.resolution)
    with refused("not-allowed"):
        office.shop.backend.execute_resolution(caller, plan)
    assert len(office.audit("denied")) == 2


def test_a56_a_card_number_is_no_evidence(office: Trouble) -> None:
    with refused("full-card-number"):
        resolve(office, Finding.OTHER, evidence="4111 1111 1111 1111")


def test_a36_what_is_in_review_is_never_credited(office: Trouble) -> None:
    with refused("method-not-changeable"):
        office.shop.backend.preview_retry(SUPERVISOR, LEG, "again")
