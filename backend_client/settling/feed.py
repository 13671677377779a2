"""Legs that are given out bit by bit, by somebody who decides each time whether there are more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from backend_client.domain.driving import Pause
from backend_client.settling.health import Health

CLAIM = 32
"""Legs claimed in one transaction: more would grow old waiting for their turn."""

Supply = Callable[[Mapping[str, Pause]], Sequence[int] | None]
"""Asked for the next legs and told which providers are left alone; None when that was all, nothing
when there are none just now."""


class Feed:
    """What a supply gives, over as many runs as it takes; `left` was given back unsent."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self._over = False
        self.left: set[int] = set()

    def batches(self, health: Health) -> Iterator[Sequence[int]]:
        """First what was left, then more, until a provider asks for some time: then nothing new is
        begun, because it would only wait behind what is left."""
        again = sorted(self.left)
        self.left.clear()
        yield from _slices(again)
        while not self._over:
            paused = health.paused
            if paused and all(pause.is_short for pause in paused.values()):
                return
            ids = self._supply(paused)
            if ids is None:
                self._over = True
            elif ids:
                yield from _slices(ids)
            else:
                yield ()


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CLAIM):
        yield ids[start : start + CLAIM]
