"""Keys to providers: where they are kept, and that nobody else can read them.

In this order: the service manager's credential directory, the keyring if one is installed, a file
for its owner alone. Never an argument, an environment variable's value, a setting or the store.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend_client.domain.problems import Refused

SERVICE = "ticket-window"
CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY"
LONGEST = 4096

ReadKeyring = Callable[[str], str | None]


class Secret:
    """A key that shows itself only to whoever asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    @property
    def hint(self) -> str:
        """The last four letters, to tell two keys apart; of a short key nothing."""
        return f"…{self._value[-4:]}" if len(self._value) >= 12 else "…"

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not for keeping")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret and where it was found."""

    secret: Secret
    source: str


class Credentials:
    """Finds secrets by name, such as `worldline.live.secret`.

    `folder` is where the files are. A keyring that does not answer is passed over: the file may
    be meant.
    """

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str] | None = None,
        keyring: ReadKeyring | None = None,
    ) -> None:
        self._folder = folder
        self._environ = os.environ if environ is None else environ
        self._keyring = keyring or _keyring

    def find(self, name: str) -> Credential:
        """Raises Refused: `secret-missing`, or `secret-exposed` where others could read it."""
        given = self._environ.get(CREDENTIALS_DIRECTORY, "")
        if given:
            found = _read(Path(given) / name, others=stat.S_IRWXO, ours=False)
            if found is not None:
                return Credential(_checked(found, name), CREDENTIALS_DIRECTORY)
        kept = self._keyring(name)
        if kept:
            return Credential(_checked(kept, name), "keyring")
        path = self._folder / name
        found = _read(path, others=stat.S_IRWXG | stat.S_IRWXO, ours=True)
        if found is None:
            raise Refused("secret-missing", name=name, path=str(path))
        return Credential(_checked(found, name), str(path))


def _read(path: Path, *, others: int, ours: bool) -> str | None:
    """The text of a file nobody else may read; its rights are those of the file that was opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(
            "secret-exposed", path=str(path), why=f"it cannot be opened ({error.strerror})"
        ) from None
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise Refused("secret-exposed", path=str(path), why="it is not a plain file")
        mode = stat.S_IMODE(facts.st_mode)
        if mode & others:
            raise Refused("secret-exposed", path=str(path), why=f"its mode is {mode:04o}")
        if ours and facts.st_uid != os.geteuid():
            raise Refused("secret-exposed", path=str(path), why="it belongs to somebody else")
        return os.read(handle, LONGEST + 1).decode("ascii", errors="replace")
    finally:
        os.close(handle)


def _checked(text: str, name: str) -> Secret:
    """One line of printable ASCII: anything else would break headers or never fit."""
    value = text.rstrip("\r\n")
    if not value or len(value) > LONGEST or not (value.isascii() and value.isprintable()):
        raise Refused("secret-unusable", name=name)
    return Secret(value)


def _keyring(name: str) -> str | None:
    """The keyring's answer, where the package of that name is installed."""
    if importlib.util.find_spec("keyring") is None:
        return None
    try:
        found = importlib.import_module("keyring").get_password(SERVICE, name)
    except Exception:
        return None
    return found if isinstance(found, str) else None
