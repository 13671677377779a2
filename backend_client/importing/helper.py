"""A second process that checks a stretch of a large file beside this one.

Nothing goes between them but the task and how it ended: source, spool and lines seen are files
without names, open in both.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.problems import Refused
from backend_client.importing.checking import check_stretch
from backend_client.importing.duplicates import Duplicates, Run
from backend_client.importing.source_file import SourceFile, Stretch
from backend_client.importing.spool import Spool
from backend_client.reports import ImportSource

_COMMAND = (sys.executable, "-c", "from backend_client.importing.helper import main; main()")
_FOLDER = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Task:
    """What to check, what to make of it, and the descriptors of the file, of the spool and of the
    lines seen."""

    source: ImportSource
    stretch: Stretch
    prepare: Callable[[IncomingBooking], Any]
    file: int
    spool: int
    seen: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Every line of the stretch is right: how many there are, and the runs of lines seen."""

    count: int
    runs: list[Run]


Outcome = Passed | Refused | OSError


class Helper:
    """Checks from the moment it is made; left before it is through, it is ended."""

    def __init__(
        self,
        file: SourceFile,
        source: ImportSource,
        stretch: Stretch,
        prepare: Callable[[IncomingBooking], Any],
    ) -> None:
        self._source = source
        self._stretch = stretch
        with ExitStack() as held:
            self.spool: Spool[Any] = held.enter_context(Spool.unnamed())
            self._seen = held.enter_context(tempfile.TemporaryFile())
            handles = (file.handle, self.spool.file.fileno(), self._seen.fileno())
            self._child = self._start(handles)
            held.callback(self._end)
            self._tell(Task(source, stretch, prepare, *handles))
            self._held = held.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def passed(self, seen: Duplicates) -> int:
        """Wait until the stretch is checked, and take over what was seen; how many bookings there
        are. Raises what the check raised, and `import-interrupted` when the process is gone.
        """
        outcome = self._outcome()
        if not isinstance(outcome, Passed):
            raise outcome
        seen.take_in(self._seen, outcome.runs)
        return outcome.count

    def _start(self, handles: tuple[int, ...]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                _COMMAND,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=handles,
                cwd=_FOLDER,
                # Away from the terminal: ^C is for the process that started it, which ends it.
                start_new_session=True,
            )
        except OSError:
            raise self._interrupted() from None

    def _tell(self, task: Task) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(pickle.dumps(task))
        except BrokenPipeError:
            raise self._interrupted() from None

    def _outcome(self) -> Outcome:
        assert self._child.stdout is not None
        said = self._child.stdout.read()
        if self._child.wait() != 0:
            raise self._interrupted()
        outcome: Outcome = pickle.loads(said)
        return outcome

    def _interrupted(self) -> Refused:
        return Refused("import-interrupted", file=self._source.path, line=self._stretch.first_line)

    def _end(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            pipe.close()


def main() -> None:
    """The helper's own side: one task from standard input, its outcome to standard output."""
    gc.disable()  # bookings hold no circles, and looking for some is a tenth of the work
    task: Task = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_when_left_alone, daemon=True).start()
    sys.stdout.buffer.write(pickle.dumps(_done(task)))
    sys.stdout.buffer.flush()
    os._exit(0)  # not waiting for the thread that waits


def _end_when_left_alone() -> None:
    """Who started us holds our standard input open, and not a moment longer if it is killed."""
    sys.stdin.buffer.read()
    os._exit(1)


def _done(task: Task) -> Outcome:
    try:
        with (
            Spool[Any](os.fdopen(task.spool, "wb")) as spool,
            Duplicates(os.fdopen(task.seen, "w+b")) as seen,
        ):
            count = check_stretch(task.file, task.stretch, task.source, task.prepare, spool, seen)
            return Passed(count, seen.put_down())
    except (Refused, OSError) as no:
        return no
