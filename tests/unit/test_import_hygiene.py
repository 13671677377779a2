"""Each module, imported alone in a fresh interpreter, brings in only what its room may know."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.unit.import_everything import PACKAGES, module_names

HEAVY = ("textual", "rich", "sqlalchemy", "pydantic", "httpx")

ALLOWED: tuple[tuple[str, frozenset[str]], ...] = (
    ("backend_client.domain", frozenset()),
    ("backend_client.local", frozenset({"sqlalchemy"})),
    ("backend_client.importing", frozenset({"pydantic"})),
    ("backend_client.providers", frozenset({"httpx"})),
    ("backend_client.remote", frozenset({"httpx", "pydantic"})),
    ("backend_client", frozenset()),
    ("themes", frozenset()),
    ("tui.app", frozenset({"textual", "rich"})),
    ("tui.screens", frozenset({"textual", "rich"})),
    ("tui.widgets", frozenset({"textual", "rich"})),
    ("tui.dialogs", frozenset({"textual", "rich"})),
    ("tui.themes", frozenset({"textual", "rich"})),
    ("tui.keys", frozenset({"textual", "rich"})),
    ("tui", frozenset()),
)
"""First match counts. What a command needs beyond this it imports inside its functions."""

SCRIPT = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""


@cache
def loaded_by(module: str) -> frozenset[str]:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, module], capture_output=True, text=True, check=True
    )
    return frozenset(json.loads(answer.stdout))


def ours(names: frozenset[str]) -> list[str]:
    return sorted(name for name in names if name.partition(".")[0] in PACKAGES)


def allowed_for(module: str) -> frozenset[str]:
    return next(
        allowed for room, allowed in ALLOWED if module == room or module.startswith(f"{room}.")
    )


@pytest.mark.parametrize("module", module_names())
def test_a_module_loads_only_what_its_room_may_know(module: str) -> None:
    heavy = loaded_by(module) & set(HEAVY)
    assert heavy <= allowed_for(module), f"{module} loads {sorted(heavy - allowed_for(module))}"


@pytest.mark.parametrize("module", [name for name in module_names() if ".domain" in name])
def test_the_domain_loads_no_other_room(module: str) -> None:
    others = [
        name
        for name in ours(loaded_by(module))
        if not name.startswith("backend_client.domain") and name != "backend_client"
    ]
    assert others == []


def test_the_first_screen_needs_no_store_and_no_network() -> None:
    loaded = loaded_by("tui.app")
    never = {"sqlalchemy", "pydantic", "httpx", "rich.markdown", "backend_client.local"}
    assert not never & loaded
    assert "importlib.metadata" not in loaded - loaded_by("textual.app")
