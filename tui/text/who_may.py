"""Who may do what the caller may not, in words."""

from __future__ import annotations

from backend_client.domain.caller import PEOPLE, Action, Caller
from backend_client.domain.permissions import ALLOWED, allowed
from tui.text.inert import inert
from tui.text.wording import Wording


def not_theirs(wording: Wording, caller: Caller, action: Action) -> str:
    """Why this caller may not, and who may; empty when the caller may."""
    if allowed(caller, action):
        return ""
    return wording.text(f"who_may.{action.value}", **whose(wording, caller, action))


def whose(wording: Wording, caller: Caller, action: Action) -> dict[str, str]:
    """Who asks, what they are, and which roles may: what a refusal in words is made of."""
    roles = [wording.text(f"role.{role.value}") for role in PEOPLE if action in ALLOWED[role]]
    return {
        "operator": inert(caller.operator),
        "role": wording.text(f"role.{caller.role.value}"),
        "who": ", ".join(roles),
    }
