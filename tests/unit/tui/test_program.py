"""How the program names itself in what it says to type."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui.text.problems import problem_text
from tui.text.program import called
from tui.text.wording import Wording


def script_in(folder: Path) -> Path:
    script = folder / "ticket-window"
    folder.mkdir(exist_ok=True)
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    script.chmod(0o755)
    return script


def start(monkeypatch: pytest.MonkeyPatch, script: object, *path: Path) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, path)))


def test_what_the_shell_finds_is_named_bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(monkeypatch, script_in(tmp_path), tmp_path)
    assert called() == "ticket-window"


def test_what_the_shell_does_not_find_is_named_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_in(tmp_path / "other")
    start(monkeypatch, ".venv/bin/ticket-window")
    assert called() == ".venv/bin/ticket-window"
    start(monkeypatch, script_in(tmp_path / "my own"), tmp_path / "other", tmp_path / "my own")
    assert called() == f"'{tmp_path}/my own/ticket-window'"


def test_a_module_is_named_with_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch, "somewhere/tui/__main__.py")
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "tui"])
    assert called() == "python3 -m tui"


def test_a_refusal_names_the_command_that_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch, ".venv/bin/ticket-window")
    text = problem_text(Wording(), "terminal-needed", {})
    assert text.action == "Use the commands instead: .venv/bin/ticket-window --help lists them."
