"""The command line at a Connect system: the same commands, its own answers, nothing sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend_client.connect_settings import token_name
from tests.cinema import PREFIX, Cinema, Point, Trouble, answer, served
from tests.connect_offices import keep_token
from tests.contract.offices import HAMLET, TWO_CARDS, cash, sale
from tests.functional.desk import SETTINGS, Desk


@pytest.fixture
def cinema() -> Cinema:
    made = Cinema()
    sell(made)
    return made


def sell(cinema: Cinema, **changes: Any) -> None:
    """The document's sample, for a performance that is still to come."""
    ever = replace(HAMLET, starts_at=datetime(2099, 3, 22, 19, tzinfo=UTC))
    cinema.sell(replace(sale(**changes), performances=(ever,)))


@contextmanager
def at(desk: Desk, url: str, more: str = "") -> Iterator[Desk]:
    """The desk with its settings naming a Connect system, and its token in place."""
    connect = f'[connect]\nurl = "{url}{PREFIX}"\n[connect.cinemas."0001"]\n{more}'
    desk.config.write_text(f"{SETTINGS}\n{connect}", encoding="utf-8")
    keep_token(desk.folder / "config")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(desk.folder / "config"))
        patched.delenv("CREDENTIALS_DIRECTORY", raising=False)
        yield desk


@pytest.fixture
def there(cinema: Cinema, desk: Desk) -> Iterator[Desk]:
    with served(cinema) as line, at(desk, line.url) as made:
        yield made


ALL = ("refund", "WPM8TS9", "--all", "--reason", "illness")


def test_a_refund_is_previewed_and_committed_once(there: Desk, cinema: Cinema) -> None:
    """The store is made with the first command; a repeated commit is the same refund."""
    plan = there(*ALL, "--preview", "--json").json
    assert (plan["amount_minor"], cinema.refunds) == (1450, [])
    commit = (*ALL, "--commit", "--plan", plan["fingerprint"], "--json")
    first, again = there(*commit), there(*commit)
    assert (first.code, again.code) == (0, 0)
    assert again.json["already_done"]
    assert len(cinema.refunds) == 1
    assert there("doctor").code == 0
    assert there("show", "WPM8TS9", "--json").json["refunds"][0]["refund"] == "R-10001"


def test_a_clear_no_may_be_committed_again_by_the_same_command(there: Desk, cinema: Cinema) -> None:
    plan = there(*ALL, "--preview", "--json").json
    commit = (*ALL, "--commit", "--plan", plan["fingerprint"], "--json")
    cinema.troubles = [Trouble(Point.NOTHING, answer(ResultCode=12))]
    refused = there(*commit)
    assert (refused.code, refused.problem) == (1, "connect-declined")
    assert refused.json["money_moved"] == "no"
    assert there(*commit).code == 0


def test_what_is_not_known_ends_with_4_and_settle_finds_it_out(there: Desk, cinema: Cinema) -> None:
    cinema.troubles = [Trouble(Point.NOTHING, None)]
    assert there(*ALL, "--commit").code == 4
    assert there("open").out.count("R-10001.1") == 1
    assert there("settle").out == "Nothing new is known yet.\n"
    cinema._carry_out(cinema.bookings["0001", "WPM8TS9"], cinema.refunds[0], Point.EVERYTHING)
    assert there("settle").code == 0
    assert there("show", "R-10001", "--json").json["status"] == "done"
    assert there("settle").out == "Nothing to do.\n"
    assert len(cinema.refunds) == 1


def test_manual_resolution_is_written_down_with_evidence(there: Desk, cinema: Cinema) -> None:
    sell(cinema, payments=TWO_CARDS)
    cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    done = there(*ALL, "--commit", "--acknowledge", "connect-mixed-kinds")
    assert done.code == 4
    cashier = there("resolve", "R-10001.1", "--found", "V-9", "--operator", "A. Rochat", "--json")
    assert cashier.problem == "not-allowed"
    for place in (1, 2):
        said = there("resolve", f"R-10001.{place}", "--found", "V-9", "--evidence", "seen there")
        assert said.code == (4 if place == 1 else 0)
    assert there("show", "R-10001", "--json").json["status"] == "done"


def test_money_that_came_late_is_told_in_place_of_what_was_typed(
    there: Desk, cinema: Cinema
) -> None:
    sell(cinema, payments=TWO_CARDS)
    cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    assert there(*ALL, "--commit", "--acknowledge", "connect-mixed-kinds").code == 4
    cinema.bookings["0001", "WPM8TS9"]["PaymentsRefunded"].clear()
    booking = cinema.bookings["0001", "WPM8TS9"]
    cinema._carry_out(booking, cinema.refunds[0], Point.EVERYTHING)
    said = there("resolve", "R-10001.2", "--not-found", "--evidence", "not in the list")
    assert (said.code, "shows it so" in said.err) == (0, True)
    assert there("show", "R-10001", "--json").json["status"] == "done"


def test_a_refund_above_a_limit_waits_and_another_supervisor_approves_it(
    cinema: Cinema, desk: Desk
) -> None:
    more = "[policy]\nlimit_minor = 400\n"
    with served(cinema) as line, at(desk, line.url, more):
        made = desk(*ALL, "--commit", "--operator", "A. Rochat")
        assert (made.code, cinema.refunds) == (0, [])
        assert "approve R-10001" in made.err
        assert "awaiting approval" in desk("show", "WPM8TS9").out
        assert desk(*ALL, "--commit", "--json").problem == "refund-waits"
        own = desk("approve", "R-10001", "--operator", "A. Rochat", "--json")
        assert own.problem == "not-allowed"
        assert desk("approve", "R-10001").code == 0
        assert len(cinema.refunds) == 1
        assert desk("show", "R-10001", "--json").json["status"] == "done"


def test_a_refund_that_waits_is_refused_and_can_be_made_again(cinema: Cinema, desk: Desk) -> None:
    with served(cinema) as line, at(desk, line.url, "[policy]\nlimit_minor = 400\n"):
        assert desk(*ALL, "--commit", "--operator", "A. Rochat").code == 0
        no = desk("approve", "R-10001", "--refuse", "--reason", "too much")
        assert (no.code, cinema.refunds) == (0, [])
        assert desk("show", "R-10001", "--json").json["status"] == "voided"
        assert desk(*ALL, "--commit").code == 0
        assert len(cinema.refunds) == 1


def test_a_gift_card_that_would_wait_is_refused_with_the_preview(
    cinema: Cinema, desk: Desk
) -> None:
    kinds = 'kinds = ["matched", "external", "unmatched"]'
    more = f"{kinds}\n[policy]\nlimit_minor = 400\n"
    with served(cinema) as line, at(desk, line.url, more):
        onto = (*ALL, "--to", "unmatched", "--operator", "A. Rochat")
        for kind in ("--preview", "--commit"):
            no = desk(*onto, kind)
            assert no.code == 1
            assert "the number of a gift card is kept nowhere" in no.err
            assert "give back less at once, or let a supervisor make it" in no.err
        assert desk(*ALL, "--to", "unmatched", "--preview", "--operator", "B. Keller").code == 0
        assert cinema.refunds == []
        assert "R-10001" not in desk("open").out


def test_a_cinema_that_is_down_is_told_and_nothing_is_said_not_to_be_there(
    cinema: Cinema, desk: Desk
) -> None:
    with served(cinema) as line, at(desk, line.url, '[connect.cinemas."0002"]\nname = "Rex"\n'):
        cinema.down = {"0002"}
        found = desk("lookup", "WPM8TS9", "--json").json
        assert ([hit["booking"] for hit in found["hits"]], found["unasked"]) == (
            ["WPM8TS9"],
            ["Rex (0002)"],
        )
        assert "Rex (0002) could not be asked" in desk("lookup", "WPM8TS9").err
        gone = desk("lookup", "WPM8TT0", "--json")
        assert (gone.code, gone.problem) == (5, "cinema-unasked")


def test_a_misread_number_is_found_and_said(there: Desk, cinema: Cinema) -> None:
    sell(cinema, booking_id="WPM8TS0")
    found = there("lookup", "WPM8TSO")
    assert (found.code, "WPM8TS0 is" in found.err) == (0, True)
    assert (
        there("refund", "WPM8TSO", *ALL[2:], "--preview", "--json").problem == "booking-not-found"
    )


def test_an_external_payment_has_its_card(there: Desk, cinema: Cinema) -> None:
    sell(cinema, payments=(cash(1450),))
    card_said = ("--card-masked", "412403....5226", "--card-type", "VISA", "--card-expiry", "05/26")
    external = (*ALL, "--to", "external", "--reference", "slip 7")
    wrong = there(*external, "--card-masked", "1234", "--preview", "--json")
    assert wrong.problem == "mask-invalid"
    whole = there(*external, "--card-type", "4111111111111111", "--preview", "--json")
    assert whole.problem == "full-card-number"
    assert there(*ALL, *card_said, "--preview", "--json").problem == "usage"
    assert there(*external, *card_said, "--commit").code == 0
    (sent,) = cinema.refunds[0]["externalPaymentDetails"]
    assert (sent["cardNumberMasked"], sent["cardExpiryMonth"]) == ("412403....5226", "05")


def test_a_cinema_that_wants_the_card_says_so(cinema: Cinema, desk: Desk) -> None:
    sell(cinema, payments=(cash(1450),))
    wants = 'external_fields = ["masked_number"]\n'
    with served(cinema) as line, at(desk, line.url, wants):
        external = (*ALL, "--to", "external", "--reference", "slip 7")
        preview = desk(*external, "--preview")
        assert "--card-masked" in preview.out + preview.err
        assert desk(*external, "--commit", "--json").problem == "external-detail-required"


def test_a_store_of_its_own_keeps_no_card(sample: Desk) -> None:
    card_said = ("--to", "external", "--reference", "7", "--card-type", "VISA")
    said = sample(*ALL, *card_said, "--preview", "--json")
    assert (said.code, said.problem) == (2, "usage")
    assert "Vista Connect alone" in said.json["message"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("runs",), "connect-no-runs"),
        (("performances",), "connect-no-runs"),
        (("credit", "C-1"), "connect-no-accounts"),
        (("reconcile",), "connect-not-here"),
        ((*ALL, "--retain", "100", "--preview"), "connect-no-retention"),
        ((*ALL, "--to", "credit", "--preview"), "method-not-allowed"),
    ],
)
def test_what_is_not_there_is_refused_with_its_reason(
    there: Desk, command: tuple[str, ...], code: str
) -> None:
    said = there(*command, "--json")
    assert (said.code, said.problem) == (1, code)


def test_a_system_that_is_gone_ends_with_5_and_nothing_was_sent(cinema: Cinema, desk: Desk) -> None:
    with served(cinema) as line:
        url = line.url
    with at(desk, url):
        for command in (("lookup", "WPM8TS9"), (*ALL, "--commit")):
            said = desk(*command, "--json")
            assert (said.code, said.problem) == (5, "connect-unreachable")
            assert said.json["money_moved"] == "no"


def test_config_check_reads_and_says_whether_the_token_is_accepted(
    there: Desk, cinema: Cinema
) -> None:
    unasked = there("config", "check", "--json").json["connect"]
    assert (unasked["ok"], unasked["connection"], cinema.reads) == (True, None, 0)
    asked = there("config", "check", "--connect", "--json").json["connect"]
    assert (asked["ok"], asked["connection"], cinema.reads) == (True, "ok", 1)
    assert cinema.token not in there("config", "check").out
    cinema.token = "another"
    wrong = there("config", "check", "--connect", "--json")
    assert (wrong.code, wrong.json["connect"]["problem"]["code"]) == (2, "connect-forbidden")


def test_a_wrong_address_is_no_booking_that_is_missing(cinema: Cinema, desk: Desk) -> None:
    """Under another path nothing is Connect: neither the check nor a look-up takes the 404 for an
    answer about a booking."""
    with served(cinema) as line, at(desk, f"{line.url}/elsewhere") as astray:
        assert astray("config", "check", "--connect").code == 2
        for text in (("WPM8TS9",), ("Bette", "Davis")):
            said = astray("lookup", *text, "--json")
            assert (said.code, said.json["code"]) == (2, "connect-misconfigured")


def test_config_check_names_a_token_that_is_missing(there: Desk) -> None:
    secrets: Path = there.folder / "config" / "ticket-window" / "secrets"
    (secrets / token_name("practice")).unlink()
    said = there("config", "check", "--json")
    assert (said.code, said.json["connect"]["problem"]["code"]) == (2, "secret-missing")
    assert there("lookup", "x", "--json").problem == "secret-missing"
