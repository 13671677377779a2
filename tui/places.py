"""Where the things of this user are: the store, the settings, the secrets."""

from __future__ import annotations

import os
from pathlib import Path

from backend_client.domain.problems import Refused

FOLDER = "ticket-window"


def default_store_url() -> str:
    """The store of this user: `$XDG_DATA_HOME/ticket-window/store.db`."""
    return sqlite_url(data_folder() / "store.db")


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def data_folder() -> Path:
    return _base("XDG_DATA_HOME", ".local/share") / FOLDER


def config_folder() -> Path:
    return _base("XDG_CONFIG_HOME", ".config") / FOLDER


def default_config() -> Path | None:
    """The settings of this user, if there are any."""
    path = config_folder() / "config.toml"
    return path if path.exists() else None


def _base(variable: str, otherwise: str) -> Path:
    """A folder of the XDG base directory rules, which ignore a relative one."""
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / otherwise


def require_store(store_url: str) -> None:
    """Refuse before drawing anything what would only fail behind the first screen.

    Looks at the plain form alone, because SQLAlchemy, which knows the others, loads after it.
    """
    scheme, _, name = store_url.partition("?")[0].partition(":///")
    if scheme == "sqlite" and name and not name.startswith(":") and not Path(name).exists():
        raise Refused("store-not-found", store=name)
