"""Each module, imported where none of ours was before, brings in only what its room may know."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.settings import Settings
from tests.unit.fresh_imports import FreshImports
from tests.unit.import_everything import PACKAGES, module_names
from tui import places, wiring

HEAVY = ("textual", "rich", "sqlalchemy", "pydantic", "httpx", "argon2", "starlette", "uvicorn")

ALLOWED: tuple[tuple[str, frozenset[str]], ...] = (
    ("backend_client.domain", frozenset()),
    ("backend_client.local", frozenset({"sqlalchemy"})),
    ("backend_client.importing", frozenset({"pydantic"})),
    ("backend_client.providers", frozenset({"httpx"})),
    ("backend_client.remote", frozenset({"httpx", "pydantic"})),
    ("backend_client.server", frozenset({"pydantic", "starlette", "uvicorn"})),
    ("backend_client", frozenset()),
    ("themes", frozenset()),
    ("tui.app", frozenset({"textual", "rich"})),
    ("tui.screens", frozenset({"textual", "rich"})),
    ("tui.widgets", frozenset({"textual", "rich"})),
    ("tui.dialogs", frozenset({"textual", "rich"})),
    ("tui.dressed", frozenset({"textual", "rich"})),
    ("tui.lock", frozenset({"textual", "rich"})),
    ("tui.themes", frozenset({"textual", "rich"})),
    ("tui.keys", frozenset({"textual", "rich"})),
    ("tui.one_write", frozenset({"textual", "rich"})),
    ("tui.scans", frozenset({"textual", "rich"})),
    ("tui.way_out", frozenset({"textual", "rich"})),
    ("tui", frozenset()),
)
"""First match counts. What a command needs beyond this it imports inside its functions."""


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshImports]:
    with FreshImports() as made:
        yield made


def ours(names: frozenset[str]) -> list[str]:
    return sorted(name for name in names if name.partition(".")[0] in PACKAGES)


def allowed_for(module: str) -> frozenset[str]:
    return next(
        allowed for room, allowed in ALLOWED if module == room or module.startswith(f"{room}.")
    )


@pytest.mark.parametrize("module", module_names())
def test_a_module_loads_only_what_its_room_may_know(module: str, fresh: FreshImports) -> None:
    allowed = allowed_for(module)
    heavy = fresh.loaded_by(module, allowed) & set(HEAVY)
    assert heavy <= allowed, f"{module} loads {sorted(heavy - allowed)}"


@pytest.mark.parametrize("module", [name for name in module_names() if ".domain" in name])
def test_the_domain_loads_no_other_room(module: str, fresh: FreshImports) -> None:
    others = [
        name
        for name in ours(fresh.loaded_by(module))
        if not name.startswith("backend_client.domain") and name != "backend_client"
    ]
    assert others == []


def test_the_first_screen_needs_no_store_and_no_network(fresh: FreshImports) -> None:
    loaded = fresh.loaded_by("tui.app")
    never = {"sqlalchemy", "pydantic", "httpx", "rich.markdown", "backend_client.local"}
    assert not never & loaded
    assert not {"tui.screens.messages", "tui.driving", "backend_client.answers"} & loaded
    assert "importlib.metadata" not in loaded - fresh.loaded_by("textual.app")


OPEN_THE_WINDOW = """
import json, sys
from tui import cli
from tui.commands import window
window.open_window = lambda session: 0
assert cli.run(["--store", sys.argv[1], "--theme=light"]) == 0
print(json.dumps(sorted(sys.modules)))
"""


def test_the_arguments_of_the_window_are_read_without_argparse(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", OPEN_THE_WINDOW, places.sqlite_url(tmp_path / "store.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"argparse", "gettext", "textual"} & set(json.loads(answer.stdout))


FIRST_LOOKUP = """
import json, sys
from backend_client.domain.caller import Entrance
from backend_client.ports import RandomTokens
from backend_client.settings import Settings
from tui import wiring
caller = wiring.caller(Settings(), Entrance.WINDOW, RandomTokens())
backend = wiring.open_backend(sys.argv[1], Settings(), create=False)
backend.capabilities(), backend.recent(caller), backend.lookup(caller, "Bette Davis")
backend.close()
print(json.dumps(sorted(sys.modules)))
"""
LATER = (
    "argparse",
    "backend_client.reports",
    "backend_client.domain.legs",
    "backend_client.domain.mail",
    "backend_client.domain.mailing",
    "backend_client.domain.plan",
    "backend_client.local.timeline",
    "backend_client.local.schema",
    "backend_client.local.refunding",
    "backend_client.local.doctor",
    "backend_client.local.outbox",
    "backend_client.settling.settler",
    "backend_client.domain.planning",
    "pydantic",
    "httpx",
)


def test_the_first_lookup_waits_for_nothing_it_does_not_need(tmp_path: Path) -> None:
    url = places.sqlite_url(tmp_path / "store.db")
    wiring.open_backend(url, Settings(), create=True).close()
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_LOOKUP, url], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(answer.stdout))
    assert "sqlalchemy" in loaded
    assert not loaded & set(LATER)
