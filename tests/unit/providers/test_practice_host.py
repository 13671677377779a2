"""The practice provider as a program: shared, started again, never outliving its starter."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.ports import SystemClock
from backend_client.provider_settings import PRACTICE_PROGRAM, ProviderSettings
from backend_client.providers.configured import ConfiguredProviders
from backend_client.providers.credentials import Credentials
from backend_client.providers.port import AnswerClass, RefundOrder
from backend_client.providers.practice_program.address import (
    AddressFile,
    AddressTaken,
    read_address,
)
from backend_client.providers.practice_program.beside import ProviderBeside
from backend_client.providers.practice_program.host import NotRunning, PracticeHost
from backend_client.settings import House, Settings
from tests.unit.refusing import refused
from tui import wiring

PROVIDER = ProviderSettings("psp", "stripe", endpoint=PRACTICE_PROGRAM)
URL = "http://127.0.0.1:8701"


def order(number: int = 1, amount_minor: int = 500) -> RefundOrder:
    return RefundOrder(f"key-{number}", f"ref-{number}", "pay-1", amount_minor, "CHF", 1_000, 1)


def wait_for_end(address: Path) -> None:
    """Until whoever holds the address lives no more."""
    with address.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def address(store: Path) -> Path:
    return wiring.practice_file(store, ".address")


@pytest.fixture
def host(store: Path) -> Iterator[PracticeHost]:
    with closing(wiring.practice_host(store, PROVIDER)) as made:
        yield made


# ---------------------------------------------------------------- the file


def test_an_address_is_read_while_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "address"
    assert read_address(path) is None
    with closing(AddressFile(path)) as held:
        assert read_address(path) is None, "not told yet"
        held.write(URL)
        assert read_address(path) == URL
        with pytest.raises(AddressTaken):
            AddressFile(path)
    assert read_address(path) is None


def test_what_a_killed_program_left_is_no_address(tmp_path: Path) -> None:
    path = tmp_path / "address"
    path.write_text(URL)
    assert read_address(path) is None
    with closing(AddressFile(path)) as held:
        assert read_address(path) is None, "the old address is gone before the new one is told"
        held.write("http://127.0.0.1:1")
        assert read_address(path) == "http://127.0.0.1:1"


# ---------------------------------------------------------------- the program


def test_one_program_is_shared_and_ends_with_who_started_it(
    host: PracticeHost, store: Path, address: Path
) -> None:
    with closing(wiring.practice_host(store, PROVIDER)) as second:
        url = host.url()
        assert host.pid is not None
        assert (host.url(), second.url(), second.pid) == (url, url, None)
        host.close()
        assert host.pid is None
        assert read_address(address) is None
        again = second.url()
        assert read_address(address) == again
        assert second.pid is not None
    assert read_address(address) is None
    with pytest.raises(NotRunning):
        host.url()


def test_the_ledger_outlives_the_program(store: Path) -> None:
    def provider() -> ProviderBeside:
        settings = Settings(house=House(environment="practice"), providers=(PROVIDER,))
        made = ConfiguredProviders(
            settings,
            Credentials(store.parent, environ={}),
            SystemClock(),
            practice_ledger=":memory:",
            hosts=lambda one: wiring.practice_host(store, one),
        ).directory.get("psp-practice")
        assert isinstance(made, ProviderBeside)
        return made

    with closing(provider()) as first:
        done = first.refund(order())
        assert done.kind is AnswerClass.FINAL
    with closing(provider()) as second:
        assert second.refund(order()).provider_refund_id == done.provider_refund_id
        assert len(second.refunds_of(order()).found) == 1
        more = second.refund(order(2, amount_minor=501))
        assert more.kind is AnswerClass.ALREADY_REFUNDED, "it knows how much came in"
        assert second.probe().answered


def test_trouble_reaches_a_program_that_runs(host: PracticeHost, store: Path) -> None:
    host.url()
    with closing(wiring.practice_host(store, PROVIDER)) as second:
        second.make_trouble("dead=1")
    settings = Settings(providers=(PROVIDER,))
    made = ConfiguredProviders(
        settings,
        Credentials(store.parent, environ={}),
        SystemClock(),
        practice_ledger=":memory:",
        hosts=lambda _one: host,
    )
    provider = made.directory.get("psp-practice")
    assert provider is not None
    assert provider.refund(order()).kind is AnswerClass.DECLINED
    made.close()


def test_it_is_started_with_the_faults_of_the_settings(store: Path) -> None:
    faulty = ProviderSettings("psp", "stripe", endpoint=PRACTICE_PROGRAM, faults="dead")
    made = ConfiguredProviders(
        Settings(providers=(faulty,)),
        Credentials(store.parent, environ={}),
        SystemClock(),
        practice_ledger=":memory:",
        hosts=lambda one: wiring.practice_host(store, one),
    )
    provider = made.directory.get("psp-practice")
    assert provider is not None
    assert provider.refund(order()).kind is AnswerClass.DECLINED
    made.close()


@pytest.mark.parametrize("command", [("/nowhere/python",), (sys.executable, "-c", "")])
def test_what_does_not_start_did_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    host = PracticeHost(tmp_path / "address", command, tmp_path)
    made = ConfiguredProviders(
        Settings(providers=(PROVIDER,)),
        Credentials(tmp_path, environ={}),
        SystemClock(),
        practice_ledger=":memory:",
        hosts=lambda _one: host,
    )
    provider = made.directory.get("psp-practice")
    assert isinstance(provider, ProviderBeside)
    assert provider.refund(order()).kind is AnswerClass.NOT_EXECUTED
    looked = (provider.find(order()), provider.refunds_of(order()), provider.probe())
    assert [one.answered for one in looked] == [False, False, False]
    made.close()


STARTER = """
import sys
from pathlib import Path
from backend_client.provider_settings import PRACTICE_PROGRAM, ProviderSettings
from tui import wiring
host = wiring.practice_host(
    Path(sys.argv[1]), ProviderSettings("psp", "stripe", endpoint=PRACTICE_PROGRAM)
)
print(host.url(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_never_outlives_who_started_it(
    store: Path, address: Path, number: signal.Signals
) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        assert starter.stdout is not None
        url = starter.stdout.readline().strip()
        assert read_address(address) == url
        os.kill(starter.pid, number)
    wait_for_end(address)
    assert read_address(address) is None


# ---------------------------------------------------------------- settings that do not fit


@pytest.mark.parametrize(
    ("provider", "environment", "code"),
    [
        (PROVIDER, "test", "environment-mixed"),
        (PROVIDER, "live", "environment-mixed"),
        (
            ProviderSettings("psp", "stripe", endpoint=PRACTICE_PROGRAM, faults="typo=1"),
            "practice",
            "provider-misconfigured",
        ),
        (PROVIDER, "practice", "provider-misconfigured"),
    ],
    ids=["test", "live", "faults", "no-file"],
)
def test_settings_that_do_not_fit(
    provider: ProviderSettings, environment: str, code: str, tmp_path: Path
) -> None:
    settings = Settings(house=House(environment=environment), providers=(provider,))
    with refused(code):
        ConfiguredProviders(
            settings,
            Credentials(tmp_path, environ={}),
            SystemClock(),
            practice_ledger=":memory:",
        )
