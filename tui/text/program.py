"""The name of this program as it must be typed to be found again."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

PROGRAM = "ticket-window"


def called() -> str:
    """How this very run was started: `ticket-window`, `.venv/bin/ticket-window`,
    `python -m tui`. A hint that names a command the shell does not find is none."""
    given = Path(sys.argv[0])
    if given.name == "__main__.py" and given.parent.name == "tui":
        return f"{shlex.quote(sys.orig_argv[0])} -m tui"
    if given.stem != PROGRAM or _is_found(given):
        return PROGRAM
    return shlex.quote(sys.argv[0])


def _is_found(script: Path) -> bool:
    """Would the shell take this one by its bare name?"""
    folders = (folder for folder in os.get_exec_path() if os.access(_in(folder, script), os.X_OK))
    first = next(folders, None)
    return first is not None and Path(first) == script.parent


def _in(folder: str, script: Path) -> str:
    return os.path.join(folder, script.name)
