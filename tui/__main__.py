"""The command `ticket-window`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from tui import interpreter

FRAMES_A_SECOND = "120"
"""Twice what Textual does by itself: what was found waits half as long to be seen."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run with `argv` (the process's own without), and return the exit code."""
    interpreter.start()
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_A_SECOND)
    _speak_utf8()
    from tui.cli import PIPE_BROKEN, run

    code = run(sys.argv[1:] if argv is None else argv)
    if code == PIPE_BROKEN:
        _let_go_of_stdout()
    return code


def _speak_utf8() -> None:
    """UTF-8 whatever the locale says: names and JSON must come out whole."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _let_go_of_stdout() -> None:
    """Nobody reads any more: the interpreter's own flush at exit would complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
