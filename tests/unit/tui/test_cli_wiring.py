"""The composition root: paths, who asks, what stands behind, and how Python works for it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Entrance, Role
from backend_client.domain.refund import Method
from backend_client.settings import House, Settings
from tests.clocks import CountingTokens, SteppingClock
from tests.unit.refusing import refused
from tui import places, wiring
from tui.__main__ import main
from tui.cli import run

OPERATORS = {"A. Rochat": Role.CASHIER, "B. Keller": Role.SUPERVISOR}


@pytest.fixture
def interpreter() -> Iterator[None]:
    """Garbage collection and the turns of threads as they were, afterwards."""
    before, turn = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    sys.setswitchinterval(turn)


class FakeTerminal:
    """A stream that says it is a terminal and shows nothing."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        return


def test_data_and_settings_lie_where_xdg_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert places.default_store_url() == f"sqlite:///{tmp_path}/data/ticket-window/store.db"
    assert places.default_config() is None
    config = tmp_path / "config" / "ticket-window" / "config.toml"
    config.parent.mkdir(parents=True)
    config.touch()
    assert places.default_config() == config


@pytest.mark.parametrize("given", [None, "", "relative/path"])
def test_without_a_whole_path_the_home_folder_is_used(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if given is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", given)
    assert places.data_folder() == tmp_path / ".local" / "share" / "ticket-window"


@pytest.mark.parametrize(
    ("operator", "operators", "role"),
    [
        ("A. Rochat", OPERATORS, Role.CASHIER),
        ("B. Keller", OPERATORS, Role.SUPERVISOR),
        ("stranger", OPERATORS, Role.CASHIER),
        ("stranger", {}, Role.SUPERVISOR),
    ],
)
def test_roles_come_from_the_settings(
    operator: str, operators: dict[str, Role], role: Role
) -> None:
    settings = Settings(operators=operators, operator=operator, desk="3", channel="box-office")
    caller = wiring.caller(settings, Entrance.WINDOW, CountingTokens())
    assert (caller.operator, caller.role, caller.desk) == (operator, role, "3")
    assert (caller.entrance, caller.correlation_id) == (Entrance.WINDOW, "key-0001")


@pytest.mark.parametrize("typed", ["b. keller", "B. KELLER", "B. Keller"])
def test_a_name_typed_in_another_case_is_the_one_that_is_listed(typed: str) -> None:
    settings = Settings(operators={"B. Keller": Role.SUPERVISOR}, operator=typed)
    caller = wiring.caller(settings, Entrance.WINDOW, CountingTokens())
    assert (caller.operator, caller.role) == ("B. Keller", Role.SUPERVISOR)


def test_two_names_alike_but_for_case_are_two_people() -> None:
    listed = {"Keller": Role.SUPERVISOR, "KELLER": Role.CASHIER}
    for typed, role in (*listed.items(), ("keller", Role.CASHIER)):
        settings = Settings(operators=listed, operator=typed)
        caller = wiring.caller(settings, Entrance.WINDOW, CountingTokens())
        assert (caller.operator, caller.role) == (typed, role)


def test_nobody_named_is_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "bette")
    assert wiring.caller(Settings(), Entrance.WINDOW, CountingTokens()).operator == "bette"


def test_practice_can_reverse_payments_and_lets_go_of_its_provider(tmp_path: Path) -> None:
    url = places.sqlite_url(tmp_path / "new" / "store.db")
    backend = wiring.open_backend(url, Settings(), create=True, clock=SteppingClock())
    able = backend.capabilities()
    backend.close()
    assert Method.MATCHED in able.methods
    assert able.arrival_days == {"practice": (3, 5)}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("environment", ["test", "live"])
def test_elsewhere_nothing_can_be_reversed_and_that_is_said(environment: str) -> None:
    settings = Settings(house=House(environment=environment))
    backend = wiring.open_backend("sqlite://", settings, create=True)
    able = backend.capabilities()
    backend.close()
    assert able.environment == environment
    assert Method.MATCHED not in able.methods
    assert able.unavailable["matched"] == "no-provider"
    assert Method.REQUESTED in able.methods


def test_a_store_that_is_not_there_is_only_made_when_asked(tmp_path: Path) -> None:
    url = places.sqlite_url(tmp_path / "store.db")
    for ask in (
        places.require_store,
        lambda url: wiring.open_backend(url, Settings(), create=False),
    ):
        with refused("store-not-found"):
            ask(url)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with refused("store-read-only"):
        wiring.open_backend(
            places.sqlite_url(tmp_path / "file" / "store.db"), Settings(), create=True
        )


def test_a_provider_that_cannot_open_does_not_keep_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend_client.local.store import Store

    closed: list[Store] = []
    monkeypatch.setattr(wiring, "_providers", lambda *_: 1 / 0)
    real = Store.close

    def close(store: Store) -> None:
        real(store)
        closed.append(store)

    monkeypatch.setattr(Store, "close", close)
    with pytest.raises(ZeroDivisionError):
        wiring.open_backend(places.sqlite_url(tmp_path / "store.db"), Settings(), create=True)
    assert len(closed) == 1


def test_nothing_is_collected_and_turns_are_short_until_it_is_known_what_is_asked_for(
    interpreter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[tuple[int, int, int], int]] = []

    def look(_: object) -> int:
        seen.append((gc.get_threshold(), round(sys.getswitchinterval() * 1_000_000)))
        return 0

    monkeypatch.setattr("tui.cli.run", look)
    assert main(["--version"]) == 0
    assert seen == [((250_000, 50, 1_000), 1_000)]


def test_a_command_collects_rarely(
    interpreter: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as rarely as a window that starts: an import may make millions of objects."""
    assert main(["--store", places.sqlite_url(tmp_path / "none.db"), "open"]) == 3
    assert gc.get_threshold() == (10_000, 50, 1_000)


def test_the_window_is_given_all_it_needs_and_short_collections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpreter: None
) -> None:
    """Drawn by another room; here only what it is handed, and what it finds behind it."""
    from tui.app import TicketWindowApp

    store = tmp_path / "store.db"
    url = places.sqlite_url(store)
    wiring.open_backend(url, Settings(), create=True).close()
    started: list[TicketWindowApp] = []
    monkeypatch.setattr(TicketWindowApp, "run", lambda app: started.append(app))
    for name in ("stdin", "stdout"):
        monkeypatch.setattr(sys, name, FakeTerminal())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    arguments = ["--store", url, "--theme", "light", "--operator", "Bette", "--desk", "9"]
    assert run(arguments, clock=SteppingClock(), tokens=CountingTokens()) == 0
    [app] = started
    assert app.caller.operator == "Bette"
    assert (app.caller.entrance, app.caller.role) == (Entrance.WINDOW, Role.SUPERVISOR)
    assert app.settings == replace(Settings(), theme="light", operator="Bette", desk="9")
    app.after_start()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == (10_000, 50, 1_000)
    backend = app.open_backend()
    assert backend.lookup(app.caller, "nobody").hits == ()
    backend.close()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--theme", "pink"), 2),
        (("--store", "sqlite:////nowhere/store.db"), 3),
        (("--lang", "xx"), 2),
    ],
)
def test_what_can_be_refused_before_drawing_is(
    more: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdin", "stdout"):
        monkeypatch.setattr(sys, name, FakeTerminal())
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    assert run(more) == code


def test_without_a_terminal_there_is_no_window(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "(terminal-needed)" in capsys.readouterr().err
