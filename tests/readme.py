"""The generated parts of the README: `python -m tests.readme` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tui.keys import key_table
from tui.text.permission_table import permission_table
from tui.text.reference import command_reference

README = Path(__file__).parent.parent / "README.md"

SECTIONS: Mapping[str, Callable[[], str]] = {
    "keys": key_table,
    "commands": command_reference,
    "who may": permission_table,
}


def with_generated_parts(text: str) -> str:
    """`text` with everything between the markers of each section made anew from the code."""
    for name, make in SECTIONS.items():
        marked = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        assert marked.search(text), f"README.md has no section {name}"
        text = marked.sub(lambda found: f"{found[1]}\n{make().strip()}\n\n{found[2]}", text)  # noqa: B023
    return text


if __name__ == "__main__":
    README.write_text(with_generated_parts(README.read_text(encoding="utf-8")), encoding="utf-8")
