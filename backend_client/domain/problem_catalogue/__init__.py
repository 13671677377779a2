"""The one catalogue of problems; texts in English, translations are keyed by code.

Its rows stand in a module for each subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from backend_client.domain.problem import Problem
from backend_client.domain.problem_catalogue import (
    access,
    choosing,
    connect,
    meanwhile,
    paying,
    running,
    serving,
    surroundings,
)


def _catalogue(rows: Iterable[Problem]) -> Mapping[str, Problem]:
    table: dict[str, Problem] = {}
    for row in rows:
        assert row.code not in table, "a code stands twice in the catalogue"
        table[row.code] = row
    return MappingProxyType(table)


PROBLEMS = _catalogue(
    (
        *choosing.ROWS,
        *paying.ROWS,
        *meanwhile.ROWS,
        *running.ROWS,
        *connect.ROWS,
        *surroundings.ROWS,
        *access.ROWS,
        *serving.ROWS,
    )
)
