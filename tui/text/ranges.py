"""Numbers of lines in few words: `1–52, 60`."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST_RANGE = 3


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in order; three and more in a row as a range."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]}–{run[-1]}" if len(run) >= SHORTEST_RANGE else ", ".join(map(str, run))
        for run in runs
    )
