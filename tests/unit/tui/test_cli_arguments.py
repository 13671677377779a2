"""The tree of arguments, its mistakes, and the reference made from it."""

from __future__ import annotations

import pytest

from tests.unit.refusing import refused
from tui.arguments import build_parser, parse, version
from tui.cli import run
from tui.first_options import option_before_parsing, wants_json, window_options
from tui.text.reference import command_reference
from tui.text.wording import Wording

SYNOPSIS = (
    "ticket-window [--store URL] [--config FILE] [--operator NAME] [--desk NAME] [--lang CODE] "
    "[--theme NAME] [--pin-stdin] [COMMAND]",
    "ticket-window demo [--bookings N] [--seed S] [--dir DIR] [--dialect worldline|stripe] "
    "[--faults NAME=SHARE,…] [--no-tui] [--cases]",
    "ticket-window import FILE… [--format connect|native] [--site SITE] [--currency CODE] "
    "[--zone ZONE]",
    "ticket-window schema booking|plan",
    "ticket-window lookup TEXT… [--json]",
    "ticket-window show BOOKING|REFUND [--json | --receipt]",
    "ticket-window refund BOOKING (--lines 1,2 | --all) --reason TEXT "
    "[--to METHOD[:MINOR][@PAYMENT]]… [--retain MINOR] [--reference REF] [--card-masked MASK] "
    "[--card-type TYPE] [--card-expiry MM/YY] [--acknowledge CODE]… "
    "(--preview | --commit) [--plan FINGERPRINT] [--json]",
    "ticket-window method LEG --to METHOD[:MINOR]… --reason TEXT [--reference REF] [--json]",
    "ticket-window number LEG [--json]",
    "ticket-window hand-over LEG… [--reference REF] [--json]",
    "ticket-window void REFUND --reason TEXT",
    "ticket-window approve REFUND [--refuse] [--reason TEXT] [--json]",
    "ticket-window open [--json]",
    "ticket-window settle [--once | --watch] [--json]",
    "ticket-window resolve LEG (--found REF | --not-found | --other NOTE | --confirm) "
    "[--evidence TEXT] [--json]",
    "ticket-window reconcile [--since WHEN] [--file EXPORT] [--provider NAME] [--accept PAYMENT] "
    "[--reference REF] [--note TEXT] [--acknowledge CODE]… [--json]",
    "ticket-window credit CONTACT [--spend MINOR] [--reference REF] [--json]",
    "ticket-window outbox [--send] [--json]",
    "ticket-window doctor [--json]",
    "ticket-window audit verify|export|restored [--note TEXT]",
    "ticket-window cancel-performance [PERFORMANCE…] [--reason TEXT] "
    "[--contingent CONTINGENT,…]… [--category CATEGORY,…]… [--tariff TARIFF,…]… [--file FILE,…]… "
    "[--except-contact CONTACT,…]… [--sold-through CHANNEL,…]… "
    "[--paid-by METHOD,… | --not-paid-by METHOD,…] [--charges | --no-charges] "
    "[--shipment | --no-shipment] [--retain MINOR|per-ticket:N|percent:P] [--block | --no-block] "
    "[--through CHANNEL] [--batch N] (--simulate | --live | --unattended) [--simulation ID] "
    "[--json]",
    "ticket-window dispatch [--from DAY] [--to DAY] [--credit never|when-not-possible|always] "
    "[--sold-through CHANNEL,…]… [--email | --no-email] [--through CHANNEL] [--batch N] "
    "(--simulate | --live | --unattended) [--simulation ID] [--json]",
    "ticket-window runs [ID] [--json | --csv] [--stop | --resume | --end | --approve]",
    "ticket-window performances [TEXT…] [--json]",
    "ticket-window operators list|add|role|disable|enable|reset-pin|pin [NAME] "
    "[--role cashier|supervisor|admin] [--json]",
    "ticket-window clients list|add|revoke [NAME] [--scope WORD,…] [--site KEY]… [--channel KEY]… "
    "[--own] [--part PART,…] [--limit MINOR] [--expires DAYS] [--json]",
    "ticket-window limits [list|set|confirm] [NAME] [VALUE] [--json]",
    "ticket-window config check [--connect] [--json]",
    "ticket-window practice-provider [--port N] [--dialect worldline|stripe] "
    "[--faults NAME=SHARE,…] [--seed S] [--ledger FILE] [--address-file FILE] "
    "[--while-input] [--latency MS[-MS]] [--slow S] [--currency CODE] "
    "[--balance MINOR] [--strict] [--ignore-keys] [--no-look-up]",
    "ticket-window serve --face connect [--host ADDRESS] [--port N] [--address-file FILE] "
    "[--insecure]",
)


def test_the_reference_shows_every_command_as_documented() -> None:
    reference = command_reference()
    shown = [line for line in reference.splitlines() if line.startswith("ticket-window ")]
    assert tuple(shown) == SYNOPSIS
    assert "5 unavailable." in reference


def test_the_reference_names_every_argument_with_its_meaning() -> None:
    for line in command_reference().splitlines():
        if line.startswith("| `"):
            _, _, meaning = line.rstrip(" |").rpartition(" | ")
            assert len(meaning) >= 3, line


def test_help_and_version_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"ticket-window {version()}\n"
    for arguments in (["--help"], ["-h"], ["refund", "--help"], ["--lang", "en", "show", "-h"]):
        assert run(arguments) == 0
        said = capsys.readouterr()
        assert said.out.startswith("usage: ticket-window")
        assert said.err == ""


def test_the_version_is_that_of_the_project_where_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import importlib.metadata

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert version().count(".") == 2


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("1,2", (1, 2)), ("2, 1", (2, 1)), ("1,1,2", (1, 2)), ("", ()), (" ", ()), ("007", (7,))],
)
def test_lines_are_listed_with_commas(typed: str, chosen: tuple[int, ...]) -> None:
    arguments = ["refund", "W", "--lines", typed, "--reason", "x", "--preview"]
    assert build_parser(Wording()).parse_args(arguments).lines == chosen


def test_options_are_never_guessed_from_their_beginning() -> None:
    with refused("usage") as caught:
        build_parser(Wording()).parse_args(["refund", "W", "--al", "--reason", "x", "--prev"])
    assert caught.value.details["command"] == "ticket-window refund"


def test_a_mistake_is_told_masked_and_inert() -> None:
    with refused("usage") as caught:
        build_parser(Wording()).parse_args(["open", "4111111111111111", "\x1b[31m\u202ered"])
    assert "411111••••••1111" in caught.value.message
    assert not {"\x1b", "\u202e"} & set(caught.value.message)


def test_language_and_json_are_known_before_parsing() -> None:
    assert option_before_parsing(["--lang", "fr", "open"], "--lang") == "fr"
    assert option_before_parsing(["open", "--lang=fr"], "--lang") == "fr"
    assert option_before_parsing(["open", "--", "--lang", "fr"], "--lang") is None
    assert option_before_parsing(["open", "--lang"], "--lang") is None
    assert wants_json(["lookup", "x", "--json"])
    assert not wants_json(["lookup", "--", "--json"])


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("--store", "sqlite:///a=b.db"),
        ("--store=sqlite:///a=b.db", "--theme", "light", "--desk=3", "--operator", "A. Rochat"),
        ("--lang", "en", "--lang", "fr", "--config", "c.toml"),
    ],
)
def test_the_options_of_the_window_mean_what_the_whole_tree_says_they_do(
    argv: tuple[str, ...],
) -> None:
    options = window_options(argv)
    assert options is not None
    assert vars(options) == vars(parse(argv, Wording()))


@pytest.mark.parametrize(
    "argv",
    [
        ("demo",),
        ("--store",),
        ("--store", ""),
        ("--store=",),
        ("--store", "-x"),
        ("--store", "--theme"),
        ("--stor", "x"),
        ("--version",),
        ("--", "--store", "x"),
        ("--theme", "light", "open"),
    ],
)
def test_anything_else_is_left_to_the_whole_tree(argv: tuple[str, ...]) -> None:
    assert window_options(argv) is None


def test_a_role_nobody_can_have_is_told_with_those_that_are_there() -> None:
    with refused("usage") as problem:
        parse(["operators", "add", "E. Test", "--role", "boss"], Wording("en"))
    assert "“boss” is none of cashier, supervisor, admin" in str(problem.value.details["detail"])


@pytest.mark.parametrize(
    ("argv", "words", "where"),
    [
        (("runz",), "there is no command “runz”; perhaps runs is meant", ""),
        (("cancel",), "“cancel”; perhaps cancel-performance is meant", ""),
        (("RUNS",), "“RUNS”; perhaps runs is meant", ""),
        (("zzzzzz",), "there is no command “zzzzzz”", ""),
        (("x" * 9_999,), "there is no command “xxx", ""),
        (("--opertor", "X", "runs"), "no option --opertor here; perhaps --operator is meant", ""),
        (("--json", "runs"), "there is no option --json here", ""),
        (("doctor", "--jsn"), "there is no option --jsn here; perhaps --json is meant", "doctor"),
        (("dispatch", "--simulat"), "--simulat here; perhaps --simulate is meant", "dispatch"),
        (("dispatch", "--simulat=1"), "--simulat here; perhaps --simulate is meant", "dispatch"),
        (("runs", "-x"), "there is no option -x here", "runs"),
        (("outbox", "foo", "--json"), "“foo” is too much here", "outbox"),
        (
            ("dispatch", "--credit", "nevr", "--simulate"),
            "--credit: “nevr” is none of never, when-not-possible, always; perhaps never is meant",
            "dispatch",
        ),
    ],
)
def test_what_is_mistyped_is_answered_with_what_may_be_meant(
    argv: tuple[str, ...], words: str, where: str
) -> None:
    with refused("usage") as problem:
        parse(argv, Wording("en"))
    told, command = (str(problem.value.details[name]) for name in ("detail", "command"))
    assert words in told
    assert len(told) < 160
    assert command.endswith(where)


def test_what_looks_like_an_option_and_is_a_value_is_left_alone() -> None:
    words = Wording("en")
    given = parse(["lookup", "--", "--x", "-5"], words)
    assert given.text == ["--x", "-5"]
    assert parse(["import", "-"], words).files == ["-"]
    refund = ["refund", "W", "--all", "--preview", "--reason", "- cancelled -", "--retain", "-5"]
    assert parse(refund, words).reason == "- cancelled -"
