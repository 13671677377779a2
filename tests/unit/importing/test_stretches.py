"""Stretches of a file are whole lines with their right numbers, wherever it is cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.importing import source_file
from backend_client.importing.source_file import SourceFile, numbered_lines

LINES = st.lists(st.sampled_from([b"", b" ", b"a", b"bb\r", b"c" * 40]), max_size=30)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stretches") / "lines"


@given(lines=LINES, count=st.integers(1, 5), block=st.integers(1, 64), ended=st.booleans())
def test_together_they_are_the_file(
    file: Path, lines: list[bytes], count: int, block: int, ended: bool
) -> None:
    file.write_bytes(b"\n".join(lines) + (b"\n" if ended else b""))
    expected = [(place, line.strip()) for place, line in enumerate(lines, 1) if line.strip()]
    with pytest.MonkeyPatch.context() as patch, SourceFile(str(file)) as source:
        patch.setattr(source_file, "_BLOCK", block)
        stretches = source.stretches(count)
        found = [
            line
            for stretch in stretches
            for line in numbered_lines(source.handle, source.path, stretch)
        ]
    assert found == expected
    assert 1 <= len(stretches) <= count


def test_they_are_about_equal(file: Path) -> None:
    file.write_bytes(b"0123456789\n" * 1_000)
    with SourceFile(str(file)) as source:
        one, two = source.stretches(2)
    assert one.end == two.start
    assert abs(two.start - 5_500) <= 11
    assert two.first_line == two.start // 11 + 1
