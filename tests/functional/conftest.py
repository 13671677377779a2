"""Fixtures of the functional tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import _wait

from tests.clocks import CountingTokens, SteppingClock
from tests.functional import limited_venue, real_venue
from tests.functional.cancelled_evening import CANCEL, sell_evening
from tests.functional.desk import NOW, SAMPLE, SETTINGS, Desk
from tui.cli import run


@pytest.fixture(autouse=True, scope="session")
def quick_looks() -> Iterator[None]:
    """A screen is looked at twice as often until it has come to rest; what rest is stays the same.

    A person in front of a window waits for it after every key, and most of a test would be that.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_wait, "SLEEP_GRANULARITY", _wait.SLEEP_GRANULARITY / 2)
        patched.setattr(_wait, "SLEEP_IDLE", _wait.SLEEP_IDLE / 2)
        yield


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk without a store yet."""
    return Desk(tmp_path, capsys)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the one booking of the Vista sample; copied, never used itself."""
    folder = tmp_path_factory.mktemp("sample")
    config = folder / "config.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    store = folder / "store.db"
    where = ("--store", f"sqlite:///{store}", "--config", str(config))
    assert (
        run((*where, "import", str(SAMPLE)), clock=SteppingClock(NOW), tokens=CountingTokens()) == 0
    )
    return store


@pytest.fixture
def sample(desk: Desk, sample_store: Path) -> Desk:
    """A desk that knows the one booking of the Vista sample."""
    for path in sample_store.parent.glob("store.db*"):
        shutil.copy2(path, desk.folder / path.name)
    return desk


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """A desk that sold one evening, and cancelled nothing yet."""
    sell_evening(desk)
    return desk


@pytest.fixture
def cancelled(evening: Desk) -> Desk:
    """Live as run 2: R-10001 to a card, R-10002 to a dead one, R-10003 to none."""
    assert evening(*CANCEL, "--simulate").code == 0
    assert evening("cancel-performance", "--live", "--simulation", "1").code == 0
    return evening


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice venue; copied, never used itself."""
    folder = tmp_path_factory.mktemp("built") / "venue"
    folder.mkdir()
    real_venue.build(folder)
    return folder


@pytest.fixture(scope="session")
def stocked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same venue with payments in every state a person looks after."""
    folder = tmp_path_factory.mktemp("stocked") / "venue"
    shutil.copytree(built, folder)
    real_venue.stock(folder)
    return folder


@pytest.fixture
def staffed(built: Path, tmp_path: Path) -> Iterator[Path]:
    with limited_venue.staffed_copy(built, tmp_path / "venue") as folder:
        yield folder


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    with real_venue.sound_copy(built, tmp_path / "venue") as folder:
        yield folder


@pytest.fixture
def stocked_venue(stocked: Path, tmp_path: Path) -> Iterator[Path]:
    with real_venue.sound_copy(stocked, tmp_path / "venue") as folder:
        yield folder


@pytest.fixture
def open_as(stocked_venue: Path) -> Iterator[real_venue.Open]:
    with real_venue.windows_on(stocked_venue) as opener:
        yield opener
