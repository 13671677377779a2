"""The two streams of a command: data on stdout for programs, narration on stderr for people."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from backend_client.domain.problems import Refused
from tui.text.problems import refusal_json, refusal_text
from tui.text.wording import Wording

_NOT_INERT = "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
"""What JSON leaves as it is but a terminal, or a reader of its lines, may act on."""


class Console:
    """Where a command speaks; `json` means a program listens, so stdout holds one JSON value."""

    def __init__(self, wording: Wording, *, json: bool = False) -> None:
        self.wording = wording
        self.json = json

    def data(self, lines: Iterable[str]) -> None:
        for line in lines:
            sys.stdout.write(f"{line}\n")

    @property
    def width(self) -> int:
        """Of the terminal the data goes to, in cells; 0 where it goes somewhere else."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0

    def value(self, value: Mapping[str, Any]) -> None:
        """One JSON value: UTF-8, and inert should it end up on a terminal."""
        self.data((as_json(value, indent=2),))

    def say(self, *lines: str) -> None:
        for line in lines:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def progress(self, line: str) -> None:
        """A line that replaces itself on a terminal, and is left out of a log."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line}\x1b[K" if line else "\r\x1b[K")
            sys.stderr.flush()

    def refuse(self, refused: Refused, beside: Mapping[str, Any] | None = None) -> int:
        """Say no in the way that was asked for; the exit code. `beside` is what a program would
        have been given had it been a yes (a plan, a refund), so that it finds it in the same
        place."""
        if self.json:
            self.value({**refusal_json(self.wording, refused), **(beside or {})})
        else:
            text = refusal_text(self.wording, refused)
            self.say(f"{text.message} ({text.code})", text.money_moved, text.action)
        return exit_code(refused)


def exit_code(refused: Refused) -> int:
    return int(refused.problem.kind.value)


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON in UTF-8 whose strings hold nothing a terminal acts on."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def escaped(text: str) -> str:
    """Text of JSON, whole or in pieces, with what a terminal acts on written as its code."""
    return re.sub(_NOT_INERT, lambda found: f"\\u{ord(found.group()):04x}", text)
