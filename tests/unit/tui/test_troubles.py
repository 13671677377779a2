"""What keeps payments and mail from going out, as long as it lasts and no longer."""

from __future__ import annotations

from backend_client.domain.driving import DriveReport, Pause
from backend_client.domain.mailing import MailRun
from backend_client.domain.problems import Refused
from tui.text.troubles import QUIET_ROUNDS, Troubles
from tui.text.wording import Wording

AWAY = DriveReport(looked=3, paused={"psp": Pause("not_executed", "connect", "")})
QUIET = DriveReport()


def test_a_provider_that_is_away_stays_so_while_nobody_asks_it() -> None:
    troubles = Troubles(Wording())
    assert troubles.of_payments(AWAY) == ""
    away = troubles.text
    assert away.startswith("PSP takes no refunds just now")
    for _ in range(QUIET_ROUNDS - 1):
        assert troubles.of_payments(QUIET) == away
        assert troubles.text == away
    troubles.of_payments(QUIET)
    assert troubles.text == "", "what waited was paid another way meanwhile"


def test_a_provider_nobody_configures_any_more_is_named() -> None:
    troubles = Troubles(Wording())
    troubles.of_payments(DriveReport(looked=2, no_provider={"old-psp": 2}))
    assert "the settings name no old-psp" in troubles.text
    troubles.of_payments(DriveReport(looked=1))
    assert troubles.text == ""


def test_a_provider_that_answers_is_no_trouble_at_once() -> None:
    troubles = Troubles(Wording())
    troubles.of_payments(AWAY)
    troubles.of_payments(DriveReport(looked=1))
    assert troubles.text == ""


def test_a_difference_stays_until_a_list_was_right() -> None:
    troubles = Troubles(Wording())
    troubles.of_payments(DriveReport(checked=2, discrepancies=1))
    differs = troubles.text
    assert "differs from our books" in differs
    troubles.of_payments(QUIET)
    assert troubles.text == differs
    troubles.of_payments(DriveReport(checked=1))
    assert troubles.text == ""


def test_the_store_and_the_mail_have_words_of_their_own() -> None:
    troubles = Troubles(Wording())
    troubles.of_payments(Refused("store-locked", store="store.db", seconds=5))
    troubles.of_mail(Refused("mail-login", host="smtp.example", detail="535"))
    assert "cannot be worked on just now" in troubles.text
    assert "smtp.example does not let us in" in troubles.text
    troubles.of_mail(MailRun())
    assert "smtp" not in troubles.text
    troubles.of_payments(QUIET)
    assert troubles.text == "", "a store that answers again is no trouble"
