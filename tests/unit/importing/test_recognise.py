"""The format of a file is told from its first letters, without consuming any of it."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from backend_client.importing.recognise import recognise
from tests.unit.importing.answers import SAMPLE_FILE, answer
from tests.unit.importing.files import native, written


def test_files_are_told_apart(tmp_path: Path) -> None:
    assert recognise(str(SAMPLE_FILE)) == "connect"
    assert recognise(str(written(tmp_path, answer()))) == "connect"
    assert recognise(str(written(tmp_path, native()))) == "native"


def test_what_cannot_be_looked_into_counts_as_native(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "none", tmp_path):
        assert recognise(str(path)) == "native"


def test_standard_input_can_still_be_read_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps(answer()).encode()

    class Input:
        buffer = io.BufferedReader(io.BytesIO(content))

    monkeypatch.setattr(sys, "stdin", Input())
    assert recognise("-") == "connect"
    assert Input.buffer.read() == content
