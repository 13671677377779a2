"""Signing in at the command line, operators and tokens: by stdin, terminal and secret."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.permissions import ALLOWED, may
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import ScopeWord
from tests.functional.desk import Answer, Desk
from tui import wiring
from tui.commands import signing_in
from tui.commands.console import Console
from tui.text.problems import refusal_text
from tui.text.wording import Wording

ADMIN, PIN, OTHER, WRONG = "481516", "5071", "2580", "9021"


@pytest.fixture
def house(sample: Desk, monkeypatch: pytest.MonkeyPatch) -> House:
    """A store without operators, no terminal, and no secrets."""
    monkeypatch.setattr(signing_in, "terminal_there", lambda: False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(sample.folder / "xdg"))
    return House(sample, monkeypatch)


class House:
    """Runs commands and says PINs on stdin, a line each."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self._patch = monkeypatch

    def __call__(self, *arguments: str, pins: tuple[str, ...] = (), by: str = "") -> Answer:
        lines = "".join(f"{pin}\n" for pin in pins)
        self._patch.setattr("sys.stdin", io.StringIO(lines))
        who = ("--operator", by) if by else ()
        return self.desk(*arguments, *who, *(("--pin-stdin",) if pins else ()))

    def by_admin(self, *arguments: str, pins: tuple[str, ...] = ()) -> Answer:
        return self(*arguments, pins=(ADMIN, *pins), by="c. admin")

    def staff(self) -> None:
        first = self("operators", "add", "C. Admin", "--role", "admin", pins=(ADMIN,))
        assert first.code == 0, first.err
        for name, role, pin in (
            ("A. Rochat", "cashier", PIN),
            ("B. Keller", "supervisor", OTHER),
        ):
            added = self.by_admin("operators", "add", name, "--role", role, pins=(pin,))
            assert added.code == 0, added.err


def test_without_operators_the_settings_say_who_may(house: House) -> None:
    assert house("lookup", "WPM8TS9", by="A. Rochat").code == 0
    assert house("audit", "verify", by="A. Rochat").code == 1
    assert "Nobody signs in" in house("operators", "list", by="C. Admin").out


def test_the_first_operator_is_an_admin_and_from_then_on_everybody_signs_in(house: House) -> None:
    refused = house("operators", "add", "A. Rochat", "--role", "cashier", "--json", pins=(PIN,))
    assert refused.problem == "first-operator-admin"
    house.staff()
    for command in (
        ("lookup", "WPM8TS9"),
        ("show", "WPM8TS9"),
        ("open",),
        ("runs",),
        ("outbox",),
        ("doctor",),
        ("audit", "verify"),
        ("settle", "--once"),
        ("refund", "WPM8TS9", "--all", "--reason", "x", "--preview"),
        ("operators", "list"),
        ("clients", "list"),
        ("import", str(house.desk.folder / "none.json")),
    ):
        unasked = house(*command, by="B. Keller")
        assert "(pin-required)" in unasked.err, command
        assert unasked.code == 2


def test_the_right_pin_lets_in_with_the_role_of_the_store(house: House) -> None:
    house.staff()
    found = house("lookup", "WPM8TS9", "--json", pins=(PIN,), by="a. rochat")
    assert found.code == 0
    assert house("audit", "verify", pins=(OTHER,), by="B. Keller").code == 0
    denied = house("audit", "verify", pins=(PIN,), by="A. Rochat")
    assert (denied.code, "cashier A. Rochat may not" in denied.err) == (1, True)


@pytest.mark.parametrize(
    ("by", "pin"), [("A. Rochat", WRONG), ("nobody", PIN), ("A. Rochat", ""), ("", PIN)]
)
def test_wrong_and_unknown_are_answered_alike(house: House, by: str, pin: str) -> None:
    house.staff()
    answer = house("lookup", "WPM8TS9", "--json", pins=(pin,), by=by)
    assert answer.problem == "sign-in-refused"
    assert answer.json["details"] == {}


def test_a_cashier_exports_the_own_records_of_the_audit_and_is_told_so(house: House) -> None:
    house.staff()
    own = house("audit", "export", pins=(PIN,), by="A. Rochat")
    everything = house("audit", "export", pins=(OTHER,), by="B. Keller")
    operators = {json.loads(line)["operator"] for line in own.out.splitlines()}
    assert operators == {"A. Rochat"}
    assert "Your own records alone" in own.err
    assert "Your own records alone" not in everything.err
    assert len(everything.out.splitlines()) > len(own.out.splitlines())


def test_five_wrong_pins_lock_and_the_list_says_so(house: House) -> None:
    house.staff()
    codes = [house("open", "--json", pins=(WRONG,), by="A. Rochat").problem for _ in range(6)]
    assert codes == ["sign-in-refused"] * 4 + ["sign-in-locked"] * 2
    said = house("open", pins=(PIN,), by="A. Rochat").err
    assert "before 14:35" in said, "the day is today"
    unknown = [house("open", "--json", pins=(WRONG,), by="X. Nobody") for _ in range(6)]
    assert [one.problem for one in unknown] == codes, "nobody learns who works here"
    assert house("open", pins=(PIN,), by="X. Nobody").err == said
    assert "locked until" in house.by_admin("operators", "list").out
    assert house.by_admin("operators", "reset-pin", "A. Rochat", pins=("7352",)).code == 0
    assert house("open", pins=("7352",), by="A. Rochat").code == 0


def test_admins_look_after_operators_and_nobody_else(house: House) -> None:
    house.staff()
    assert "cashier" in house.by_admin("operators", "role", "A. Rochat", "--role", "cashier").out
    assert house.by_admin("operators", "disable", "A. Rochat").code == 0
    assert house("open", "--json", pins=(PIN,), by="A. Rochat").problem == "sign-in-refused"
    listed = house.by_admin("operators", "list", "--json").json["operators"]
    assert [(one["name"], one["disabled"]) for one in listed] == [
        ("A. Rochat", True),
        ("B. Keller", False),
        ("C. Admin", False),
    ]
    assert house.by_admin("operators", "enable", "A. Rochat").code == 0
    for change in (("disable", "C. Admin"), ("add", "X", "--role", "admin")):
        answer = house("operators", *change, "--json", pins=(OTHER, PIN), by="B. Keller")
        assert answer.problem == "not-allowed"
        assert answer.json["action"] == "Ask an admin."


def test_everybody_changes_their_own_pin(house: House) -> None:
    house.staff()
    assert house("operators", "pin", pins=(PIN, "7352"), by="A. Rochat").code == 0
    assert house("open", pins=("7352",), by="A. Rochat").code == 0
    weak = house("operators", "pin", "--json", pins=("7352", "1234"), by="A. Rochat")
    assert weak.problem == "pin-trivial"
    short = house("operators", "pin", "--json", pins=("7352",), by="A. Rochat")
    assert short.problem == "pin-form"


@pytest.mark.parametrize(
    "arguments",
    [
        ("operators", "add", "X"),
        ("operators", "add", "--role", "admin"),
        ("operators", "list", "X"),
        ("operators", "pin", "X"),
        ("operators", "disable", "X", "--role", "admin"),
        ("operators", "add", "X", "--role", "client"),
        ("clients", "add", "web"),
        ("clients", "add", "--scope", "bookings:read"),
        ("clients", "add", "web", "--scope", "everything"),
        ("clients", "list", "--own"),
        ("clients", "revoke", "web", "--scope", "bookings:read"),
        ("clients", "add", "web", "--scope", "bookings:read", "--part", "seat"),
        ("clients", "add", "web", "--scope", "bookings:read", "--expires", "-1"),
    ],
)
def test_half_a_command_is_a_usage_mistake(house: House, arguments: tuple[str, ...]) -> None:
    assert house(*arguments).code == 2


def test_a_pin_is_asked_on_the_terminal_and_a_new_one_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = iter([ADMIN, ADMIN, ADMIN, PIN, OTHER])

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr(signing_in, "terminal_there", lambda: True)
    monkeypatch.setattr("getpass.getpass", ask)
    assert house("operators", "add", "C. Admin", "--role", "admin").code == 0
    add = ("operators", "add", "A. Rochat", "--role", "cashier", "--json")
    assert house(*add, by="c. admin").problem == "pin-differs"
    assert asked == [
        "New PIN of C. Admin, 4 to 12 digits: ",
        "Once more: ",
        "PIN of C. Admin: ",
        "New PIN of A. Rochat, 4 to 12 digits: ",
        "Once more: ",
    ]


def test_who_works_unattended_has_the_pin_as_a_secret(house: House) -> None:
    house.staff()
    secret = Path(house.desk.folder) / "xdg" / "ticket-window" / "secrets"
    secret.mkdir(parents=True)
    path = secret / wiring.pin_secret("B. Keller")
    assert path.name == "operator.B._Keller.pin"
    path.write_text(f"{OTHER}\n", encoding="ascii")
    path.chmod(0o600)
    assert house("settle", "--once", by="B. Keller").code == 0
    path.chmod(0o644)
    assert "secret-exposed" in house("settle", "--once", by="B. Keller").err


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "a\\b"])
def test_a_name_leads_to_no_other_file(name: str) -> None:
    assert "/" not in wiring.pin_secret(name)
    assert wiring.pin_secret(name).startswith("operator.")


def test_a_token_is_printed_once_with_what_it_is_for(house: House) -> None:
    house.staff()
    made = house.by_admin(
        *("clients", "add", "webshop", "--scope", "bookings:read,refunds:matched"),
        *("--site", "0001", "--channel", "web", "--own", "--part", "ticket,fee"),
        *("--limit", "5000", "--expires", "30"),
    )
    token = made.out.strip()
    assert token.startswith("tw_")
    assert "50.00 CHF" in made.err
    listed = house.by_admin("clients", "list", "--json")
    assert token not in listed.out
    (client,) = listed.json["clients"]
    assert client["expires_at"].startswith("2026-12-22")
    assert client["scope"] == {
        "words": ["bookings:read", "refunds:matched"],
        "sites": ["0001"],
        "channels": ["web"],
        "own_only": True,
        "parts": ["fee", "ticket"],
        "limit_minor": 5000,
    }
    table = house.by_admin("clients", "list").out
    assert token.rsplit("_", 1)[0][:15] in table
    assert token not in table
    assert house.by_admin("clients", "revoke", "webshop").code == 0
    assert "revoked" in house.by_admin("clients", "list").out
    again = house.by_admin("clients", "revoke", "webshop", "--json")
    assert (again.code, again.problem) == (3, "client-unknown")


WORDS = "bookings:read,bookings:search,refunds:matched,refunds:external,sales:record,audit:read"


def test_what_a_token_is_for_is_told_whole_to_a_pipe_and_folded_on_a_terminal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.staff()
    narrow = ("--site", "0001,0002", "--own", "--limit", "5000")
    house.by_admin("clients", "add", "webshop", "--scope", WORDS, *narrow)
    piped = house.by_admin("clients", "list").out.splitlines()
    (row,) = [line for line in piped if "webshop" in line]
    told = [*WORDS.split(","), "0002", "its own bookings", "50.00"]
    assert [word for word in told if word not in row] == []
    monkeypatch.setattr(Console, "width", 100)
    shown = house.by_admin("clients", "list").out
    assert max(map(len, shown.splitlines())) <= 100
    assert "…," not in shown
    together = " ".join(shown.split())
    assert [word for word in told if word not in together] == []
    assert house.by_admin("operators", "list").out.count("C. Admin") == 1


def test_the_first_operator_is_refused_before_a_pin_is_asked_for(house: House) -> None:
    answer = house("operators", "add", "A. Rochat", "--role", "cashier", "--json")
    assert answer.problem == "first-operator-admin"


@pytest.mark.parametrize(
    "arguments",
    [
        ("operators", "add", "C. Admin", "--role", "admin"),
        ("operators", "list"),
        ("clients", "list"),
        ("clients", "add", "web", "--scope", "bookings:read"),
    ],
)
def test_without_a_store_it_is_said_how_there_comes_to_be_one(
    house: House, arguments: tuple[str, ...]
) -> None:
    nowhere = ("--store", f"sqlite:///{house.desk.folder / 'nowhere.db'}")
    answer = house(*arguments, *nowhere, pins=(ADMIN,))
    assert (answer.code, "(accounts-without-store)" in answer.err) == (3, True)
    assert "import FILE" in answer.err
    assert not (house.desk.folder / "nowhere.db").exists()


def test_who_may_not_is_told_so_in_plain_words(house: House) -> None:
    house.staff()
    refund = ("refund", "WPM8TS9", "--all", "--reason", "x", "--preview")
    told = house(*refund, pins=(ADMIN,), by="C. Admin").err
    assert "admin C. Admin may not do this (see what a refund would do)." in told
    for role in Role:
        for action in set(Action) - ALLOWED[role]:
            by = Caller("X", role, "", "", Entrance.COMMAND_LINE, "")
            with pytest.raises(Refused) as refusal:
                may(by, action)
            message = refusal_text(Wording(), refusal.value).message
            assert Wording().text(f"who_may.about.{action.value}") in message
            assert action.value not in message or "_" not in action.value


def test_only_admins_make_tokens(house: House) -> None:
    house.staff()
    add = ("clients", "add", "web", "--scope", "bookings:read", "--json")
    assert house(*add, pins=(OTHER,), by="B. Keller").problem == "not-allowed"
    runs = ("clients", "add", "web", "--scope", "runs:execute", "--site", "1", "--json")
    assert house.by_admin(*runs).problem == "scope-contradicts"


def test_the_help_names_every_word_of_a_scope() -> None:
    words = Wording().text("command.help.clients.scope")
    assert [word for word in ScopeWord if word not in words] == []


def test_a_pin_is_in_nothing_that_is_said_or_kept(house: House) -> None:
    house.staff()
    said = [
        house("open", pins=(WRONG,), by="A. Rochat"),
        house("open", "--json", pins=(WRONG,), by=WRONG),
        house("operators", "pin", "--json", pins=(PIN, "7352"), by="A. Rochat"),
        house.by_admin("operators", "list", "--json"),
        house("audit", "export", pins=(OTHER,), by="B. Keller"),
    ]
    text = "\n".join(answer.out + answer.err for answer in said)
    assert json.loads(said[-1].out.splitlines()[-1])["action"] == "signed_in"
    for pin in (ADMIN, PIN, OTHER, "7352"):
        assert f'"{pin}"' not in text
        assert f" {pin}" not in text
    assert f'"object": "{WRONG}"' not in text
