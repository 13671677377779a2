"""The real command as a process, on a practice venue that it built itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.terminal import COMMAND
from tui.cli import run

_HURRIED = """
import sys
from tui import cli, driving
driving.FIRST_S = driving.EVERY_S = 0.1
sys.exit(cli.run(sys.argv[1:]))
"""
HURRIED = (sys.executable, "-c", _HURRIED)
"""The command, with its rounds close together: nobody waits for the next one."""
LOOKS_EVERY_S = 0.05
"""What waits for another program leaves it the machine between two looks."""


def build(folder: Path, bookings: int = 120) -> Path:
    """A practice venue in this folder."""
    arguments = ("demo", "--dir", str(folder), "--bookings", str(bookings), "--seed", "7")
    subprocess.run([*COMMAND, *arguments, "--no-tui"], capture_output=True, check=True)
    return folder


def copy(built: Path, folder: Path) -> Path:
    """The same venue once more, each file for whom the first one was."""
    for file in built.iterdir():
        made = folder / file.name
        made.write_bytes(file.read_bytes())
        made.chmod(file.stat().st_mode)
    return folder


def place(folder: Path) -> list[str]:
    return ["--store", f"sqlite:///{folder / 'store.db'}", "--config", str(folder / "config.toml")]


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *place(folder), *arguments], capture_output=True, text=True, check=False
    )


def is_sound(folder: Path) -> bool:
    """What the doctor says; no process of its own, because who judges is not what is tested."""
    return run([*place(folder), "doctor", "--json"]) == 0
