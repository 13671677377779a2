"""What happened to a booking, as a person would tell it."""

from __future__ import annotations

from collections.abc import Mapping

from backend_client.answers import TimelineEvent
from tui.text.attempts import attempt_word, finding_word, provider_words
from tui.text.inert import inert
from tui.text.ranges import ranges
from tui.text.wording import Wording

CHANGED = ("before", "after")
DECIDED = ("proposed", "resolved")
"""Events whose change is one of state; any other is one of method."""
TOLD = ("refund", "leg", "label", "lines", "reason", "channel", "code", "text")
"""Details of an event worth a person's time, in this order."""


def event_text(wording: Wording, event: TimelineEvent) -> str:
    """What happened, with those of its details a person needs."""
    if "outcome" in event.details:
        return _attempt(wording, event.details)
    run = inert(event.details.get("run", ""))
    parts = [_known(wording, "timeline", event.what, run=run)]
    if "after" in event.details:
        section = "leg_state" if event.what in DECIDED else "method"
        steps = [_each(wording, section, event.details.get(one, "")) for one in CHANGED]
        parts.append(" → ".join(step for step in steps if step))
    told = TOLD if "leg" not in event.details else [one for one in TOLD if one != "refund"]
    parts += [_told(wording, name, event.details[name]) for name in told if event.details.get(name)]
    return " · ".join(parts)


def reason_text(wording: Wording, reason: str) -> str:
    """The reason of a refund: the catalogue's word for a code, or a person's own words."""
    return _known(wording, "reason", reason)


def _attempt(wording: Wording, details: Mapping[str, str]) -> str:
    """What came of sending a payment; what went as asked needs no words of the provider."""
    outcome = details["outcome"]
    where = " → ".join(inert(details[one]) for one in ("leg", "label") if details.get(one))
    code = details.get("code", "")
    words = provider_words(wording, outcome, code, details.get("text", ""))
    told = attempt_word(wording, outcome, code)
    if words:
        told += f" ({words})"
    return f"{where}: {told}" if where else told


def _told(wording: Wording, name: str, value: str) -> str:
    """A detail as people say it: the reason in words, the lines as lines."""
    if name == "reason":
        return reason_text(wording, value)
    if name == "code":
        return finding_word(wording, value)
    numbers = value.split(", ") if name == "lines" else []
    if not numbers or not all(map(str.isdecimal, numbers)):
        return inert(value)
    key = "timeline_lines.one" if len(numbers) == 1 else "timeline_lines.many"
    return wording.text(key, lines=ranges(map(int, numbers)))


def _each(wording: Wording, section: str, names: str) -> str:
    return ", ".join(_known(wording, section, name.strip()) for name in names.split(","))


def _known(wording: Wording, section: str, name: str, **values: str) -> str:
    """The catalogue's word, or the name itself where an older catalogue has none."""
    key = f"{section}.{name}"
    return wording.text(key, **values) if wording.has(key) else inert(name)
