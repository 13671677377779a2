"""Files: every line is checked before the first booking comes out, and bad ones say why."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from backend_client.importing import reader, source_file
from backend_client.importing.checking import check_stretch
from backend_client.importing.reader import read
from backend_client.reports import ImportSource
from tests.unit.importing.answers import SAMPLE, SAMPLE_FILE, answer
from tests.unit.importing.files import all_of, as_read, native, source, written
from tests.unit.refusing import refused


def ids(path: Path | str, kind: str = "native") -> list[str]:
    return [booking.booking_id for booking in all_of(path, kind=kind)]


def test_the_sample_file_is_read_as_one_document() -> None:
    assert ids(SAMPLE_FILE, "connect") == ["WPM8TS9"]


def test_answers_one_a_line_are_read_too(tmp_path: Path) -> None:
    path = written(tmp_path, answer(), answer(BookingId="SECOND1"), "", "  ")
    assert ids(path, "connect") == ["WPM8TS9", "SECOND1"]


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_single_answer_may_be_printed_in_any_way(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(SAMPLE, indent=indent), encoding="utf-8")
    assert ids(path, "connect") == ["WPM8TS9"]


def test_a_last_line_without_an_end_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = written(tmp_path, native(), native(booking_id="SECOND1"), ending="\r\n")
    path.write_bytes(path.read_bytes().rstrip())
    assert ids(path) == ["WPNAT01", "SECOND1"]


def test_nothing_comes_out_of_a_file_with_one_wrong_line(tmp_path: Path) -> None:
    good = [native(booking_id=f"GOOD{n:03d}") for n in range(50)]
    path = written(tmp_path, *good, native(is_paid="x"))
    bookings = read(source(path), as_read)
    with refused("import-refused") as caught:
        next(bookings)
    assert caught.value.details["line"] == 51


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n \n\t\n", "it is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\x00{\x00}", "UTF-16"),
        ("{}".encode("utf-16-le"), "UTF-16"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"PK\x03\x04zip", "compressed"),
        (b"\x7fELF\x00\x00", "binary"),
    ],
)
@pytest.mark.parametrize("kind", ["native", "connect"])
def test_a_file_that_is_no_text_is_refused_as_a_whole(
    tmp_path: Path, content: bytes, said: str, kind: str
) -> None:
    path = tmp_path / "strange"
    path.write_bytes(content)
    with refused("import-refused") as caught:
        all_of(path, kind=kind)
    assert caught.value.details["line"] == 1
    assert said in caught.value.details["reason"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"booking_id": "X', "ends in the middle"),
        (b"{", "ends in the middle"),
        (b'{"a": 1} {"b": 2}', "not valid JSON"),
        (b"hello", "not valid JSON"),
        (b'{"a": "\xff"}', "not valid JSON"),
        (b'{"booking_id": "\\ud800"}', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "not valid JSON"),
        (b"[]", "must be an object"),
        (b"null", "must be an object"),
        (b"7", "must be an object"),
    ],
)
@pytest.mark.parametrize("kind", ["native", "connect"])
def test_a_broken_line_is_named(tmp_path: Path, line: bytes, said: str, kind: str) -> None:
    first = native() if kind == "native" else answer()
    with refused("import-refused") as caught:
        all_of(written(tmp_path, first, line), kind=kind)
    assert caught.value.details["line"] == 2
    assert said in caught.value.details["reason"]


def test_a_truncated_document_is_named_by_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    whole = SAMPLE_FILE.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with refused("import-refused") as caught:
        all_of(path, kind="connect")
    assert caught.value.details["line"] == whole[: len(whole) // 2].count(b"\n") + 1
    assert "ends in the middle" in caught.value.details["reason"]


def test_a_line_that_never_ends_is_refused_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_file, "LINE_LIMIT", 3 * 1024 * 1024)
    for content in (b"x" * (5 * 1024 * 1024), b"x" * (3 * 1024 * 1024 + 1) + b"\n{}"):
        path = tmp_path / "long"
        path.write_bytes(b"{}\n" + content)
        with source_file.SourceFile(str(path)) as file, refused("import-refused") as caught:
            for _ in source_file.numbered_lines(file.handle, file.path, source_file.Stretch()):
                pass
        assert caught.value.details["line"] == 2


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with refused("file-not-found"):
        all_of(tmp_path / "none.ndjson")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with refused("import-refused") as caught:
        all_of(tmp_path)
    assert "cannot be read" in caught.value.details["reason"]


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "store-full"), (errno.EIO, "import-refused")]
)
def test_a_disk_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, number: int, code: str) -> None:
    class Input:
        class buffer:  # noqa: N801
            @staticmethod
            def read(_: int) -> bytes:
                raise OSError(number, "no")

    monkeypatch.setattr(sys, "stdin", Input())
    with refused(code):
        all_of("-")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"format": "xml"}, "import-refused", "format"),
        ({"currency": "JPY"}, "import-refused", "currency"),
        ({"currency": "KWD"}, "import-refused", "currency"),
        ({"currency": "???"}, "currency-unknown", None),
        ({"zone": "Mars/Olympus"}, "import-refused", "zone"),
        ({"zone": "../etc"}, "import-refused", "zone"),
        ({"site": " "}, "import-refused", "site"),
    ],
)
def test_settings_that_make_no_sense_are_not_blamed_on_a_line(
    changes: dict[str, str], code: str, field: str | None
) -> None:
    fields = {
        "path": str(SAMPLE_FILE),
        "format": "connect",
        "site": "0001",
        "currency": "CHF",
        "zone": "UTC",
    }
    with refused(code) as caught:
        list(read(ImportSource(**(fields | changes)), as_read))
    assert caught.value.details.get("field") == field


def test_native_files_may_be_in_yen(tmp_path: Path) -> None:
    yen = ImportSource(str(written(tmp_path, native())), "native", "1", "JPY", "Asia/Tokyo")
    assert [booking.currency for booking in read(yen, as_read)] == ["JPY"]


def test_the_same_booking_twice_is_refused_unless_it_is_the_same_line(tmp_path: Path) -> None:
    other = native(booking_id="OTHER01")
    assert len(ids(written(tmp_path, native(), other, native()))) == 3
    changed = native(("lines.0.price_minor", 999), ("payments.0.amount_minor", 1099))
    with refused("import-refused") as caught:
        all_of(written(tmp_path, native(), other, changed))
    assert caught.value.details["line"] == 3
    assert "line 1" in caught.value.details["reason"]


@pytest.mark.parametrize(
    "changes",
    [
        [("contact.name", "card 4111 1111 1111 1111")],
        [("lines.0.seat", "4111111111111111")],
        [("payments.0.masked_number", "4111111111111111")],
        [("lines.0.price_minor", 4111111111111111)],
        [("4111111111111111", 1)],
        [("lines.0.4111111111111111x", "4111111111111111")],
        [("contact.phone", "%B4111111111111111^DAVIS/BETTE^2512")],
    ],
)
def test_a_full_card_number_is_refused_and_never_echoed(
    tmp_path: Path, changes: list[tuple[str, Any]]
) -> None:
    with refused("import-refused") as caught:
        all_of(written(tmp_path, native(*changes)))
    told = caught.value.message + caught.value.action + repr(caught.value.details)
    assert "4111111" not in told.replace(" ", "")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", ["canary-7f3a", {"canary-7f3a": 1}, ["canary-7f3a"]])
def test_a_wrong_value_is_never_echoed(tmp_path: Path, value: object) -> None:
    for field in ("is_paid", "lines.0.price_minor", "sold_at", "currency", "lines.0.kind"):
        with refused("import-refused") as caught:
            all_of(written(tmp_path, native((field, value))))
        assert "canary" not in caught.value.message


def test_standard_input_is_read_from_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO((json.dumps(native()) + "\n").encode())

    monkeypatch.setattr(sys, "stdin", Input())
    assert ids("-") == ["WPNAT01"]


def test_a_pipe_is_read_from_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = (json.dumps(native()) + "\n").encode()
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    assert ids(path) == ["WPNAT01"]
    writer.join()


def _many(folder: Path, count: int) -> Path:
    return written(folder, *[native(booking_id=f"MANY{n:04d}") for n in range(count)])


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _many(tmp_path, 3)

    def check_and_append(*arguments: Any) -> int:
        count = check_stretch(*arguments)
        with path.open("ab") as more:
            more.write(b"{}\n")
        return count

    monkeypatch.setattr(reader, "check_stretch", check_and_append)
    with refused("import-refused") as caught:
        all_of(path)
    assert "changed" in caught.value.details["reason"]


def test_once_checked_a_file_may_change_or_go(tmp_path: Path) -> None:
    path = _many(tmp_path, 3)
    bookings = read(source(path), as_read)
    came = [next(bookings).booking_id]
    path.write_bytes(path.read_bytes().replace(b"MANY", b"MINE"))
    path.unlink()
    came += [booking.booking_id for booking in bookings]
    assert came == ["MANY0000", "MANY0001", "MANY0002"]


@pytest.mark.parametrize(
    ("size", "processors", "processes"),
    [
        (reader.HELPED_FROM - 1, 8, 1),
        (reader.HELPED_FROM, 8, reader.MOST_PROCESSES),
        (reader.HELPED_FROM, 1, 1),
    ],
)
def test_only_a_large_file_is_checked_by_more_than_one_process(
    monkeypatch: pytest.MonkeyPatch, size: int, processors: int, processes: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert reader._processes(size) == processes
