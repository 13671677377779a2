"""The README says what the code does: tables, pictures and commands are checked against it."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote

from tests.readme import README, with_generated_parts
from tui.arguments import parse
from tui.text.wording import Wording

TEXT = README.read_text(encoding="utf-8")


def test_the_key_table_and_the_command_reference_are_fresh() -> None:
    assert with_generated_parts(TEXT) == TEXT, "run `python -m tests.readme`"


def test_every_picture_is_a_committed_snapshot() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    assert any("SIMULATED" in picture for picture in pictures), "a mass run before it is confirmed"
    for picture in pictures:
        file = README.parent / unquote(picture)
        assert file.is_file(), picture
        module = file.parents[2] / f"{file.parent.name}.py"
        assert f"def {file.stem.partition('[')[0]}(" in module.read_text(encoding="utf-8"), picture


def test_both_commands_are_one_line_each() -> None:
    for name in ("run", "test"):
        found = re.search(rf"<!-- command: {name} -->\n+```sh\n([^\n]+)\n```", TEXT)
        assert found, f"README.md has no one-line {name} command"
        assert "constraints.txt" in found[1]


def test_every_command_shown_is_one() -> None:
    """In steps, services and timers: what is copied from here is understood."""
    blocks = re.findall(r"```(?:sh|ini|cron)\n(.*?)```", TEXT, re.DOTALL)
    shown = re.findall(r"(?<![\w.-])ticket-window ([^\n]+)", "\n".join(blocks))
    commands = [re.split(r" (?:>|\||&&)", command)[0] for command in shown]
    assert any("--unattended" in command for command in commands)
    for command in commands:
        words = shlex.split(command, comments=True)
        if "FINGERPRINT" not in words:
            parse(words, Wording())
