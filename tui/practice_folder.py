"""The folder of a practice venue: its store and its settings lie together, so one names both."""

from __future__ import annotations

from pathlib import Path

STORE = "store.db"
CONFIG = "config.toml"
MARKER = "practice.json"
"""Says that the folder is a practice venue; elsewhere files of these names mean nothing here."""


def store_beside(config: Path | None) -> Path | None:
    """The store of the practice venue whose settings these are."""
    if config is None or config.name != CONFIG:
        return None
    return _in_a_venue(config.absolute().parent, STORE)


def settings_beside(store_url: str) -> Path | None:
    """The settings of the practice venue whose store this is: another house's name, zone and
    payment providers would be wrong for it."""
    scheme, _, name = store_url.partition("?")[0].partition(":///")
    if scheme != "sqlite" or Path(name).name != STORE:
        return None
    return _in_a_venue(Path(name).absolute().parent, CONFIG)


def _in_a_venue(folder: Path, name: str) -> Path | None:
    try:
        return folder / name if all((folder / one).is_file() for one in (MARKER, name)) else None
    except OSError:  # No file can have such a name, or this user may not look.
        return None
