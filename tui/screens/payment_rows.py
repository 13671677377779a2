"""What was tried for a payment, and the references it is known by, as rows of its screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from backend_client.domain.legs import Leg
from tui.text.attempts import attempt_word, provider_words
from tui.text.columns import pad, wrap
from tui.text.inert import inert
from tui.widgets.parts import Part, spread

if TYPE_CHECKING:
    from tui.screens.frame import FrameScreen

LABEL, NUMBER = 22, 12
Row = Callable[[int], Content]


def row(left: list[Part], right: list[Part] | None = None) -> Row:
    return lambda width: spread(width, left, right or [])


def attempts(screen: FrameScreen, legs: Sequence[Leg], width: int) -> Iterable[Row]:
    """Every call and every word of a person, with when and for which payment."""
    wording, dates = screen.window.wording, screen.window.dates
    tried = [(leg, attempt) for leg in legs for attempt in leg.attempts]
    if not tried:
        yield row([(f"   {screen.words('no_attempts')}", "$muted")])
    for leg, attempt in tried:
        what = attempt_word(wording, attempt.outcome, attempt.code)
        said = provider_words(wording, attempt.outcome, attempt.code, attempt.text)
        when = dates.short(attempt.at)
        yield row([(f"   {when}  {pad(leg.number, NUMBER)} ", "$muted"), what])
        for line in wrap(said, max(width - 20, 20)) if said else ():
            yield row([(f"{'':17}{line}", "$muted")])


def references(screen: FrameScreen, legs: Iterable[Leg]) -> Iterable[Row]:
    """Ours, the provider's, and what a person typed as proof."""
    for leg in legs:
        given = (
            ("ours", leg.our_reference),
            ("theirs", leg.provider_refund_id),
            ("receipt", leg.reference),
        )
        for name, value in given:
            if value:
                label = pad(screen.words(f"reference.{name}"), LABEL)
                number = pad(leg.number, NUMBER)
                yield row([(f"   {number} {label}", "$muted"), inert(value)])
