"""Fixtures of the functional tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.desk import SAMPLE, Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk without a store yet."""
    return Desk(tmp_path, capsys)


@pytest.fixture
def sample(desk: Desk) -> Desk:
    """A desk that knows the one booking of the Vista sample."""
    assert desk("import", str(SAMPLE)).code == 0
    return desk
