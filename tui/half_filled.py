"""What stands in the fields of a form that was begun: kept by the window whichever way the form is
left, and filled in again when it comes back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from backend_client.domain.runs import PerformanceRow

About: TypeAlias = Hashable
"""What a form began with: one that begins with something else is another form."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Texts and picked places by the id of their field; `performances` are what it is about."""

    texts: Mapping[str, str] = field(default_factory=dict)
    picked: Mapping[str, int] = field(default_factory=dict)
    performances: tuple[PerformanceRow, ...] = ()


NOTHING = Typed()


class HalfFilled:
    """The forms of one person that were begun and not simulated, the latest last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, About], Typed] = {}

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, name: str, about: About, typed: Typed) -> None:
        self._kept.pop((name, about), None)
        self._kept[name, about] = typed

    def of(self, name: str, about: About) -> Typed:
        return self._kept.get((name, about), NOTHING)

    def latest(self, name: str) -> Typed:
        """That of this kind which was typed into last."""
        return next((one for (of, _), one in reversed(self._kept.items()) if of == name), NOTHING)

    def latest_name(self) -> str:
        return next((name for name, _ in reversed(self._kept)), "")

    def drop(self, name: str, about: About) -> None:
        self._kept.pop((name, about), None)

    def clear(self) -> None:
        self._kept.clear()
