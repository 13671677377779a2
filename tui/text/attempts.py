"""What came of asking a provider, in words: a person is never shown a name out of a program."""

from __future__ import annotations

import re

from backend_client.domain.legs import AWAITS_THERE
from tui.text.inert import inert
from tui.text.wording import Wording

AS_ASKED = frozenset({"final", "accepted", "found"})
"""Outcomes that say all themselves."""
MACHINE_NAME = re.compile(r"^[A-Z]+_[A-Z0-9_]+ (?=\S)")
"""A provider's name of an error, where its words stand behind it."""
OF_PEOPLE = frozenset({"resolved", "noted", "proposed"})
"""Outcomes of a person's word: the code is what was found, the text where somebody looked."""


def attempt_word(wording: Wording, outcome: str, code: str = "") -> str:
    """The outcome, or its own name where an older catalogue has no word for it."""
    key = f"attempt.{'awaits_there' if code == AWAITS_THERE else outcome}"
    return wording.text(key) if wording.has(key) else inert(outcome)


def provider_words(wording: Wording, outcome: str, code: str, text: str) -> str:
    """What the provider said, with its code; trouble on the way to it in our own words."""
    if outcome in AS_ASKED:
        return ""
    if outcome in OF_PEOPLE:
        return " · ".join(part for part in (finding_word(wording, code), inert(text)) if part)
    if code == AWAITS_THERE:
        return wording.text("attempt.as_theirs", refund=inert(text))
    trouble = f"attempt_trouble.{code}"
    if code and wording.has(trouble):
        return wording.text(trouble)
    said = MACHINE_NAME.sub("", inert(text))
    return ", ".join(part for part in (said, inert(code)) if part)


def finding_word(wording: Wording, code: str) -> str:
    """What a person found out."""
    key = f"confirming.finding.{code}"
    return wording.text(key) if code and wording.has(key) else inert(code)
