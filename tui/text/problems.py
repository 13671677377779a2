"""Refusals, warnings and verdicts in words; a catalogue may override the English of the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from backend_client.domain.problems import PROBLEMS, Refused, Retry, fill
from backend_client.domain.texts import clean_text
from tui.text.dates import Dates
from tui.text.given_back import refunds_by_line
from tui.text.money import money
from tui.text.program import called
from tui.text.wording import Wording

if TYPE_CHECKING:
    from backend_client.domain.legs import Refund
    from backend_client.domain.plan import Notice
    from backend_client.domain.refundability import LineVerdict

LONGEST_DETAIL = 300


class ProblemText(NamedTuple):
    """What happened, whether money moved, what to do next."""

    code: str
    message: str
    money_moved: str
    action: str


def problem_text(wording: Wording, code: str, details: Mapping[str, object]) -> ProblemText:
    """The problem `code` in words. Details come from data too, so they are made inert here."""
    problem = PROBLEMS[code]
    now = _instant(details.get("now"))
    shown = {key: _shown(wording, key, _inert(value), now) for key, value in details.items()}
    shown["program"] = called()
    asked = f"who_may.about.{details.get('action')}"
    if wording.has(asked):
        shown["action_name"] = wording.text(asked)
    action = "action_minor" if details.get("unit") == "minor" else "action"
    return ProblemText(
        code,
        fill(_template(wording, code, "message", problem.message), shown),
        wording.text(f"command.money_moved.{problem.money_moved.value}"),
        fill(_template(wording, code, action, problem.action), shown),
    )


def refusal_text(wording: Wording, refused: Refused) -> ProblemText:
    return problem_text(wording, refused.code, refused.details)


def notice_text(wording: Wording, notice: Notice, currency: str) -> ProblemText:
    """A warning of a plan in words."""
    details: dict[str, object] = {
        "sequences": notice.sequences,
        "amount": money(notice.amount_minor, currency),
    }
    if notice.sequences:
        details |= {"required": notice.sequences, "gone": notice.sequences}
    return problem_text(wording, notice.code, details)


def verdict_text(wording: Wording, verdict: LineVerdict, refunds: Iterable[Refund] = ()) -> str:
    """Why a line cannot go back; empty when it can.

    A line in one of `refunds` is named with it and with where its money is: what is promised is
    not given back yet.
    """
    if verdict.refundable:
        return ""
    is_taken = verdict.code == "already-refunded"
    refund = refunds_by_line(refunds).get(verdict.sequence) if is_taken else None
    if refund is not None:
        status = wording.text(f"refund_status.{refund.status.value}")
        return wording.text(
            "line_in_refund", line=verdict.sequence, refund=refund.number, status=status
        )
    details = {"sequences": [verdict.sequence], **verdict.details}
    return problem_text(wording, verdict.code, details).message


def why_closed(wording: Wording, code: str) -> str:
    """Why nothing goes to a destination, in the few words there is room for."""
    key = f"screen.method.why.{code}"
    return wording.text(key) if wording.has(key) else PROBLEMS[code].message


def refusal_json(wording: Wording, refused: Refused) -> dict[str, object]:
    """A refusal for a program. Retryable means: the same command again may work as it is; what
    needs a look at the booking first is not."""
    text = refusal_text(wording, refused)
    return {
        "code": refused.code,
        "message": text.message,
        "money_moved": refused.problem.money_moved.value,
        "action": text.action,
        "retryable": refused.problem.retry is Retry.NOW,
        "details": refused.details,
    }


def _template(wording: Wording, code: str, part: str, english: str) -> str:
    key = f"problem.{code}.{part}"
    return wording.template(key) if wording.has(key) else english


def _shown(wording: Wording, key: str, value: object, now: datetime | None) -> object:
    """Instants in the house's zone, without the day where it is that of `now`, and states in the
    window's words; the rest as it is."""
    at = _instant(value) if key == "at" else None
    if at is not None:
        dates = Dates(wording.zone, wording)
        return dates.near(at, now) if now is not None else dates.short(at)
    if key == "role" and wording.has(f"role.{value}"):
        return wording.text(f"role.{value}")
    if key == "state":
        names = (f"leg_state.{value}", f"line_state.{value}")
        return next((wording.text(name) for name in names if wording.has(name)), value)
    return value


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _inert(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value, LONGEST_DETAIL)
    if isinstance(value, list | tuple):
        return [_inert(one) for one in value]
    return value
