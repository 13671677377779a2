"""Payment providers from the command line: checked, practised with, and paid through."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend_client.providers.port import AnswerClass, RefundOrder
from backend_client.providers.practice_program.counter import Manners
from tests import programs
from tests.functional.desk import SETTINGS, Answer, Desk, booking, card, ticket
from tui.commands.practice_provider import settings_for

ORDER = RefundOrder("key-1", "ref-1", "3254564310", 500, "CHF", 5_000, 1)
TEST_KEY = "sk_test_0123456789abcdef"
LIVE_KEY = "rk_live_fedcba9876543210"


class Program:
    """`ticket-window practice-provider`, started as a person would."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.url = process.stdout.readline().strip()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait()


@contextmanager
def program(*arguments: str) -> Iterator[Program]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "practice-provider", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        process.communicate()


def moved(ledger: Path) -> list[tuple[str, int]]:
    connection = sqlite3.connect(ledger)
    try:
        return connection.execute(
            "SELECT our_reference, amount_minor FROM refund WHERE state <> 'declined'"
        ).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("dialect", programs.DIALECTS)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_says_where_it_is_serves_and_ends_in_order(
    tmp_path: Path, dialect: str, how: signal.Signals
) -> None:
    ledger = tmp_path / "ledger.db"
    with program("--dialect", dialect, "--ledger", str(ledger), "--currency", "CHF") as running:
        adapter = programs.adapter(dialect, running.url)
        assert adapter.refund(ORDER).kind is AnswerClass.FINAL
        assert running.end(how) == 0
        adapter.close()
        told = running.process.communicate()[1]
    assert f"Practising as {dialect}; no real money moves." in told
    assert f'endpoint = "{running.url}"' in told
    assert told.rstrip().endswith("The practice provider has ended.")
    assert moved(ledger) == [("ref-1", 500)]


def test_it_remembers_after_it_was_killed(tmp_path: Path) -> None:
    where = ("--ledger", str(tmp_path / "ledger.db"), "--dialect", "stripe", "--currency", "CHF")
    answers = []
    for _ in range(2):
        with program(*where) as running:
            adapter = programs.adapter("stripe", running.url)
            answers.append(adapter.refund(ORDER))
            adapter.close()
            running.end(signal.SIGKILL)
    assert answers[0] == answers[1]
    assert moved(tmp_path / "ledger.db") == [("ref-1", 500)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--faults", "gone=1"), "there is no fault 'gone'; there are storm, too-many"),
        (("--faults", "lost=2"), "lost must be a share from 0 to 1"),
        (("--latency", "300-50"), "300-50 is no latency"),
        (("--latency", "fast"), "fast is no latency"),
        (("--port", "70000"), "is no port"),
        (("--dialect", "adyen"), "“adyen” is none of worldline, stripe"),
        (("--currency", "XYZ"), "“XYZ” is not a currency"),
        (("--ledger", "/nowhere/ledger.db"), "/nowhere/ledger.db cannot be the ledger"),
    ],
)
def test_wrong_arguments_are_told(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    answer = desk.bare("practice-provider", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_a_port_that_is_taken_is_told(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = desk.bare("practice-provider", "--port", str(port))
    assert answer.code == 2
    assert f"port {port} is not free" in answer.err


# -- config check


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the secrets of this user are; nobody else's keyring or credentials."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr("backend_client.providers.credentials._keyring", lambda name: None)
    folder = tmp_path / "config" / "ticket-window" / "secrets"
    folder.mkdir(parents=True)
    return folder


def keep(folder: Path, name: str, value: str, mode: int = 0o600) -> None:
    path = folder / name
    path.write_text(f"{value}\n", encoding="utf-8")
    path.chmod(mode)


def configure(desk: Desk, environment: str, *providers: str) -> None:
    house = SETTINGS.replace("[house]", f'[house]\nenvironment = "{environment}"')
    desk.config.write_text("\n".join([house, *providers]), encoding="utf-8")


def stripe(*lines: str) -> str:
    return "\n".join(["[providers.stripe]", 'dialect = "stripe"', *lines])


def worldline(*lines: str) -> str:
    head = ("[providers.worldline]", 'dialect = "worldline"', 'merchant = "Palais"')
    return "\n".join([*head, *lines])


def checked(desk: Desk, *arguments: str) -> Answer:
    answer = desk("config", "check", *arguments)
    for key in (TEST_KEY, LIVE_KEY):
        assert key not in answer.out + answer.err
    return answer


def test_without_providers_there_is_nothing_to_mend(desk: Desk) -> None:
    answer = checked(desk)
    assert answer.code == 0
    assert "the practice provider of this program serves" in answer.out
    configure(desk, "live")
    assert "no provider is configured" in checked(desk).out


def test_what_fits_is_shown_with_the_last_letters_of_its_key(desk: Desk, secrets: Path) -> None:
    configure(desk, "test", stripe('payments = ["stripe", ""]', 'channels = ["internet"]'))
    keep(secrets, "stripe.test.secret", TEST_KEY)
    answer = checked(desk)
    assert answer.code == 0
    assert "stripe: stripe at https://api.stripe.com" in answer.out
    assert "…cdef" in answer.out
    assert "payments of no name, stripe by card, sold through internet" in answer.out
    (provider,) = checked(desk, "--json").json["providers"]
    assert provider["ok"] is True
    assert provider["arranged"]["name"] == "stripe-test"
    assert provider["arranged"]["secrets"] == {"secret": str(secrets / "stripe.test.secret")}


@pytest.mark.parametrize(
    ("environment", "name", "value", "mode", "problem"),
    [
        ("test", "stripe.live.secret", LIVE_KEY, 0o600, "secret-missing"),
        ("test", "stripe.test.secret", LIVE_KEY, 0o600, "environment-mixed"),
        ("live", "stripe.live.secret", TEST_KEY, 0o600, "environment-mixed"),
        ("live", "stripe.live.secret", LIVE_KEY, 0o640, "secret-exposed"),
        ("live", "stripe.live.secret", "", 0o600, "secret-unusable"),
        ("live", "stripe.live.secret", "pk_live_0123", 0o600, "provider-misconfigured"),
    ],
)
def test_what_does_not_fit_is_told_and_no_store_opens(
    sample: Desk,
    secrets: Path,
    environment: str,
    name: str,
    value: str,
    mode: int,
    problem: str,
) -> None:
    configure(sample, environment, stripe())
    keep(secrets, name, value, mode)
    answer = checked(sample, "--json")
    assert (answer.code, answer.problem) == (2, "config-red")
    (provider,) = answer.json["providers"]
    assert (provider["ok"], provider["problem"]["code"]) == (False, problem)
    assert f"({problem})" in checked(sample).out
    refusal = sample("lookup", "WPM8TS9", "--json")
    assert (refusal.code, refusal.problem) == (2, problem)
    assert value == "" or value not in refusal.out


def test_every_provider_is_checked_not_only_the_first(desk: Desk, secrets: Path) -> None:
    configure(desk, "live", stripe(), worldline())
    keep(secrets, "worldline.live.key-id", "0123456789abcdef")
    answer = checked(desk)
    assert answer.code == 2
    assert "There is no secret stripe.live.secret." in answer.out
    assert "There is no secret worldline.live.secret." in answer.out
    assert "Mistakes in the configuration: 2." in answer.err


def test_a_wrong_settings_file_is_told_as_ever(desk: Desk) -> None:
    configure(desk, "test", stripe('merchant = "x"'))
    assert desk("config", "check", "--json").problem == "config-invalid"


def test_a_provider_can_be_asked_whether_it_lets_us_in(desk: Desk, tmp_path: Path) -> None:
    with programs.practice_program("worldline", tmp_path / "ledger") as url:
        configure(desk, "practice", worldline(f'endpoint = "{url}"'))
        answer = checked(desk, "--connect")
        assert answer.code == 0
        assert "we are let in" in answer.out
    gone = checked(desk, "--connect", "--json")
    assert gone.code == 2
    assert gone.json["providers"][0]["connection"].startswith("connect ")
    assert checked(desk).code == 0


# -- refunds through a configured provider


@pytest.fixture(params=programs.DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sold(desk: Desk, dialect: str, *names: str, reference: str = "") -> None:
    """Bookings of one ticket each, paid by card through the provider."""
    bookings = [
        booking(
            name,
            [ticket(1, 1_450)],
            [card("1", 1_450, reference or f"pay-{name}", provider=dialect)],
        )
        for name in names
    ]
    assert desk.import_native(*bookings).code == 0


def connect(desk: Desk, dialect: str, url: str) -> None:
    """As the program says to do it."""
    configure(desk, "practice", *settings_for(dialect, url))


def refunded(desk: Desk, name: str) -> dict[str, Any]:
    answer = desk("refund", name, "--all", "--reason", "Rain", "--commit", "--json")
    return {"code": answer.code, **answer.json}


def leg(desk: Desk, refund: str = "R-10001") -> dict[str, Any]:
    (only,) = desk("show", refund, "--json").json["legs"]
    return dict(only)


def test_a_refund_goes_through_the_provider_once(desk: Desk, dialect: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    with programs.practice_program(dialect, ledger, manners=Manners(currency="CHF")) as url:
        connect(desk, dialect, url)
        sold(desk, dialect, "B1")
        said = refunded(desk, "B1")
        assert said["code"] == 0
    shown = leg(desk)
    assert shown["state"] == "succeeded"
    assert shown["provider"] == f"{dialect}-practice"
    assert moved(ledger) == [(shown["our_reference"], 1_450)]
    assert desk("doctor").code == 0


def test_a_lost_answer_is_found_and_paid_once(desk: Desk, dialect: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    with programs.practice_program(dialect, ledger, manners=Manners(currency="CHF")) as url:
        connect(desk, dialect, url)
        sold(desk, dialect, "B1", reference="lost-1")
        refunded(desk, "B1")
        assert leg(desk)["state"] == "succeeded"
    assert len(moved(ledger)) == 1


def test_a_provider_that_is_away_is_waited_for(desk: Desk, dialect: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    connect(desk, dialect, url)
    sold(desk, dialect, "B1")
    refunded(desk, "B1")
    assert leg(desk)["state"] == "pending"
    assert not ledger.exists()
    with programs.practice_program(dialect, ledger, manners=Manners(currency="CHF")) as url:
        connect(desk, dialect, url)
        desk.clock.move(minutes=5)
        desk("open")
    assert leg(desk)["state"] == "succeeded"
    assert len(moved(ledger)) == 1


def test_what_one_environment_promised_is_never_sent_in_another(
    desk: Desk, secrets: Path, tmp_path: Path
) -> None:
    configure(desk, "practice", stripe('endpoint = "http://127.0.0.1:9"'))
    sold(desk, "stripe", "B1", reference="ch_1")
    refunded(desk, "B1")
    assert leg(desk)["state"] == "pending"
    ledger = tmp_path / "ledger.db"
    keep(secrets, "stripe.test.secret", TEST_KEY)
    with programs.practice_program("stripe", ledger) as url:
        configure(desk, "test", stripe(f'endpoint = "{url}"'))
        desk("open")
    assert leg(desk)["state"] == "pending"
    assert moved(ledger) == []
