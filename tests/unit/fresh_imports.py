"""What a module brings in where nothing of ours was imported before it.

A fresh interpreter for each module spends nearly all of its time on the libraries that the module
may load anyhow. One interpreter for each set of libraries loads those once, and is forked for each
module: what it has loaded itself is a part of every answer, nothing of ours is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType

LOADED_FIRST = {
    "textual": ("textual.app", "textual.widgets"),
    "sqlalchemy": ("sqlalchemy", "sqlalchemy.dialects.sqlite"),
    "pydantic": ("pydantic",),
}
"""What of a library is loaded before the fork; a library that brings in others is not here."""

SERVER = """
import importlib, json, os, sys, traceback
for name in sys.argv[1:]:
    importlib.import_module(name)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(line.strip())
            answer = sorted(sys.modules)
        except BaseException:
            answer = traceback.format_exc()
        print(json.dumps(answer), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


class FreshImports:
    """Interpreters that wait to be asked; each starts when it is needed first."""

    def __init__(self) -> None:
        self._servers: dict[frozenset[str], subprocess.Popen[str]] = {}
        self._known: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._open = ExitStack()

    def __enter__(self) -> FreshImports:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def loaded_by(self, module: str, libraries: Iterable[str] = ()) -> frozenset[str]:
        """The names of all modules once `module` is imported after these libraries."""
        asked = (module, frozenset(libraries))
        if asked not in self._known:
            self._known[asked] = self._ask(*asked)
        return self._known[asked]

    def _ask(self, module: str, libraries: frozenset[str]) -> frozenset[str]:
        server = self._servers.get(libraries) or self._started(libraries)
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{module}\n")
        server.stdin.flush()
        answer: list[str] | str = json.loads(server.stdout.readline())
        assert not isinstance(answer, str), answer
        return frozenset(answer)

    def _started(self, libraries: frozenset[str]) -> subprocess.Popen[str]:
        first = [name for one in sorted(libraries) for name in LOADED_FIRST.get(one, ())]
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, *first],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._servers[libraries] = self._open.enter_context(server)
        return server
