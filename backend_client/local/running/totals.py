"""Sums of a run in the making: rows of the same name, detail and currency are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from backend_client.domain.runs import RunTotal


class Totals:
    def __init__(self) -> None:
        self._counts = Counter[tuple[str, str, str]]()
        self._amounts = Counter[tuple[str, str, str]]()

    def add(self, rows: Iterable[RunTotal]) -> None:
        for row in rows:
            key = (row.name, row.detail, row.currency)
            self._counts[key] += row.count
            self._amounts[key] += row.amount_minor

    def rows(self) -> list[RunTotal]:
        return [RunTotal(*key, count, self._amounts[key]) for key, count in self._counts.items()]
