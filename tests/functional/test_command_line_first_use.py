"""What somebody new to the command line asks for, and is told."""

from __future__ import annotations

from pathlib import Path

from backend_client.domain.problems import Refused
from backend_client.importing.practice_awkward import awkward_cases
from backend_client.providers.practice import PracticeProvider
from tests.functional.desk import Desk, booking, card, ticket
from tui.text.problems import refusal_text
from tui.text.wording import Wording


def test_the_awkward_bookings_are_listed_without_building_anything(desk: Desk) -> None:
    said = desk.bare("demo", "--cases")
    assert said.code == 0
    assert len(said.out.splitlines()) == len(awkward_cases())
    assert "FAMPACK" in said.out
    assert not list(desk.folder.glob("practice*"))


def test_spending_credit_again_says_that_it_was_done(desk: Desk) -> None:
    desk.import_native(booking("AAA", [ticket(1, 1000)], [card("1", 1000, "ref-1")]))
    given = desk(
        "refund", "AAA", "--lines", "1", "--reason", "goodwill", "--to", "credit", "--commit"
    )
    assert given.code == 0, given.err
    spend = ("credit", "C-AAA", "--spend", "400", "--reference", "SALE-1")
    assert "4.00 CHF spent for SALE-1." in desk(*spend).err
    again = desk(*spend)
    assert again.code == 0
    assert "already spent for SALE-1" in again.err


def test_a_wrong_amount_is_told_in_minor_units(desk: Desk) -> None:
    desk.import_native(booking("AAA", [ticket(1, 1000)], [card("1", 1000, "ref-1")]))
    for text in ("0", "4.00"):
        said = desk("credit", "C-AAA", "--spend", text, "--reference", "S")
        assert "whole minor units above 0" in said.err, said.err


def test_the_contact_and_the_methods_are_named(desk: Desk) -> None:
    desk.import_native(booking("AAA", [ticket(1, 1000)], [card("1", 1000, "ref-1")]))
    assert "C-AAA" in desk("show", "AAA").out
    for command in ("refund", "method"):
        assert "gift_card" in desk.bare(command, "--help").out


def test_refusals_speak_of_time_and_state_as_the_window_does() -> None:
    wording = Wording("en")
    wording.zone = "Europe/Zurich"
    faster = Refused(
        "being-refunded",
        operator="A. Rochat",
        desk="3",
        at="2026-11-22T05:55:00+00:00",
        refund="R-10001",
    )
    assert "A. Rochat, 22 Nov 06:55 at desk 3 (R-10001)" in refusal_text(wording, faster).message
    changed = Refused("method-not-changeable", leg="R-10001.1", state="succeeded")
    assert "R-10001.1 is refunded;" in refusal_text(wording, changed).message


def test_the_ledger_of_the_practice_provider_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db.practice-provider"
    provider = PracticeProvider(str(path))
    try:
        with provider._transaction():
            pass
    finally:
        provider.close()
    assert path.stat().st_mode & 0o777 == 0o600
