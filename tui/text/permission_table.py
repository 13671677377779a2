"""Who may do what as a table, made from the rules themselves; for the README."""

from __future__ import annotations

from backend_client.domain.caller import PEOPLE, Action, Role
from backend_client.domain.permissions import ALLOWED, GRANTS, LIMITED, WITHOUT_WORD
from tui.text.wording import Wording

WAITING_ABOVE = frozenset({Action.REFUND})
"""What a cashier may begin above the limit too; it waits then."""


def permission_table() -> str:
    """One row an action: a mark for each role, and the words of a token that allow it."""
    wording = Wording()
    roles = [wording.text(f"role.{role.value}").capitalize() for role in PEOPLE]
    token = wording.text("who_may.token")
    rows = [f"| | {' | '.join(roles)} | {token} |", "|---" * (len(PEOPLE) + 2) + "|"]
    for action in Action:
        cells = [_mark(wording, role, action) for role in PEOPLE]
        about = wording.text(f"who_may.about.{action.value}")
        rows.append(f"| {about} | {' | '.join(cells)} | {_words(wording, action)} |")
    return "\n".join(rows)


def _mark(wording: Wording, role: Role, action: Action) -> str:
    if action not in ALLOWED[role]:
        return ""
    if role is Role.CASHIER and action in WAITING_ABOVE:
        return wording.text("who_may.waits")
    limited = role is Role.CASHIER and action in LIMITED
    return wording.text("who_may.limited") if limited else "✔"


def _words(wording: Wording, action: Action) -> str:
    if action in WITHOUT_WORD:
        return wording.text("who_may.any_token")
    return ", ".join(f"`{word}`" for word in GRANTS if action in GRANTS[word])
