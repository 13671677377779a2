"""`demo`: a made-up house in a folder of its own, built once and opened."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from backend_client.domain.problems import Refused
from backend_client.provider_settings import PRACTICE_PROGRAM
from backend_client.providers.practice_program.address import read_address
from backend_client.reports import ImportReport
from tui import places, wiring
from tui.commands.intake import counted
from tui.commands.session import Session
from tui.commands.window import can_draw
from tui.practice_folder import CONFIG, MARKER, STORE
from tui.text.columns import table
from tui.text.program import called

BOOKINGS = 12_408
SEED = 1
DIALECT = re.compile(r'(?m)^(dialect = )"(?:worldline|stripe)"$')
LOCK = ".building"
LOOK_AGAIN_S = 1.0
LONGEST_PATH = 1000
OURS = (
    STORE,
    f"{STORE}-wal",
    f"{STORE}-shm",
    f"{STORE}.anchor",
    f"{STORE}.audit-key",
    f"{STORE}.practice-program",
    f"{STORE}.practice-program-wal",
    f"{STORE}.practice-program-shm",
    f"{STORE}.practice-program.address",
    f"{STORE}.practice-provider",
    f"{STORE}.practice-provider-wal",
    f"{STORE}.practice-provider-shm",
    MARKER,
)
"""The only files a rebuild takes away; the settings are the user's once they are written."""

SUPERVISOR = "B. Keller"
REASON = "performance-cancelled"
SETTINGS = f"""\
# The practice venue. Change what you like; `ticket-window demo` keeps it.
[house]
site = "0001"
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"
environment = "practice"

[desk]
name = "3"
operator = "A. Rochat"

[operators]
"A. Rochat" = "cashier"
"{SUPERVISOR}" = "supervisor"

# A payment provider that moves no money: a program of its own, started when it is first needed.
# faults = "lost=0.2" makes trouble there, to train on.
[providers.psp]
dialect = "worldline"
endpoint = "practice-program"
payments = ["worldline", "giftworld", ""]
methods = ["card", "gift_card", "external"]
bank_references = true
"""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a practice folder was built as; not `ready` means the building was broken off."""

    bookings: int
    seed: int
    ready: bool


class Folder:
    """A folder that holds a practice venue, or may come to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path / STORE
        self.config = path / CONFIG
        self._marker = path / MARKER

    @property
    def url(self) -> str:
        return places.sqlite_url(self.store)

    def found(self) -> Marker | None:
        """What is built here, None in a new or empty folder; anything else is not ours to touch."""
        try:
            there = any(not one.name.startswith(LOCK) for one in self.path.iterdir())
        except FileNotFoundError:
            return None
        except OSError:
            raise Refused("demo-directory", path=str(self.path)) from None
        if not there:
            return None
        try:
            said = json.loads(self._marker.read_text(encoding="utf-8"))
            marker = Marker(int(said["bookings"]), int(said["seed"]), said["ready"] is True)
        except (OSError, ValueError, KeyError, TypeError):
            raise Refused("demo-directory", path=str(self.path)) from None
        whole = marker.ready and self.store.exists() and self.config.exists()
        return replace(marker, ready=whole)

    @contextmanager
    def alone(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Only one process builds here at a time; `waiting` is called when another one does.

        The lock is SQLite's: it works on every system and ends with the process that holds it.
        """
        self.found()  # whatever is not ours is left alone, without a lock in it either
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = sqlite3.connect(self.path / LOCK, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error):
            raise Refused("store-read-only", store=str(self.path)) from None
        try:
            self._take(lock, waiting)
            yield
        finally:
            lock.close()

    def _take(self, lock: sqlite3.Connection, waiting: Callable[[], None]) -> None:
        told = False
        while True:
            try:
                lock.execute("BEGIN EXCLUSIVE")
                return
            except sqlite3.Error as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise Refused("store-read-only", store=str(self.path)) from None
            if not told:
                waiting()
                told = True
                lock.execute(f"PRAGMA busy_timeout = {LOOK_AGAIN_S * 1000:.0f}")

    def prepare(self, marker: Marker) -> None:
        """A practice folder without bookings that says it is being built."""
        try:
            for name in OURS:
                (self.path / name).unlink(missing_ok=True)
            self.mark(marker)
            if not self.config.exists():
                self.config.write_text(SETTINGS, encoding="utf-8")
        except OSError:
            raise Refused("store-read-only", store=str(self.path)) from None

    def speak(self, dialect: str) -> bool:
        """The provider of this venue speaks this dialect from now on; False where it cannot:
        another window has it running, or the settings have become another house's."""
        try:
            known = self.config.read_text(encoding="utf-8")
            changed, count = DIALECT.subn(rf'\1"{dialect}"', known)
            if changed == known:
                return count == 1
            if count != 1 or read_address(wiring.practice_file(self.store, ".address")):
                return False
            self.config.write_text(changed, encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return True

    def mark(self, marker: Marker) -> None:
        self._marker.write_text(json.dumps(asdict(marker)), encoding="utf-8")


def demo(session: Session) -> int:
    """Build the venue unless it stands already, say what to try, open it."""
    args = session.args
    if args.cases:
        session.console.data(table([*wiring.awkward_cases()]))
        return 0
    for option in ("store", "config"):
        if hasattr(args, option):
            raise session.usage("demo_store", option=f"--{option}")
    if not args.no_tui and not can_draw():
        raise Refused("terminal-needed")
    if args.faults:
        from tui.commands.practice_provider import refuse_unknown_faults

        refuse_unknown_faults(session, args.faults)
    folder = Folder(_chosen(args.dir))
    said = session.wording.text("command.demo.waiting", path=folder.path)
    with folder.alone(lambda: session.console.say(said)):
        _stand(session, folder)
        if args.dialect and not folder.speak(args.dialect):
            raise session.usage("demo_dialect", dialect=args.dialect, path=folder.config)
    inside = session.inside(folder.url, folder.config)
    _say_what_to_try(inside, folder)
    if args.no_tui:
        return 0
    return _open(inside, folder)


def _chosen(directory: str | None) -> Path:
    """Where the venue is kept. Its path is printed to be copied, so it is nothing but text."""
    if directory is None:
        return places.data_folder() / "practice"
    if not directory.isprintable() or len(directory) > LONGEST_PATH:
        raise Refused("text-invalid", field="--dir", limit=LONGEST_PATH)
    return Path(directory).absolute()


def _open(session: Session, folder: Folder) -> int:
    """The window, and beside it its payment provider with the trouble that was asked for."""
    from tui.commands.practising import Practising
    from tui.commands.window import open_window

    faults = session.args.faults
    programs = [one for one in session.settings.providers if one.endpoint == PRACTICE_PROGRAM]
    if faults is not None:
        others = [one for one in session.settings.providers if one not in programs]
        programs = [replace(one, faults=faults) for one in programs]
        session.settings = replace(session.settings, providers=(*programs, *others))
    practising = Practising(folder.store, programs, faults)
    try:
        return open_window(session, beside=practising.start)
    finally:
        practising.end()


def _stand(session: Session, folder: Folder) -> None:
    """The venue asked for stands in the folder; one that stands already is left as it is."""
    args, said = session.args, session.wording.text
    found = folder.found()
    wanted = Marker(
        bookings=args.bookings or (found.bookings if found else BOOKINGS),
        seed=args.seed if args.seed is not None else (found.seed if found else SEED),
        ready=True,
    )
    if found == wanted:
        session.console.say(_told(session, "using", wanted, folder))
        return
    if found and found.ready:
        session.console.say(_told(session, "rebuilding", found, folder))
    elif found:
        session.console.say(said("command.demo.unfinished", path=folder.path))
    session.console.say(_told(session, "building", wanted, folder))
    _build(session, folder, wanted)


def _told(session: Session, key: str, marker: Marker, folder: Folder) -> str:
    return session.wording.text(
        f"command.demo.{key}",
        bookings=f"{marker.bookings:,}",
        seed=marker.seed,
        path=folder.path,
    )


def _build(session: Session, folder: Folder, wanted: Marker) -> ImportReport:
    folder.prepare(replace(wanted, ready=False))
    inside = session.inside(folder.url, folder.config)
    progress = counted(
        session.console,
        lambda done: session.wording.text("command.demo.progress", count=f"{done:,}"),
    )
    report = wiring.build_practice_venue(
        folder.url,
        inside.settings,
        bookings=wanted.bookings,
        seed=wanted.seed,
        clock=session.clock,
        tokens=session.tokens,
        progress=progress,
    )
    session.console.progress("")
    folder.mark(wanted)
    return report


def _say_what_to_try(session: Session, folder: Folder) -> None:
    program = called()
    where = f"--config {shlex.quote(str(folder.config))}"
    tries = (
        "lookup davis",
        "show STRAND1",
        "refund STRAND1 --lines 1 --reason goodwill --preview",
        "doctor",
    )
    session.console.say(session.wording.text("command.demo.try"))
    session.console.say(*(f"  {program} {where} {one}" for one in tries))
    runs = ("performances godot", f"cancel-performance A006 --reason {REASON} --simulate")
    here = f"{where} --operator {shlex.quote(SUPERVISOR)}"
    session.console.say(session.wording.text("command.demo.supervisor", name=SUPERVISOR))
    session.console.say(*(f"  {program} {here} {one}" for one in runs))
    session.console.say(session.wording.text("command.demo.cases", program=program))
    names = dict.fromkeys(reference for reference, _ in wiring.awkward_cases())
    session.console.say("  " + ", ".join(names))
