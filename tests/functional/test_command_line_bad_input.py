"""Bad input on the command line: a clear answer, the right exit code, nothing lost or kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_client.local.backend import LocalBackend
from tests.functional.desk import SAMPLE, Desk, booking, card, ticket

CARD = "4111111111111111"
REFUND = ("refund", "WPM8TS9", "--all", "--reason", "goodwill")
BAD_AMOUNTS = (
    "-1",
    "12.5",
    "12,50",
    "1e3",
    "NaN",
    "inf",
    "",
    " ",
    "+5",
    "1_000",
    "1'000",
    "0x10",
    "١٢",
    "１２",
    "9007199254740993",
    "9" * 40,
    "1450CHF",
    "1450 CHF",
    "\x1b[31m5",
)


@pytest.mark.parametrize("amount", ["0", *BAD_AMOUNTS])
@pytest.mark.parametrize("step", ["--preview", "--commit"])
def test_what_is_not_an_amount_is_refused(sample: Desk, amount: str, step: str) -> None:
    answer = sample(*REFUND, "--to", f"requested:{amount}", step, "--json")
    assert (answer.code, answer.problem) == (2, "amount-invalid")
    assert answer.json["money_moved"] == "no"
    assert sample("show", "WPM8TS9", "--json").json["refunds"] == []


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_a_retained_amount_follows_the_same_rules(sample: Desk, amount: str) -> None:
    answer = sample(*REFUND, f"--retain={amount}", "--preview", "--json")
    assert (answer.code, answer.problem) == (2, "amount-invalid")


@pytest.mark.parametrize(
    ("to", "code", "problem"),
    [
        ("requested:1451", 1, "amount-mismatch"),
        ("requested:1449", 1, "amount-mismatch"),
        ("matched:1451", 1, "amount-mismatch"),
        ("requested:9007199254740992", 1, "amount-mismatch"),
        ("requested:1450EUR", 1, "currency-mismatch"),
        ("requested:14.50eur", 1, "currency-mismatch"),
        ("cash", 1, "cash-for-card"),
        ("credit", 1, "credit-needs-contact"),
        ("unmatched", 1, "unmatched-disabled"),
        ("matched@P-NONE", 1, "unknown-payment"),
        ("matched:1450@P-NONE", 1, "unknown-payment"),
        ("gold", 2, "usage"),
        ("", 2, "usage"),
        (":5", 2, "usage"),
    ],
)
def test_what_cannot_be_placed_is_refused(sample: Desk, to: str, code: int, problem: str) -> None:
    answer = sample(*REFUND, "--to", to, "--preview", "--json")
    assert (answer.code, answer.problem) == (code, problem)


def test_two_parts_cannot_both_take_the_rest(sample: Desk) -> None:
    answer = sample(*REFUND, "--to", "requested", "--to", "matched", "--preview", "--json")
    assert (answer.code, answer.problem) == (2, "rest-twice")


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("refund", "WPM8TS9", "--lines", "", "--reason", "x", "--preview"), 1, "selection-empty"),
        (("refund", "WPM8TS9", "--lines", "9", "--reason", "x", "--preview"), 1, "unknown-line"),
        (("refund", "WPM8TS9", "--lines", "0", "--reason", "x", "--preview"), 1, "unknown-line"),
        (("refund", "WPM8TS9", "--lines", "a", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--lines", "1,,2", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--lines", "-1", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--lines", "١", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--lines", "1" * 5000, "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--lines", "1", "--reason", "x", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--reason", "x"), 2, "usage"),
        ((*REFUND, "--preview", "--commit"), 2, "usage"),
        ((*REFUND, "--preview", "--plan", "0" * 32), 2, "usage"),
        ((*REFUND, "--commit", "--plan", "abc"), 2, "usage"),
        ((*REFUND, "--commit", "--plan", "0" * 32), 1, "plan-stale"),
        ((*REFUND, "--preview", "--acknowledge", "everything"), 2, "usage"),
        ((*REFUND, "--preview", "--reference", "T-1"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--reason", "", "--commit"), 1, "reason-required"),
        (("refund", "WPM8TS9", "--all", "--reason", "x" * 201, "--commit"), 2, "text-invalid"),
        (("refund", "NOBODY", "--all", "--reason", "x", "--preview"), 3, "booking-not-found"),
        (("lookup", "nobody at all"), 3, "booking-not-found"),
        (("show", "NOBODY"), 3, "booking-not-found"),
        (("show", "R-99999"), 3, "refund-not-found"),
        (("show", "#99"), 3, "booking-not-found"),
        (("method", "R-10001.1", "--to", "cash", "--reason", "x"), 3, "refund-not-found"),
        (("method", "nonsense", "--to", "cash", "--reason", "x"), 3, "leg-not-found"),
        (("method", "R-10001.1", "--reason", "x"), 2, "usage"),
        (("credit", "C-404"), 3, "contact-not-found"),
        (("credit", "C-404", "--spend", "5"), 2, "usage"),
        (("credit", "C-404", "--reference", "S-1"), 2, "usage"),
        (("open", "--operator", ""), 2, "usage"),
        (("open", "--operator", "x" * 10_000), 2, "text-invalid"),
        (("open", "--desk", "\x1b[2J"), 2, "usage"),
        (("open", "--lang", "xx"), 2, "usage"),
        (("open", "--colour", "red"), 2, "usage"),
        (("open", "--store"), 2, "usage"),
        (("explode",), 2, "usage"),
        (("open", "--config", "/nowhere/config.toml"), 3, "file-not-found"),
        (("open", "--store", "sqlite:////nowhere/store.db"), 3, "store-not-found"),
        (("open", "--store", "postgresql://host/db"), 2, "store-unsupported"),
        (("open", "--store", "store.db"), 2, "store-unsupported"),
        (("open", "--store", "sqlite:///" + "x" * 10_000), 2, "store-unsupported"),
        (("open", "--store", "sqlite:///" + "x/" * 5_000 + "store.db"), 2, "store-unsupported"),
        (("open", "--store", ""), 2, "usage"),
        (("open", "--store="), 2, "usage"),
        (("open", "--config", ""), 2, "usage"),
        (("open", "--config="), 2, "usage"),
        (("open", "--config", "x" * 10_000), 2, "config-invalid"),
        (("open", "--desk=--"), 2, "usage"),
        (("open", "--store=--"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--reason=--", "--preview"), 2, "usage"),
        (("refund", "WPM8TS9", "--all", "--reason=x", "--to=--", "--preview"), 2, "usage"),
    ],
)
def test_every_mistake_has_its_code_and_exit_code(
    sample: Desk, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    answer = sample(*arguments, "--json")
    assert (answer.code, answer.problem) == (code, problem)
    wanted = {"code", "message", "money_moved", "action", "retryable", "details"}
    assert wanted <= set(answer.json)
    assert "…" not in answer.json["message"] + answer.json["action"]
    text = sample(*arguments)
    assert text.code == code
    assert f"({problem})" in text.err
    assert "\x1b" not in text.out + text.err


def test_two_dashes_that_are_no_option_are_a_value(sample: Desk) -> None:
    nowhere = sample("lookup", "--json", "--store", sample.url, "--", "--store=")
    assert nowhere.problem == "booking-not-found"
    assert sample("refund", "WPM8TS9", "--all", "--reason=a=--", "--preview").code == 0


@pytest.mark.parametrize(
    "what", [("void", "R-404", "--reason", "x"), ("void", "x", "--reason", "y")]
)
def test_a_refund_that_is_not_there_cannot_be_taken_back(
    sample: Desk, what: tuple[str, ...]
) -> None:
    answer = sample(*what)
    assert answer.code == 3
    assert "(refund-not-found)" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("lookup", CARD),
        ("lookup", "4111", "1111", "1111", "1111"),
        ("lookup", "4111-1111-1111-1111"),
        ("lookup", "%B4111111111111111^DAVIS/BETTE^30121010000000000000?"),
        ("lookup", ";4111111111111111=30121010000000000000?"),
        ("show", CARD),
        ("refund", CARD, "--all", "--reason", "x", "--preview"),
        ("refund", "WPM8TS9", "--lines", CARD, "--reason", "x", "--preview"),
        ("refund", "WPM8TS9", "--lines", "4111,1111,1111,1111", "--reason", "x", "--preview"),
        ("refund", "WPM8TS9", "--all", "--reason", f"card {CARD}", "--preview"),
        (*REFUND, "--to", f"requested:{CARD}", "--preview"),
        (*REFUND, "--to", f"matched@{CARD}", "--preview"),
        (*REFUND, "--to", f"{CARD}", "--preview"),
        (*REFUND, "--to", "external", "--reference", CARD, "--preview"),
        (*REFUND, f"--reference={CARD}", "--preview"),
        (*REFUND, "--retain", CARD, "--preview"),
        (*REFUND, "--commit", "--plan", CARD),
        (*REFUND, "--acknowledge", CARD, "--preview"),
        ("method", CARD, "--to", "cash", "--reason", "x"),
        ("credit", CARD),
        ("void", CARD, "--reason", "x"),
        ("open", "--operator", CARD),
        ("open", "--desk", CARD),
        ("open", "--lang", CARD),
        ("open", "--theme", CARD),
        ("open", f"--{CARD}"),
        ("open", "--store", f"sqlite:////tmp/{CARD}.db"),
        ("open", "--config", f"/tmp/{CARD}.toml"),
        ("import", f"/tmp/{CARD}.json"),
        ("demo", "--seed", CARD),
        (CARD,),
    ],
)
def test_a_card_number_in_any_argument_is_refused_and_never_shown(
    sample: Desk, arguments: tuple[str, ...]
) -> None:
    for more in ((), ("--json",)):
        answer = sample(*arguments, *more)
        assert answer.code == 1
        assert "full-card-number" in answer.out + answer.err
        for part in (CARD, "4111-1111", "411111111111", "DAVIS"):
            assert part not in answer.out + answer.err
    kept = b"".join(path.read_bytes() for path in sample.folder.iterdir() if path.is_file())
    assert CARD.encode() not in kept


def test_lists_of_lines_and_fingerprints_are_never_taken_for_cards(sample: Desk) -> None:
    many = ",".join(map(str, range(1, 60)))
    answer = sample("refund", "WPM8TS9", "--lines", many, "--reason", "x", "--preview", "--json")
    assert answer.problem == "unknown-line"
    plan = "a4111111111111111b" + "0" * 14
    stale = sample(*REFUND, "--commit", f"--plan={plan}", "--json")
    assert stale.problem == "plan-stale"


def test_names_are_text_and_nothing_else(desk: Desk) -> None:
    names = {
        "EVIL": "\x1b[31mEve\x1b[0m [bold]red[/] \u202edlo\u202c \x9b2J<b>",
        "LONG": "x" * 10_000,
        "CHIN": "張 偉",
        "ARAB": "محمد علي",
    }
    venue = [
        booking(
            key, [ticket(1, 1000)], [card("P", 1000, "psp")], contact={"key": key, "name": name}
        )
        for key, name in names.items()
    ]
    assert desk.import_native(*venue).code == 0
    for command in (("lookup", "hamlet"), *(("show", key) for key in names)):
        for more in ((), ("--json",)):
            answer = desk(*command, *more)
            said = answer.out + answer.err
            assert not [letter for letter in said if letter in "\x1b\x9b\u202e\u202c\x07"]
    assert "[bold]red[/]" in desk("show", "EVIL").out
    assert desk("show", "CHIN", "--json").json["contact"]["name"] == "張 偉"
    assert desk("refund", "LONG", "--all", "--reason", "x", "--commit").code == 0
    receipt = desk("show", "R-10001", "--receipt").out
    assert max(len(line) for line in receipt.splitlines()) == 42


def test_columns_line_up_under_wide_letters(desk: Desk) -> None:
    venue = [
        booking(
            key, [ticket(1, 1000)], [card("P", 1000, "psp")], contact={"key": key, "name": name}
        )
        for key, name in (("AA", "Anna"), ("BB", "張 偉"))
    ]
    assert desk.import_native(*venue).code == 0
    one = desk("lookup", "Anna").out.splitlines()[1]
    two = desk("lookup", "張").out.splitlines()[1]
    assert one.index("10.00") == two.index("10.00") + 2


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        pytest.param(SAMPLE.read_text()[:-40], 51, "it ends in the middle", id="truncated"),
        pytest.param("", 1, "it is empty", id="empty"),
        pytest.param("not json at all", 1, "it is not valid JSON", id="words"),
        pytest.param('{"booking_id": "X"}\n', 1, "transaction_id: it is missing", id="field"),
    ],
)
def test_a_broken_file_names_its_line_and_keeps_nothing(
    desk: Desk, content: str, line: int, reason: str
) -> None:
    broken = desk.folder / "broken.ndjson"
    broken.write_text(content, encoding="utf-8")
    answer = desk("import", str(broken))
    assert answer.code == 1
    assert "(import-refused)" in answer.err
    assert f"broken.ndjson, line {line}: " in answer.err
    assert reason in answer.err
    assert desk("lookup", "X").code == 3


def test_one_refused_file_does_not_stop_the_others(desk: Desk) -> None:
    broken = desk.folder / "broken.json"
    broken.write_text("{", encoding="utf-8")
    missing = desk.folder / "missing.json"
    answer = desk("import", str(broken), str(missing), str(SAMPLE))
    assert answer.code == 3
    assert "1 read, 1 added" in answer.out
    assert "(file-not-found)" in answer.err
    assert "(import-refused)" in answer.err
    assert desk("lookup", "WPM8TS9").code == 0


@pytest.mark.parametrize(
    "more", [("--currency", "XYZ"), ("--zone", "Mars/Base"), ("--site", " "), ("--format", "csv")]
)
def test_import_options_are_judged_before_any_file(desk: Desk, more: tuple[str, ...]) -> None:
    answer = desk("import", str(SAMPLE), *more)
    assert answer.code == 2
    assert not desk.store.exists()


def _corrupt(store: Path) -> None:
    store.write_bytes(b"this is no database, whatever its name says " * 100)


def _newer(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()


def _empty(store: Path) -> None:
    store.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_corrupt, "store-corrupt"),
        (_newer, "store-newer"),
        (_empty, "store-corrupt"),
    ],
)
def test_a_spoilt_store_is_unavailable(
    sample: Desk, spoil: Callable[[Path], None], problem: str
) -> None:
    spoil(sample.store)
    for command in (("lookup", "WPM8TS9"), (*REFUND, "--commit"), ("doctor",)):
        answer = sample(*command, "--json")
        assert (answer.code, answer.problem) == (5, problem)
    assert f"({problem})" in sample("import", str(SAMPLE)).err


def test_settings_that_make_no_sense_are_named(sample: Desk) -> None:
    sample.config.write_text("[policy]\nlimit_minor = -5\n", encoding="utf-8")
    answer = sample("lookup", "x", "--json")
    assert (answer.code, answer.problem) == (2, "config-invalid")
    assert "policy.limit_minor" in answer.json["message"]


def test_what_nobody_foresaw_names_its_place_and_no_values(
    sample: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"Bette Davis paid with {CARD}")

    monkeypatch.setattr(LocalBackend, "lookup", broken)
    answer = sample("lookup", "WPM8TS9", "--json")
    assert (answer.code, answer.problem) == (5, "internal")
    assert "RuntimeError at test_command_line_bad_input.py:" in answer.json["message"]
    assert "Bette" not in answer.out + answer.err


def test_an_interruption_says_what_to_do_and_closes_the_store(
    sample: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    real = LocalBackend.close

    def close(backend: LocalBackend) -> None:
        real(backend)
        closed.append(True)

    monkeypatch.setattr(LocalBackend, "execute_refund", interrupted)
    monkeypatch.setattr(LocalBackend, "close", close)
    answer = sample(*REFUND, "--commit")
    assert answer.code == 130
    assert "look the booking up before doing it again" in answer.err
    assert closed == [True]


def test_every_refusal_is_json_of_one_value(sample: Desk) -> None:
    for arguments in (("lookup", "zzz"), ("show", "zzz"), ("open", "--bad")):
        answer = sample(*arguments, "--json")
        assert json.loads(answer.out)["money_moved"] == "no"
        assert answer.err == ""


COMMANDS_OF_ALL_KINDS = [("open",), ("show", "WPM8TS9"), ("doctor",), ("schema", "plan")]


@pytest.mark.parametrize("command", COMMANDS_OF_ALL_KINDS)
def test_a_theme_there_is_not_is_refused_by_every_command(
    sample: Desk, command: tuple[str, ...]
) -> None:
    answer = sample(*command, "--theme", "bogus")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no theme bogus; there is dark, " in answer.err
    assert "No money has moved." in answer.err
    assert sample(*command, "--theme", "mono").code == 0


def test_a_theme_in_the_settings_that_is_not_there_is_refused(sample: Desk) -> None:
    text = sample.config.read_text(encoding="utf-8")
    sample.config.write_text(text.replace("[desk]", '[desk]\ntheme = "bogus"'), encoding="utf-8")
    answer = sample("open", "--json")
    assert (answer.code, answer.problem) == (2, "config-invalid")
    assert "desk.theme must be one of dark, " in answer.json["message"]
