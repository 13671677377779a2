"""The command as a process of its own: what only the real one can get wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.functional.desk import SAMPLE, Desk, booking, card, ticket

COMMAND = (sys.executable, "-m", "tui")
HEAVY = {"textual", "rich", "sqlalchemy", "pydantic", "httpx"}
WHAT_IS_LOADED = """
import sys
from tui.__main__ import main
code = main(sys.argv[1:])
print(code, *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""

LOADED_WHEN_DRAWN = """
import sys
from tui.__main__ import main
from tui.app import TicketWindowApp
TicketWindowApp.run = lambda app: print(*sorted(sys.modules))
sys.stdin.isatty = sys.stdout.isatty = lambda: True
sys.exit(main(sys.argv[1:]))
"""


def start(
    *arguments: str,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    command: tuple[str, ...] = COMMAND,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*command, *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **(environment or {})},
        check=False,
    )


def where(desk: Desk) -> tuple[str, ...]:
    return ("--store", desk.url, "--config", str(desk.config))


def test_it_is_a_program_with_exit_codes(sample: Desk) -> None:
    found = start("lookup", "WPM8TS9", "--json", *where(sample))
    assert (found.returncode, found.stderr) == (0, b"")
    assert json.loads(found.stdout)["hits"][0]["booking"] == "WPM8TS9"
    missing = start("show", "NOBODY", *where(sample))
    assert (missing.returncode, missing.stdout) == (3, b"")
    usage = start("refund")
    assert (usage.returncode, usage.stdout) == (2, b"")


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("--help",), ("refund", "--help"), ("lookup", "4111 1111 1111 1111")],
)
def test_answers_that_need_no_room_load_none(arguments: tuple[str, ...]) -> None:
    said = start(*arguments, command=(sys.executable, "-c", WHAT_IS_LOADED))
    code, *loaded = said.stderr.decode().splitlines()[-1].split()
    assert code in ("0", "1")
    assert not HEAVY & set(loaded)
    assert "tui" in loaded


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONUTF8": "0", "LC_ALL": "C"},
    ],
)
def test_names_come_out_whole_whatever_the_locale(desk: Desk, environment: dict[str, str]) -> None:
    name = {"key": "C", "name": "張 偉 Müller"}
    one = booking("WIDE", [ticket(1, 1000)], [card("P", 1000, "psp")], contact=name)
    assert desk.import_native(one).code == 0
    for more in ((), ("--json",)):
        said = start("lookup", "WIDE", *more, *where(desk), environment=environment)
        assert said.returncode == 0
        assert "張 偉 Müller" in said.stdout.decode("utf-8")


@pytest.mark.parametrize("command", ["show", "lookup", "credit", "import"])
def test_bytes_that_are_no_text_are_a_mistake_of_usage(sample: Desk, command: str) -> None:
    said = start(command, os.fsdecode(b"W\xff\xfe"), *where(sample), environment={"LC_ALL": "C"})
    assert said.returncode == 2
    assert b"not text in UTF-8" in said.stderr


def test_a_file_can_come_from_standard_input(desk: Desk) -> None:
    said = start("import", "-", *where(desk), stdin=SAMPLE.read_bytes())
    assert (said.returncode, b"1 added" in said.stdout) == (0, True)
    assert desk("lookup", "WPM8TS9").code == 0


def test_a_reader_that_goes_away_is_no_error_of_ours(sample: Desk) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        said = subprocess.run(
            [*COMMAND, "audit", "export", *where(sample)],
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert said.returncode == 141
    assert said.stderr.decode() == "PRACTICE: no real money moves.\n"


def test_without_a_terminal_the_commands_are_pointed_to(tmp_path: Path) -> None:
    said = start(environment={"XDG_DATA_HOME": str(tmp_path)})
    assert said.returncode == 2
    assert b"-m tui --help lists them" in said.stderr


def together(*commands: tuple[str, ...]) -> list[tuple[int, dict[str, Any]]]:
    """Commands started at the same moment; their exit codes and answers."""
    running = [
        subprocess.Popen([*COMMAND, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    said = [(one.communicate()[0], one.returncode) for one in running]
    return [(code, json.loads(out)) for out, code in said]


def test_two_desks_giving_one_line_back_at_once_give_it_back_once(sample: Desk) -> None:
    ask = ("refund", "WPM8TS9", "--all", "--reason", "goodwill", "--commit", "--json")
    answers = together((*ask, *where(sample)), (*ask, "--desk", "7", *where(sample)))
    assert sorted(code for code, _ in answers) == [0, 1]
    refused = next(answer for code, answer in answers if code == 1)
    assert refused["code"] in ("already-refunded", "being-refunded", "plan-stale")
    told = sample("show", "WPM8TS9", "--json").json
    assert [refund["amount_minor"] for refund in told["refunds"]] == [1450]
    assert sample("doctor").code == 0


def test_one_plan_committed_twice_at_once_is_one_refund(sample: Desk) -> None:
    ask = ("refund", "WPM8TS9", "--all", "--reason", "goodwill", "--json")
    plan = sample(*ask, "--preview").json["fingerprint"]
    command = (*ask, "--commit", "--plan", plan, *where(sample))
    answers = together(command, command)
    assert [code for code, _ in answers] == [0, 0]
    assert sorted(answer["already_done"] for _, answer in answers) == [False, True]
    assert {answer["refund"] for _, answer in answers} == {"R-10001"}
    assert sample("doctor").code == 0
