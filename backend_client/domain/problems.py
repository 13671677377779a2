"""The one catalogue of everything that can go wrong, and what the operator does about it.

The screens, the command line (exit codes) and the server (problem+json) all render this table.
`{…}` in the texts are filled from the details of the refusal. Translations are keyed by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_client.domain.problem import Kind, MoneyMoved, Problem, Retry
from backend_client.domain.problem_catalogue import PROBLEMS

__all__ = ["PROBLEMS", "Kind", "MoneyMoved", "Problem", "Refused", "Retry", "fill"]


class Refused(Exception):
    """A backend's "no" or "not now": a row of the catalogue and the details that fill it.

    Details are plain JSON values and never hold a card number.
    """

    def __init__(self, code: str, **details: Any) -> None:
        self.problem = PROBLEMS[code]
        self.details: dict[str, Any] = details
        super().__init__(code)

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def message(self) -> str:
        return fill(self.problem.message, self.details)

    @property
    def action(self) -> str:
        return fill(self.problem.action, self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def fill(template: str, details: Mapping[str, Any]) -> str:
    """Put details into a text of the catalogue; lists become "1, 2", what is missing "…"."""
    shown = {
        key: ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value
        for key, value in details.items()
    }
    return template.format_map(_Details(shown))
