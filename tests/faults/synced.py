"""What a disk surely holds at any moment of a traced program: only what was synced.

The trace is strace's, with whole buffers in hexadecimal. A write counts once a sync of its file
that began after it has ended; everything else is as good as lost in a power cut.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink"
OPTIONS = ("-f", "-y", "-xx", "-s", "4000000", "-e", f"trace={CALLS}", "-e", "signal=none")
_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_CALL = re.compile(r'(?P<name>\w+)\((?:\d+<(?P<file>[^>]*)>|"(?P<path>[^"]*)")(?P<rest>.*)')
_DATA = re.compile(r', "(?P<data>(?:\\x[0-9a-f]{2})*)", \d+(?:, (?P<offset>\d+))?')
_SIZE = re.compile(r", (?P<size>\d+)")


@dataclass(slots=True)
class Disk:
    """Files by path, as they were synced last, and the writes that wait for a sync."""

    files: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def sync(self, path: str, count: int) -> None:
        """The first `count` writes that wait are on the disk now."""
        content = self.files.setdefault(path, bytearray())
        for offset, data in self.waiting[path][:count]:
            if len(content) < offset + len(data):
                content.extend(bytes(offset + len(data) - len(content)))
            content[offset : offset + len(data)] = data
        del self.waiting[path][:count]

    def truncate(self, path: str, size: int) -> None:
        """At once: the worse of both, as what was there is gone."""
        if path in self.files:
            del self.files[path][size:]
        self.waiting[path].clear()

    def put_into(self, folder: Path) -> None:
        for path, content in self.files.items():
            (folder / Path(path).name).write_bytes(content)


def replay(trace: Path, disk: Disk, told: str = "pipe:") -> Iterator[bytes]:
    """Everything the program told through a pipe, each time with `disk` as it was then."""
    begun: dict[str, tuple[str, int]] = {}
    with open(trace, encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if not found:
                continue
            pid, rest = found["pid"], found["rest"]
            if "resumed>" in rest:
                if pid in begun and rest.rstrip().endswith("= 0"):
                    disk.sync(*begun.pop(pid))
                continue
            call = _CALL.match(rest)
            if not call:
                continue
            path = _text(call["file"] or call["path"]).decode()
            if call["name"] in ("fsync", "fdatasync"):
                sync = (path, len(disk.waiting[path]))
                if "<unfinished" in rest:
                    begun[pid] = sync
                elif rest.rstrip().endswith("= 0"):
                    disk.sync(*sync)
            elif call["name"] == "ftruncate" and (size := _SIZE.match(call["rest"])):
                disk.truncate(path, int(size["size"]))
            elif call["name"] == "unlink":
                disk.files.pop(path, None)
                disk.waiting.pop(path, None)
            elif data := _DATA.match(call["rest"]):
                written = _text(data["data"])
                if path.startswith(told):
                    yield written
                elif data["offset"] is not None:
                    disk.waiting[path].append((int(data["offset"]), written))


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", "")) if "\\x" in escaped else escaped.encode()
