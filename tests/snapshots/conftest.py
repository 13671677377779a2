"""Pictures of the screens are the same on every machine, or they prove nothing."""

from __future__ import annotations

import os
import sys

import pytest
import textual
from textual.widgets import Input

BASELINE_PYTHON = (3, 11)
BASELINE_TEXTUAL = "8.2.8"
"""The pictures were made with these; others draw a byte differently here and there."""

THE_PLUGINS_OWN = frozenset({"TEXTUAL_SNAPSHOT_TEMPDIR"})


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name == "NO_COLOR" or (name.startswith("TEXTUAL") and name not in THE_PLUGINS_OWN):
            monkeypatch.delenv(name)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)


@pytest.fixture(autouse=True)
def _only_on_the_baseline(request: pytest.FixtureRequest) -> None:
    updating = request.config.getoption("update_snapshots", default=False)
    found = (sys.version_info[:2], textual.__version__)
    if updating and found != (BASELINE_PYTHON, BASELINE_TEXTUAL):
        python = ".".join(map(str, BASELINE_PYTHON))
        pytest.fail(f"pictures are made with Python {python} and Textual {BASELINE_TEXTUAL} only")
    if textual.__version__ != BASELINE_TEXTUAL:
        pytest.skip(f"the pictures were made with Textual {BASELINE_TEXTUAL}")
