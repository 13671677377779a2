"""What keeps payments and mail from going out just now, in words for the status line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from tui.text.names import provider_name
from tui.text.problems import refusal_text
from tui.text.program import called
from tui.text.wording import Wording

if TYPE_CHECKING:
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.mailing import MailRun

LONGEST_NAME = 40
QUIET_ROUNDS = 24
"""So many rounds in which nothing was due say nothing about a provider: longer than any payment
is left alone."""


class Troubles:
    """The troubles that last; each `of_…` takes a round in and answers with the text before it."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._payments = ""
        self._was_refused = False
        self._quiet = 0
        self._mail = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self._payments, self._mail) if part)

    def of_payments(self, result: DriveReport | Refused) -> str:
        before = self.text
        is_over = self._was_refused or not _is_quiet(result)
        self._was_refused = isinstance(result, Refused)
        self._quiet = 0 if is_over else self._quiet + 1
        if self._quiet in (0, QUIET_ROUNDS):
            self._payments = self._of_payments(result)
        return before

    def of_mail(self, result: MailRun | Refused) -> str:
        before = self.text
        self._mail = self._refusal("mail", result) if isinstance(result, Refused) else ""
        return before

    def _of_payments(self, result: DriveReport | Refused) -> str:
        if isinstance(result, Refused):
            return self._refusal("payments", result)
        if result.discrepancies:
            return self._wording.text("screen.troubles.differs", program=called())
        if result.no_provider:
            gone = ", ".join(_names(result.no_provider))
            return self._wording.text("screen.troubles.no_provider", provider=gone)
        paused = self._named(result.paused)
        return self._wording.text("screen.troubles.paused", provider=paused) if paused else ""

    def _named(self, providers: Iterable[str]) -> str:
        return ", ".join(provider_name(self._wording, name) for name in _names(providers))

    def _refusal(self, what: str, refused: Refused) -> str:
        why = refusal_text(self._wording, refused).message
        return self._wording.text(f"screen.troubles.{what}", why=why)


def _is_quiet(result: DriveReport | Refused) -> bool:
    """Was nobody asked anything?"""
    return not isinstance(result, Refused) and not (
        result.looked or result.checked or result.paused or result.discrepancies
    )


def _names(providers: Iterable[str]) -> list[str]:
    """As the settings have them."""
    return [clean_text(name, LONGEST_NAME) for name in sorted(providers)]
