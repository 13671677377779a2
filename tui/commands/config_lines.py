"""How `config check` tells of one thing a house names: what was found, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.text.columns import table
from tui.text.inert import inert
from tui.text.problems import refusal_text

if TYPE_CHECKING:
    from backend_client.domain.problems import Refused
    from backend_client.providers.credentials import Credential
    from tui.text.wording import Wording

Fact = tuple[str, str]
FOUND = "command.config.found"


def told(wording: Wording, head: str, facts: Sequence[Fact], refused: Refused | None) -> list[str]:
    """A head, the facts below it, and why it cannot be used at the end."""
    lines = [head, *(f"  {line}" for line in table(facts))]
    if refused is not None:
        why = refusal_text(wording, refused)
        lines += [f"  {inert(why.message)} ({why.code})", f"  {inert(why.action)}"]
    return lines


def secret(wording: Wording, name: str, found: Credential) -> Fact:
    """Where it was found, and enough of it to be known again."""
    where = {"hint": found.secret.hint, "source": inert(found.source)}
    return wording.text("command.config.secret", name=name), wording.text(FOUND, **where)


def let_in(wording: Wording, but: str = "") -> Fact:
    """What was answered by whom we asked, where it was not simply that we may come in."""
    said = inert(but) or wording.text("command.config.let_in")
    return wording.text("command.config.reached"), said
